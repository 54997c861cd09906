"""A notice is promised only where it will arrive; elsewhere people are told how to see for themselves."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from db.base import table
from db.booking import Slot
from db.people import Identity
from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import planning
from services.messaging import Message
from tests.cast import NOON, Guest
from tests.services.events.town import Town

REMINDED, BY_THEMSELVES = "前一天我会提醒您", "随时发“我的活动”"


class Office:
    """One channel reaches people at any time: Telegram. One of two events is full, and so is every day."""

    def __init__(self, house: Database, desk: Desk, templates: bool = False):
        self.house, self.town = house, Town(house)
        one = frozenset({"telegram"})
        reaching = replace(
            desk, channels_that_reach=one | {"wechat"} if templates else one, channels_of_news=one
        )
        self.dispatch = Dispatch(house, reaching, clock=lambda: NOON)
        self.free, self.full = self.town.published(), self.town.published(capacity=1)
        self.town.joins(self.full, self.town.person("first"))
        house.run_now(lambda session: planning.plan_ahead(session, desk.booking, NOON))
        slots = table(Slot)
        house.run_now(lambda session: session.execute(update(slots).values(booked=slots.c.capacity)))

    def guest(self, channel: str) -> Guest:
        return Guest(self.dispatch, "chen", channel)

    async def told(self, guest: Guest) -> tuple[Message, Message, Message]:
        """Signed up for one event, waiting for the other, and for a day at the counter."""
        signed = await guest.choose(f"event.join:{self.free}")
        waiting = await guest.choose(f"event.wait:{self.full}")
        return signed, waiting, await guest.choose("book.join:silver:first:2026-12-02")


@pytest.fixture
def office(house: Database, desk: Desk) -> Office:
    return Office(house, desk)


async def test_where_a_notice_arrives_at_any_time_it_is_promised(office: Office) -> None:
    signed, waiting, queued = await office.told(office.guest("telegram"))
    assert REMINDED in signed.text
    assert BY_THEMSELVES not in signed.text
    assert "我马上告诉您，给您留" in waiting.text
    assert "我马上告诉您，给您留 2 小时考虑。" in queued.text


@pytest.mark.parametrize("channel", ["web", "wechat"])
async def test_where_it_may_not_arrive_people_are_told_where_to_look(office: Office, channel: str) -> None:
    signed, waiting, queued = await office.told(office.guest(channel))
    assert REMINDED not in signed.text
    assert BY_THEMSELVES in signed.text
    for said, where in ((waiting, "我的活动"), (queued, "我的预约")):
        assert "马上告诉您" not in said.text
        assert f"请常来发“{where}”看看" in said.text


async def test_whoever_writes_in_the_web_chat_is_reached_where_else_they_are(office: Office) -> None:
    there = office.town.person("chen")
    rows = update(table(Identity)).where(Identity.person_id == office.town.person("chen", "web"))
    office.house.run_now(lambda session: session.execute(rows.values(person_id=there)))
    signed, *_ = await office.told(office.guest("web"))
    assert REMINDED in signed.text


@pytest.mark.parametrize(("channel", "in_time"), [("telegram", True), ("wechat", False), ("web", False)])
async def test_news_are_promised_only_where_a_broadcast_arrives(
    house: Database, desk: Desk, channel: str, in_time: bool
) -> None:
    """WeChat's templates carry what concerns one person, and nothing that goes to many."""
    taken = await Office(house, desk, templates=True).guest(channel).choose("subscribe:booking")
    assert "就告诉您" in taken.text
    assert ("不一定能及时送到" not in taken.text) is in_time
