"""An event is published by somebody else than wrote it; every change is told once; the end comes by itself."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import inspect, select

from db.campaigns import Campaign
from services import audit, event_files, events, signups
from services.event_terms import BadEvent, EventChanged, NotYours
from services.messaging import Attachment
from services.staff import Role
from tests.services.events.town import START, Town


def test_who_wrote_or_submitted_it_cannot_publish_it(town: Town) -> None:
    clerk, admin = town.colleague("文书", Role.CLERK), town.colleague("主任", Role.ADMIN)
    number = town.do(events.create, town.draft(), admin)
    with pytest.raises(NotYours):
        town.do(events.submit, number, clerk)
    town.do(events.submit, number, town.colleague("何审核", Role.REVIEWER))
    for author in ("主任", "何审核"):
        by = town.colleague(author, Role.ADMIN)
        with pytest.raises(NotYours):
            town.do(events.publish, town.desk, number, by, 1)
    town.do(events.publish, town.desk, number, town.colleague("第三人", Role.REVIEWER), 1)
    assert town.event(number).status == "published"
    assert town.read(audit.verify)[1] is None


def test_who_changed_it_cannot_publish_it(town: Town) -> None:
    number, reviewer = town.submitted(), town.colleague("何审核", Role.REVIEWER)
    town.do(events.edit, number, town.draft(title="审核员自己的题目"), reviewer)
    town.do(events.submit, number, town.colleague("林编辑", Role.EDITOR))
    seen = town.event(number).version
    with pytest.raises(NotYours):
        town.do(events.publish, town.desk, number, reviewer, seen)
    town.do(events.publish, town.desk, number, town.colleague("第三人", Role.REVIEWER), seen)


def test_an_edit_after_submitting_voids_it(town: Town) -> None:
    number, reviewer = town.submitted(), town.colleague("何审核", Role.REVIEWER)
    seen = town.event(number).version
    town.do(events.edit, number, town.draft(title="换了题目"), town.colleague("林编辑", Role.EDITOR))
    with pytest.raises(EventChanged):
        town.do(events.publish, town.desk, number, reviewer, seen)
    town.do(events.submit, number, town.colleague("林编辑", Role.EDITOR))
    with pytest.raises(EventChanged):
        town.do(events.publish, town.desk, number, reviewer, seen)
    town.do(events.publish, town.desk, number, reviewer, seen + 1)
    with pytest.raises(EventChanged):
        town.do(events.publish, town.desk, number, reviewer, seen + 1)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"title": " "}, "title"),
        ({"place": "长" * 121}, "place"),
        ({"text": "长" * 1501}, "text"),
        ({"series": "policy"}, "series"),
        ({"ends_at": START}, "times"),
        ({"sign_up_until": START + timedelta(minutes=1)}, "deadline"),
        ({"capacity": 0}, "capacity"),
        ({"map_url": "javascript:alert(1)"}, "link"),
    ],
)
def test_what_cannot_be_an_event_is_refused_with_its_reason(
    town: Town, more: dict[str, object], why: str
) -> None:
    with pytest.raises(BadEvent, match=why):
        town.do(events.create, town.draft(**more), town.colleague("林编辑", Role.EDITOR))


def test_subscribers_of_the_series_hear_of_it_by_a_campaign_of_its_own(town: Town) -> None:
    number = town.published()
    rows = select(Campaign.status, Campaign.topic, Campaign.origin, Campaign.useful_until)
    found = [tuple(row) for row in town.read(lambda s: s.execute(rows).all())]
    assert found == [("scheduled", "event.jinglun", f"event:{number}", START - timedelta(days=1))]


def test_a_change_is_told_once_to_everybody_who_comes_or_waits(town: Town) -> None:
    number, people = town.published(capacity=2), town.people(4)
    for person in people[:2]:
        town.joins(number, person)
    town.waits(number, people[2])
    reviewer = town.colleague("何审核", Role.REVIEWER)
    later = town.draft(starts_at=START + timedelta(hours=1), ends_at=START + timedelta(hours=3))
    town.do(events.change, town.desk, number, later, reviewer)
    assert len(town.told("changed")) == 3
    town.do(events.change, town.desk, number, town.draft(**vars(later) | {"text": "茶歇"}), reviewer)
    assert len(town.told("changed")) == 3, "the text alone moves nobody"
    with pytest.raises(BadEvent, match="capacity"):
        town.do(events.change, town.desk, number, town.draft(capacity=1), reviewer)


def test_a_cancelled_one_is_told_and_reminds_nobody(town: Town) -> None:
    number, (chen,) = town.published(), town.people(1)
    town.joins(number, chen)
    town.now = START - timedelta(hours=23)
    town.tick()
    assert [status for _, status in town.told("remind")] == ["queued"]
    town.do(events.cancel, town.desk, number, town.colleague("何审核", Role.REVIEWER))
    assert [status for _, status in town.told("remind")] == ["skipped"]
    assert len(town.told("cancelled")) == 1
    town.now = START + timedelta(days=1)
    town.tick()
    assert town.event(number).status == "cancelled"
    assert town.read(events.held_in, town.desk, 2026) == 0


def test_everybody_is_reminded_the_day_before_once_and_nobody_who_left(town: Town) -> None:
    number, (chen, li, wang) = town.published(capacity=3, sign_up_until=START), town.people(3)
    for person in (chen, li):
        town.joins(number, person)
    town.leaves(number, li)
    town.tick()
    assert town.told("remind") == []
    town.now = START - timedelta(hours=20)
    town.joins(number, wang)
    for _ in range(3):
        town.tick()
    assert len(town.told("remind")) == 1
    town.leaves(number, chen)
    assert [status for _, status in town.told("remind")] == ["skipped"]


def test_after_a_day_of_downtime_nothing_comes_late_and_nothing_twice(town: Town) -> None:
    number, (chen,) = town.published(), town.people(1)
    town.joins(number, chen)
    town.now = START + timedelta(hours=5)
    for _ in range(3):
        town.tick()
    assert town.told("remind") == []
    assert len(town.told("ask")) == 1


def test_it_is_held_when_it_is_over_and_counts_toward_the_year(town: Town) -> None:
    number, (chen, li) = town.published(), town.people(2)
    for person in (chen, li):
        town.joins(number, person)
    town.now = START
    town.do(signups.check_in, town.desk, number, chen)
    town.now = START + timedelta(hours=2)
    town.tick()
    assert town.event(number).status == "held"
    assert (town.status(number, chen), town.status(number, li)) == ("attended", "missed")
    assert town.read(events.held_in, town.desk, 2026) == 1
    assert town.read(events.held_in, town.desk, 2025) == 0
    assert len(town.told("ask")) == 1
    town.read(signups.rate, number, chen, 5)
    assert town.read(signups.of, number, chen).rating == 5


def test_calendars_replace_what_they_have(town: Town) -> None:
    number, reviewer = town.published(), town.colleague("何审核", Role.REVIEWER)
    first = _entry(event_files.calendar_file(town.desk, town.event(number), town.now).content)
    later = town.draft(starts_at=START + timedelta(hours=1), ends_at=START + timedelta(hours=3))
    town.do(events.change, town.desk, number, later, reviewer)
    second = _entry(event_files.feed(town.desk, [town.event(number)], town.now))
    town.do(events.cancel, town.desk, number, reviewer)
    third = _entry(event_files.feed(town.desk, [town.event(number)], town.now))
    assert first["uid"] == second["uid"] == third["uid"]
    assert first["sequence"] < second["sequence"] < third["sequence"]
    assert second["dtstart"].dt == START + timedelta(hours=1)
    assert third["status"] == "CANCELLED"


def _entry(content: bytes) -> Any:
    return next(iter(Calendar.from_ical(content).walk("VEVENT")))


def test_a_list_of_events_does_not_read_megabytes_of_posters(town: Town) -> None:
    png = Attachment("海报.png", "image/png", b"\x89PNG\r\n\x1a\n")
    number = town.published(poster=png)
    listed = town.read(
        lambda s: [*events.upcoming(s, town.now), *events.latest(s), *events.for_calendars(s, town.now)]
    )
    assert [inspect(one).unloaded for one in listed] == [{"poster"}] * 3
    kept = town.read(lambda s: events.poster_of(events.find(s, number)))
    assert kept is not None
    assert kept.content == png.content
