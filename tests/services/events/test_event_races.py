"""What people and colleagues do while a tick looks at an event, or two channels become one, is seen by it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from db.events import Signup
from services import event_ticks, events, joining, signups
from services.staff import MACHINE
from tests.races import before_the_commit_of
from tests.services.events.town import START, Town

DAY = timedelta(days=1)


def while_a_tick_looks(town: Town, work: Any, *rest: Any) -> None:
    before_the_commit_of(
        town.database,
        lambda s: work(s, *rest, town.now),
        lambda s: event_ticks.advance(s, town.desk, town.now),
    )
    town.tick()


def due(town: Town) -> tuple[int, int]:
    """An event that begins in a day, and somebody who is to be reminded of it."""
    number, chen = town.published(), town.person("chen")
    town.joins(number, chen)
    town.now = START - DAY
    return number, chen


def test_who_leaves_at_that_moment_is_not_reminded(towns: Town) -> None:
    number, chen = due(towns)
    while_a_tick_looks(towns, signups.give_up, towns.desk, number, chen)
    assert [status for _, status in towns.told("remind") if status == "queued"] == []


def test_nobody_is_reminded_of_what_is_cancelled_at_that_moment(towns: Town) -> None:
    number, _ = due(towns)
    while_a_tick_looks(towns, events.cancel, towns.desk, number, MACHINE)
    assert [status for _, status in towns.told("remind") if status == "queued"] == []
    assert [status for _, status in towns.told("cancelled")] == ["queued"]


def test_nobody_is_reminded_of_a_time_that_is_changed_at_that_moment(towns: Town) -> None:
    number, _ = due(towns)
    later = towns.draft(starts_at=START + DAY, ends_at=START + DAY + timedelta(hours=2))
    while_a_tick_looks(towns, events.change, towns.desk, number, later, MACHINE)
    assert towns.told("remind") == []
    towns.now = START
    towns.tick()
    assert [status for _, status in towns.told("remind")] == ["queued"]


def test_what_is_put_off_at_its_end_is_not_held(towns: Town) -> None:
    number, _ = due(towns)
    towns.now = START + timedelta(hours=2)
    later = towns.draft(starts_at=START + DAY, ends_at=START + DAY + timedelta(hours=2))
    while_a_tick_looks(towns, events.change, towns.desk, number, later, MACHINE)
    assert towns.event(number).status == "published"


def test_a_place_that_is_offered_while_two_channels_are_linked_is_not_lost(towns: Town) -> None:
    number = towns.published()
    li, chen, other = towns.person("li"), towns.person("chen"), towns.person("chen", "wechat")
    towns.joins(number, li), towns.joins(number, chen), towns.waits(number, other)
    before_the_commit_of(
        towns.database,
        lambda s: signups.give_up(s, towns.desk, number, li, towns.now),
        lambda s: joining.join(s, other, chen, towns.now),
    )
    stands = select(Signup.status).where(Signup.person_id == chen)
    assert towns.read(lambda s: s.execute(stands).scalars().all()) == ["signed_up"]
    assert towns.event(number).taken == 1
