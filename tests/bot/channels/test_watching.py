"""看进度 on Telegram: one message that is changed in its place as the campaign goes, and nothing else for it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.channels.telegram import TelegramChannel
from bot.watching import Watching
from db.delivery import Delivery
from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import campaign_runs, delivery, outgoing, staff
from services.delivery import DeliveryStatus
from services.messaging import DeliveryError, Message
from services.outgoing import Settled
from services.staff import Role
from tests.bot.channels.fake_telegram import Call, FakeTelegram
from tests.bot.channels.telegram_house import hooked
from tests.cast import NOON, Guest
from tests.services.campaigns.public import Public


class Watched:
    """A campaign to four people that runs, a colleague on Telegram who watches it, and the tick."""

    def __init__(self, house: Database, desk: Desk, channel: TelegramChannel, telegram: FakeTelegram):
        desk = replace(desk, channels_that_edit=frozenset({"telegram"}))
        self.house, self.channel, self.telegram = house, channel, telegram
        self.public = Public(house)
        self.guest = Guest(Dispatch(house, desk, clock=lambda: self.public.now), "7", "telegram")
        self.watching = Watching(house, {"telegram": channel}, desk)

    async def begin(self) -> Message:
        token = self.house.run_now(lambda s: staff.invite(s, "王敏", Role.EDITOR, NOON))
        await self.guest.say(f"登录 {token}")
        self.public.people(3)
        self.public.approved()
        self.public.tick()
        return await self.guest.choose("staff.campaign.watch:1")

    async def send(self, limit: int, **how: bool) -> None:
        """What is due goes out: singles first, so the card comes before the campaign."""
        claimed = self.public.do(lambda s, now: outgoing.claim(s, "telegram", now, limit, "w", **how))
        done = []
        for one in claimed:
            number = (await self.channel.send(one.address, one.message)).message_id if not one.bulk else "1"
            done.append(Settled(one.id, DeliveryStatus.SENT, "", number, attempts=1))
        self.public.do(lambda s, now: outgoing.settle(s, "w", done, now))

    async def tick(self, seconds: float = 3) -> None:
        self.public.wait(seconds=seconds)
        await self.watching.tick(self.public.now)

    def edits(self) -> list[Call]:
        return [call for call in self.telegram.calls if call.method == "editMessageText"]


@pytest.fixture
async def watched(house: Database, desk: Desk, telegram: FakeTelegram) -> AsyncIterator[Watched]:
    async with hooked(telegram) as running:
        yield Watched(house, desk, running.channel, telegram)


async def test_the_message_goes_on_by_itself_until_the_campaign_is_over(watched: Watched) -> None:
    assert "会自己更新" in (await watched.begin()).text
    await watched.send(1)
    (card,) = [call for call in watched.telegram.calls if call.method == "sendMessage"]
    assert "0 / 4" in str(card.fields["text"])
    for part in range(2):
        await watched.send(2)
        await watched.tick()
        assert f"{2 * part + 2} / 4" in str(watched.edits()[-1].fields["text"])
    assert {str(call.fields["message_id"]) for call in watched.edits()} == {"1"}
    assert watched.public.counts(1) == {"sent": 4}
    watched.public.tick()
    await watched.tick()
    assert "已发完" in str(watched.edits()[-1].fields["text"])
    assert "几秒更新一次" not in str(watched.edits()[-1].fields["text"])
    await watched.tick()
    assert len(watched.edits()) == 3


async def test_what_has_not_changed_is_not_said_again(watched: Watched) -> None:
    await watched.begin()
    await watched.send(1)
    for _ in range(5):
        await watched.tick()
    assert len(watched.edits()) == 1
    watched.telegram.refuse("editMessageText", 400, description="Bad Request: message is not modified")
    await watched.tick(60)
    await watched.tick(60)
    assert len(watched.edits()) == 3


async def test_it_stands_still_after_an_hour(watched: Watched) -> None:
    await watched.begin()
    await watched.send(1)
    await watched.tick(3601)
    assert "几秒更新一次" not in str(watched.edits()[-1].fields["text"])
    await watched.tick(60)
    assert len(watched.edits()) == 1


async def test_a_pause_that_is_asked_for_is_kept(watched: Watched) -> None:
    await watched.begin()
    await watched.send(1)
    watched.telegram.refuse("editMessageText", 429, retry_after=30)
    await watched.tick()
    await watched.tick()
    assert len(watched.edits()) == 1


async def test_a_message_that_is_gone_is_left_alone(watched: Watched) -> None:
    await watched.begin()
    await watched.send(1)
    watched.telegram.refuse("editMessageText", 400, description="Bad Request: message to edit not found")
    await watched.tick()
    await watched.tick(60)
    assert len(watched.edits()) == 1


async def test_the_newest_is_the_one_that_goes_on(watched: Watched) -> None:
    await watched.begin()
    await watched.send(1)
    watched.public.wait(seconds=1)
    await watched.guest.choose("staff.campaign.watch:1")
    await watched.send(1)
    await watched.tick()
    assert [str(call.fields["message_id"]) for call in watched.edits()] == ["2"]


async def test_who_asks_at_night_gets_it_at_night(watched: Watched) -> None:
    await watched.begin()
    await watched.send(9, quiet=True)
    assert [call.method for call in watched.telegram.calls].count("sendMessage") == 1
    assert watched.public.counts(1) == {"queued": 4}


async def test_two_processes_change_a_message_once(watched: Watched) -> None:
    await watched.begin()
    await watched.send(1)
    await watched.tick()
    other = Watching(watched.house, {"telegram": watched.channel}, watched.guest.dispatch._desk)  # type: ignore[attr-defined]
    await other.tick(watched.public.now)
    assert len(watched.edits()) == 1


async def test_an_edit_that_names_nothing_is_refused(watched: Watched) -> None:
    for address, number in (("x", "1"), ("7", "")):
        with pytest.raises(DeliveryError) as told:
            await watched.channel.edit(address, number, Message("好"))
        assert told.value.permanent


async def test_a_campaign_that_does_not_run_is_shown_once(watched: Watched) -> None:
    await watched.begin()
    watched.public.do(lambda s, now: campaign_runs.cancel(s, 1, "command", now))
    rows = select(Delivery.reason).where(Delivery.reason == delivery.WATCH)
    told = await watched.guest.choose("staff.campaign.watch:1")
    assert "░" in told.text
    assert len(watched.public.read(lambda s: s.execute(rows).all())) == 1


async def test_whoever_is_no_colleague_any_more_sees_no_further(watched: Watched) -> None:
    await watched.begin()
    await watched.send(1)
    watched.public.do(lambda s, now: staff.leave(s, 1, now))
    await watched.send(2)
    await watched.tick()
    assert watched.edits() == []
