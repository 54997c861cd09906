"""Places in an event: never more than there are, offered in order, given back by whoever is erased."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.events import Event, Signup
from services import event_reports, events, joining, privacy, signups
from services.event_terms import (
    EventFull,
    NoSuchEvent,
    NotNow,
    NotSignedUp,
    PlaceGone,
    SignupOver,
    SignupStatus,
)
from services.staff import Role
from tests.services.events.town import START, Town


def check_places(town: Town) -> None:
    """`taken` is what stands in the rows."""
    placed = [one.value for one in SignupStatus if one.has_place]
    rows = (
        select(Event.taken, func.count(Signup.id), Event.capacity)
        .outerjoin(Signup, (Signup.event_id == Event.id) & Signup.status.in_(placed))
        .group_by(Event.id)
    )
    for taken, there, capacity in town.read(lambda s: s.execute(rows).all()):
        assert taken == there <= capacity


async def test_forty_people_at_once_get_the_places_there_are_and_no_more(towns: Town) -> None:
    number, people = towns.published(capacity=7), towns.people(40)

    async def comes(person: int) -> bool:
        try:
            await towns.database.run(lambda s: signups.sign_up(s, number, person, towns.now) and None)
        except EventFull:
            return False
        return True

    assert sum(await asyncio.gather(*map(comes, people))) == 7
    check_places(towns)


async def test_one_person_on_two_channels_at_once_has_one_place(towns: Town) -> None:
    number, (chen,) = towns.published(), towns.people(1)
    await asyncio.gather(
        *(
            towns.database.run(lambda s: signups.sign_up(s, number, chen, towns.now) and None)
            for _ in range(8)
        )
    )
    assert towns.event(number).taken == 1
    check_places(towns)


async def test_giving_up_and_waiting_at_once_leaves_no_place_unused_while_somebody_waits(towns: Town) -> None:
    number, people = towns.published(capacity=5), towns.people(15)
    for person in people[:5]:
        towns.joins(number, person)
    await asyncio.gather(
        *(
            towns.database.run(
                lambda s, p=person: signups.give_up(s, towns.desk, number, p, towns.now) and None
            )
            for person in people[:5]
        ),
        *(
            towns.database.run(lambda s, p=person: signups.join_line(s, number, p, towns.now) and None)
            for person in people[5:]
        ),
    )
    check_places(towns)
    statuses = [towns.status(number, person) for person in people[5:]]
    assert statuses.count("waiting") == 5
    assert towns.event(number).taken == 5


def test_a_freed_place_is_kept_for_the_first_in_line_and_passes_on(town: Town) -> None:
    number, (chen, li, wang, zhao) = town.published(capacity=1), town.people(4)
    assert town.joins(number, chen) == "signed_up"
    with pytest.raises(EventFull):
        town.joins(number, li)
    assert town.waits(number, li) == "waiting"
    town.wait(minutes=1)
    assert town.waits(number, wang) == "waiting"
    assert town.read(lambda s: signups.before(s, signups.of(s, number, wang))) == 1  # type: ignore[arg-type]
    town.leaves(number, chen)
    assert town.status(number, li) == "offered"
    with pytest.raises(EventFull):
        town.joins(number, zhao)
    town.wait(hours=3)
    with pytest.raises(PlaceGone):
        town.do(signups.accept, number, li)
    town.tick()
    assert (town.status(number, li), town.status(number, wang)) == ("lapsed", "offered")
    assert town.do(signups.accept, number, wang).status == "signed_up"
    assert len(town.told("offered")) == 2
    assert len(town.told("lapsed")) == 1
    check_places(town)


def test_an_offer_made_at_night_runs_from_the_morning(town: Town) -> None:
    number, (chen, li) = town.published(capacity=1), town.people(2)
    town.joins(number, chen)
    town.waits(number, li)
    town.wait(hours=11)  # 23:00
    town.leaves(number, chen)
    kept = town.read(signups.of, number, li).offer_until
    assert kept.astimezone(town.desk.zone).strftime("%d %H:%M") == "25 10:00"


def test_what_is_past_its_deadline_or_not_public_takes_nobody(town: Town) -> None:
    (chen,) = town.people(1)
    draft = town.submitted()
    with pytest.raises(NoSuchEvent):
        town.joins(draft, chen)
    number = town.published(title="另一场")
    town.now = START - timedelta(hours=23)
    with pytest.raises(SignupOver):
        town.joins(number, chen)
    with pytest.raises(SignupOver):
        town.waits(number, chen)
    with pytest.raises(NotSignedUp):
        town.leaves(number, chen)


def test_coming_again_after_leaving_is_welcome(town: Town) -> None:
    number, (chen,) = town.published(), town.people(1)
    for _ in range(3):
        assert town.joins(number, chen) == "signed_up"
        town.leaves(number, chen)
    assert town.event(number).taken == 0


def test_the_door_opens_an_hour_before_and_lets_in_who_did_not_sign_up_while_there_is_room(
    town: Town,
) -> None:
    number, (chen, li, wang) = town.published(capacity=2), town.people(3)
    town.joins(number, chen)
    with pytest.raises(NotNow):
        town.do(signups.check_in, town.desk, number, chen)
    town.now = START - timedelta(minutes=50)
    for person in (chen, li, chen):
        assert town.do(signups.check_in, town.desk, number, person).status == "attended"
    with pytest.raises(NotSignedUp):
        town.do(signups.check_in, town.desk, number, wang)
    check_places(town)


def test_whoever_is_erased_gives_the_place_to_the_next(town: Town) -> None:
    number, (chen, li) = town.published(capacity=1), town.people(2)
    town.joins(number, chen)
    town.waits(number, li)
    town.do(signups.forget, town.desk, chen)
    town.do(privacy.erase, chen)
    assert town.status(number, li) == "offered"
    check_places(town)


def test_more_places_are_offered_to_those_who_wait(town: Town) -> None:
    number, people = town.published(capacity=1), town.people(3)
    town.joins(number, people[0])
    for person in people[1:]:
        town.waits(number, person)
    town.do(events.change, town.desk, number, town.draft(capacity=3), town.colleague("何审核", Role.REVIEWER))
    assert [town.status(number, person) for person in people[1:]] == ["offered", "offered"]
    assert town.told("changed") == [], "more places are no change for those who come"
    check_places(town)


@pytest.mark.parametrize(
    ("leaving", "staying", "kept", "taken"),
    [
        ("joins", "joins", "signed_up", 1),
        ("joins", "cancels", "signed_up", 1),
        ("cancels", "cancels", "cancelled", 0),
        ("cancels", "joins", "signed_up", 1),
    ],
)
def test_of_two_channels_places_one_stays(
    towns: Town, leaving: str, staying: str, kept: str, taken: int
) -> None:
    number, (old, own) = towns.published(), towns.people(2)
    for person, does in ((old, leaving), (own, staying)):
        towns.joins(number, person)
        if does == "cancels":
            towns.leaves(number, person)
    assert towns.read(joining.twice, old, own) == ""
    towns.do(joining.join, old, own)
    assert towns.status(number, own) == kept
    assert towns.event(number).taken == taken
    check_places(towns)


def test_a_place_that_two_channels_had_goes_to_the_next_in_line(towns: Town) -> None:
    number, (old, own, li) = towns.published(capacity=2), towns.people(3)
    towns.joins(number, old), towns.joins(number, own), towns.waits(number, li)
    towns.do(joining.join, old, own)
    towns.tick()
    assert towns.status(number, li) == "offered"
    check_places(towns)


def test_who_waits_on_two_channels_keeps_the_place_in_front(town: Town) -> None:
    number, (chen, own, li, old) = town.published(capacity=1), town.people(4)
    town.joins(number, chen)
    for person in (own, li, old):
        town.waits(number, person)
        town.wait(minutes=1)
    town.do(joining.join, old, own)
    assert town.read(lambda s: signups.before(s, signups.of(s, number, own))) == 0  # type: ignore[arg-type]


def test_nobody_takes_a_free_place_before_those_who_wait(town: Town) -> None:
    number, (old, own, li, zhao) = town.published(capacity=2), town.people(4)
    town.joins(number, old), town.joins(number, own), town.waits(number, li)
    town.do(joining.join, old, own)
    assert town.event(number).taken == 1
    with pytest.raises(EventFull):
        town.joins(number, zhao)
    town.tick()
    assert town.status(number, li) == "offered"


def test_once_it_is_over_only_those_who_came_keep_their_places(town: Town) -> None:
    number, (chen, li) = town.published(), town.people(2)
    town.joins(number, chen), town.joins(number, li)
    town.now = START
    town.do(signups.check_in, town.desk, number, chen)
    town.now = START + timedelta(hours=2)
    town.tick()
    assert town.status(number, li) == "missed"
    check_places(town)
    town.do(signups.check_in, town.desk, number, li)
    assert town.status(number, li) == "attended"
    check_places(town)


def test_who_was_there_is_forgotten_in_time_and_how_many_were_is_not(town: Town) -> None:
    number, (chen, li) = town.published(), town.people(2)
    town.joins(number, chen)
    town.joins(number, li)
    end = START + timedelta(hours=2)
    assert town.read(lambda s: signups.forget_old(s, end)) == 0
    assert town.read(lambda s: signups.forget_old(s, end + timedelta(seconds=1))) == 2
    assert town.read(lambda s: signups.told_of(s, chen)) == []
    assert town.read(lambda s: event_reports.report(s, number)).counts["signed_up"] == 2
