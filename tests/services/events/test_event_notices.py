"""What people hear of events unasked: what holds for them now, once, and nothing that another word has overtaken."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.campaigns import Campaign
from services import events, signups
from services.event_terms import BadEvent, EventChanged
from services.staff import Role
from tests.services.events.town import START, Town


def moved(town: Town, number: int, **by: float) -> None:
    """The same event, so much later, and its deadline with it."""
    starts = town.event(number).starts_at + timedelta(**by)
    times = {
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "sign_up_until": starts - timedelta(days=1),
    }
    change(town, number, **times)


def change(town: Town, number: int, **more: object) -> None:
    draft = town.draft(**more)
    town.do(events.change, town.desk, number, draft, town.colleague("何审核", Role.REVIEWER))


def one_place(town: Town) -> tuple[int, int, int, int]:
    """陈 has it, 李 waits for it, and 王 after her."""
    number, (chen, li, wang) = town.published(capacity=1), town.people(3)
    town.joins(number, chen)
    for person in (li, wang):
        town.waits(number, person)
        town.wait(minutes=1)
    return number, chen, li, wang


def test_a_change_tells_each_where_they_stand_in_it(town: Town) -> None:
    number, chen, _li, _ = one_place(town)
    moved(town, number, hours=1)
    mine, waiting, after = town.words("changed")
    assert "您的名额还在" in mine
    assert all("排着队" in one and "名额还在" not in one for one in (waiting, after))
    town.leaves(number, chen)
    moved(town, number, hours=1)
    offered, waiting = town.words("changed")
    assert "给您留的名额还在，留到" in offered
    assert town.words("offered") == [], "the change says it, with the new time"


def test_a_new_title_is_told_beside_the_one_that_people_know(town: Town) -> None:
    one_place(town)
    change(town, 1, title="经纶江海：夜话", capacity=1)
    assert "“经纶江海：青年博士沙龙”改名叫“经纶江海：夜话”了" in town.words("changed")[0]


def test_an_offer_does_not_outlast_an_earlier_beginning(town: Town) -> None:
    number, chen, li, _ = one_place(town)
    town.now = START - timedelta(hours=3)
    town.leaves(number, chen)
    moved(town, number, hours=-2)
    assert town.read(signups.of, number, li).offer_until == START - timedelta(hours=2)


def test_of_two_changes_in_a_night_the_second_is_told(town: Town) -> None:
    number, *_ = one_place(town)
    for hour in (1, 2):
        moved(town, number, hours=hour)
    assert len(town.words("changed")) == 3
    assert len(town.told("changed")) == 6


def test_who_leaves_hears_no_more_of_it_whatever_was_changed_before(town: Town) -> None:
    number, chen, *_ = one_place(town)
    town.now = START - timedelta(hours=23)
    town.tick()
    change(town, number, text="茶歇", capacity=1)
    assert len(town.words("remind")) == 1
    town.leaves(number, chen)
    assert town.words("remind") == []


def test_one_that_is_put_off_is_remembered_again_the_day_before_once(town: Town) -> None:
    number, *_ = one_place(town)
    town.now = START - timedelta(hours=23)
    town.tick()
    assert len(town.told("remind")) == 1
    moved(town, number, days=7)
    town.tick()
    assert town.words("remind") == []
    town.wait(days=7)
    for _ in range(2):
        town.tick()
    assert len(town.words("remind")) == 1


def test_who_hears_of_a_change_less_than_a_day_before_needs_no_reminder(town: Town) -> None:
    number, *_ = one_place(town)
    moved(town, number, days=-6, hours=-12)
    town.tick()
    assert (len(town.words("changed")), town.told("remind")) == (3, [])


def test_who_takes_an_offer_on_the_last_day_was_not_promised_a_reminder(town: Town) -> None:
    number, chen, li, _ = one_place(town)
    town.now = START - timedelta(hours=20)
    town.leaves(number, chen)
    town.do(signups.accept, number, li)
    town.tick()
    assert town.told("remind") == []
    assert town.words("offered") == [], "it was taken before it went out"


def test_of_a_cancelled_one_nothing_else_is_told(town: Town) -> None:
    number, chen, _li, _ = one_place(town)
    town.leaves(number, chen)
    town.do(events.cancel, town.desk, number, town.colleague("何审核", Role.REVIEWER))
    assert len(town.words("cancelled")) == 2
    assert town.words("offered") == []
    assert town.event(number).taken == 0
    town.wait(days=1)
    town.tick()
    assert town.told("lapsed") == []
    statuses = select(Campaign.status)
    assert town.read(lambda s: s.execute(statuses).scalars().all()) == ["cancelled"]


def test_who_let_an_offer_pass_is_led_back_while_one_can_sign_up(town: Town) -> None:
    number, chen, _li, wang = one_place(town)
    town.leaves(number, chen)
    town.wait(hours=3)
    town.tick()
    assert "可以再排一次" in town.words("lapsed")[0]
    town.now = START
    town.tick()
    assert town.status(number, wang) == "lapsed"
    assert "再排" not in town.words("lapsed")[1]


def test_a_long_one_is_announced_in_short(town: Town) -> None:
    town.published(title="长" * 120, place="长" * 120, audience="长" * 120, text="文" * 1_500)
    told = town.read(lambda s: s.execute(select(Campaign.text)).scalar_one())
    assert "文……" in told


def test_what_nobody_can_sign_up_for_any_more_is_neither_written_nor_published(town: Town) -> None:
    number = town.submitted()
    town.now = START - timedelta(hours=20)
    with pytest.raises(EventChanged):
        town.do(events.publish, town.desk, number, town.colleague("何审核", Role.REVIEWER), 1)
    with pytest.raises(BadEvent, match="deadline"):
        town.submitted()
    town.now = START
    with pytest.raises(BadEvent, match="past"):
        town.submitted()


def test_a_published_one_is_not_moved_into_the_past(town: Town) -> None:
    number = town.published()
    with pytest.raises(BadEvent, match="past"):
        moved(town, number, days=-8)
