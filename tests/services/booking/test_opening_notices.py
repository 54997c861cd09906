"""That booking has opened is told to those who asked for it: once for each opening, while it is of use, never stale."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db.base import table
from db.booking import BookingCycle, Slot
from db.campaigns import Campaign
from db.delivery import Delivery
from db.session import Database
from services import campaign_runs, conversations, opening_notices, outgoing, planning, subscriptions
from services.calendar import Notice
from services.campaign_terms import CampaignDesk
from services.messaging import Update
from tests.services.booking.office import NOW, PLAN, Office, opened

BEFORE = datetime(2026, 11, 20, 2, tzinfo=UTC)  # the Friday before it opens
OPENS = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday, nine in the morning
BY = CampaignDesk()


@pytest.fixture
def early(house: Database) -> Office:
    return opened(house, now=BEFORE)


def tell(office: Office, now: datetime) -> int:
    return office.read(lambda session: opening_notices.tell_opened(session, office.desk, BY, now))


def told(office: Office, *columns: Any) -> list[tuple[Any, ...]]:
    rows = select(*columns or (Campaign.origin,)).order_by(Campaign.id)
    return office.read(lambda session: [tuple(row) for row in session.execute(rows)])


def subscriber(office: Office, address: str, now: datetime = BEFORE) -> int:
    def work(session: Any) -> int:
        person = conversations.stand(session, Update("telegram", address, "1", now)).person_id
        subscriptions.subscribe(session, person, "booking", "telegram", now)
        return person

    return office.read(work)


def run_campaigns(office: Office, now: datetime) -> None:
    while office.read(lambda session: campaign_runs.advance(session, BY, now)):
        pass


def sent(office: Office, now: datetime, **how: bool) -> list[str]:
    claimed = office.read(lambda session: outgoing.claim(session, "telegram", now, 10, "w", **how))
    return [one.address for one in claimed]


def test_it_is_told_when_it_opens_and_not_again(early: Office) -> None:
    assert [tell(early, OPENS - timedelta(seconds=1)), tell(early, OPENS), tell(early, NOW)] == [0, 1, 0]
    last = datetime(2026, 12, 7, 20, 30, tzinfo=UTC)  # twelve hours before 16:30 on 8 December
    rows = told(early, Campaign.status, Campaign.topic, Campaign.useful_until, Campaign.author)
    assert rows == [("scheduled", "booking", last, "tick")]
    assert early.read(lambda s: s.execute(select(BookingCycle.told_at)).scalars().first()) == OPENS


def test_it_says_which_days_how_many_seats_and_until_when(early: Office) -> None:
    tell(early, OPENS)
    ((title, text, buttons),) = told(early, Campaign.title, Campaign.text, Campaign.buttons)
    assert title == "优才卡预约已开放"
    assert "11月25日（周三）、11月26日（周四）、12月1日（周二）" in text
    assert "银卡 48 个，金卡、钻石卡上门 18 个" in text
    assert "12月8日（周二）04:30前" in text
    assert buttons == [["办卡预约", "book"]]


async def test_however_many_workers_tick_at_once_it_is_told_once(database: Database) -> None:
    office = await asyncio.to_thread(opened, database, now=BEFORE)
    ticks = [
        database.run(lambda session: opening_notices.tell_opened(session, office.desk, BY, OPENS))
        for _ in range(8)
    ]
    assert sum(await asyncio.gather(*ticks)) == 1
    assert len(await database.read(lambda s: s.execute(select(Campaign.id)).all())) == 1


def test_only_subscribers_hear_of_it_by_day_and_on_working_days(early: Office) -> None:
    subscriber(early, "chen")
    early.read(lambda s: conversations.stand(s, Update("telegram", "li", "1", BEFORE)))
    tell(early, OPENS)
    run_campaigns(early, OPENS)
    assert sent(early, OPENS, quiet=True) == sent(early, OPENS, resting=True) == []
    assert sent(early, OPENS) == ["chen"]


def test_who_asks_on_the_day_is_told_and_who_asks_later_waits_for_the_next_one(early: Office) -> None:
    tell(early, OPENS)
    run_campaigns(early, OPENS)
    subscriber(early, "chen", OPENS)
    run_campaigns(early, OPENS + timedelta(hours=1))
    assert sent(early, OPENS + timedelta(hours=1)) == ["chen"]
    tomorrow = OPENS + timedelta(days=1)
    subscriber(early, "li", tomorrow)
    run_campaigns(early, tomorrow)
    assert sent(early, tomorrow) == []


def test_after_a_day_of_silence_it_is_told_of_what_is_left(early: Office) -> None:
    late = datetime(2026, 11, 26, 2, tzinfo=UTC)  # both days of this week are past booking
    assert tell(early, late) == 1
    ((text,),) = told(early, Campaign.text)
    assert "11月" not in text
    assert "银卡 32 个" in text


def test_once_nothing_can_be_booked_any_more_nobody_is_told(early: Office) -> None:
    """Of two openings that passed while the service was down, the one under way is told."""
    assert tell(early, datetime(2026, 12, 8, 0, tzinfo=UTC)) == 1
    assert early.read(lambda s: s.execute(select(BookingCycle.told_at)).scalars().all())[:2] == [
        None,
        datetime(2026, 12, 8, 0, tzinfo=UTC),
    ]


def test_an_opening_whose_days_were_all_closed_is_not_told(early: Office) -> None:
    early.read(lambda s: s.execute(update(table(Slot)).values(closed_at=BEFORE)))
    assert tell(early, OPENS) == 0
    assert told(early) == []


def test_what_waits_until_it_is_too_late_does_not_go_out(early: Office) -> None:
    subscriber(early, "chen")
    tell(early, OPENS)
    run_campaigns(early, OPENS)
    too_late = datetime(2026, 12, 8, 2, tzinfo=UTC)
    assert sent(early, too_late) == []
    assert early.read(lambda s: s.execute(select(Delivery.status)).scalars().all()) == ["expired"]


def test_a_service_set_up_while_one_is_open_speaks_of_the_next_one(office: Office) -> None:
    assert tell(office, NOW) == 0
    assert tell(office, NOW + timedelta(days=14)) == 1


def test_full_is_said_with_the_way_into_the_line(house: Database) -> None:
    one_seat = replace(PLAN, weekdays=(3,), times=(time(9),), visit_times=())
    office = opened(house, one_seat, now=BEFORE)
    for day in (date(2026, 11, 25), date(2026, 12, 2)):
        office.book(office.person(), office.slots(day)[0], now=OPENS)
    tell(office, OPENS)
    ((text,),) = told(office, Campaign.text)
    assert "约满" in text
    assert "排队" in text


def test_days_that_change_afterwards_are_not_told_again(early: Office) -> None:
    tell(early, OPENS)
    early.do(planning.import_notice, Notice(days={date(2026, 11, 25): False}), "staff:1", now=NOW)
    assert early.do(planning.plan_ahead, now=NOW).days_closed == 1
    assert tell(early, NOW) == 0


def test_one_that_is_not_firm_is_told_once_it_is(early: Office) -> None:
    """Of 4 January nobody knows whether it is a working day until the arrangements for 2027 are published."""
    now = datetime(2027, 1, 4, 2, tzinfo=UTC)
    earlier = update(table(BookingCycle)).where(BookingCycle.opens_on < date(2027, 1, 4))
    early.read(lambda s: s.execute(earlier.values(told_at=BEFORE)))
    assert tell(early, now) == 0
    early.do(planning.import_notice, Notice(frozenset({2027})), "staff:1", now=now)
    early.do(planning.plan_ahead, now=now)
    assert tell(early, now) == 1
