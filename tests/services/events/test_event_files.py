"""Events in people's calendars: one entry each, read back as it was written, following every change."""

from datetime import timedelta
from typing import Any

import icalendar
import pytest

from services import events
from services.event_files import calendar_file, feed
from services.staff import Role
from tests.services.events.town import START, Town


def fetched(town: Town) -> bytes:
    shown = town.do(events.for_calendars)
    return feed(town.desk, shown, town.now)


def entry(town: Town) -> Any:
    (found,) = icalendar.Calendar.from_ical(fetched(town)).walk("VEVENT")
    return found


def change(town: Town, number: int, **more: object) -> None:
    town.wait(minutes=5)
    town.do(events.change, town.desk, number, town.draft(**more), town.colleague("何审核", Role.REVIEWER))


def cancel(town: Town, number: int) -> None:
    town.wait(minutes=5)
    town.do(events.cancel, town.desk, number, town.colleague("何审核", Role.REVIEWER))


def test_it_is_read_back_word_for_word(town: Town) -> None:
    title, place = "沙龙, 一；二\\三; four", "青禾, 三楼；东门"
    text = "第一行\n第二行, " + "很长" * 300 + " \\n 不换行"
    town.published(title=title, place=place, text=text, map_url="https://map.example/1?a=1,2")
    found = entry(town)
    assert (found["summary"], found["location"], found["description"]) == (title, place, text)
    assert found["url"] == "https://map.example/1?a=1,2"


def test_no_line_is_longer_than_calendars_read(town: Town) -> None:
    town.published(title="长" * 120, text="很长" * 500)
    lines = fetched(town).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line for line in lines)


def test_its_times_need_no_zone(town: Town) -> None:
    town.published()
    found = entry(town)
    assert (found["dtstart"].dt, found["dtend"].dt) == (START, START + timedelta(hours=2))
    assert b"DTSTART:20261201T040000Z" in fetched(town)


def test_each_change_replaces_the_entry_that_people_have(town: Town) -> None:
    number = town.published()
    later = START + timedelta(days=1)
    seen = [entry(town)]
    change(town, number, place="礼乐书院")
    seen.append(entry(town))
    change(town, number, starts_at=later, ends_at=later + timedelta(hours=2))
    seen.append(entry(town))
    cancel(town, number)
    seen.append(entry(town))
    assert len({str(one["uid"]) for one in seen}) == 1
    assert [int(one["sequence"]) for one in seen] == [0, 1, 2, 3]
    modified = [one["last-modified"].dt for one in seen]
    assert modified == sorted(set(modified))
    assert [str(one["status"]) for one in seen] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert seen[1]["location"] == "礼乐书院"
    assert seen[2]["dtstart"].dt == later


def test_one_that_was_held_stays_confirmed_for_a_while(town: Town) -> None:
    town.published()
    town.now = START + timedelta(hours=3)
    town.tick()
    assert str(entry(town)["status"]) == "CONFIRMED"
    town.wait(days=91)
    assert icalendar.Calendar.from_ical(fetched(town)).walk("VEVENT") == []


@pytest.mark.parametrize(("gone", "method"), [(False, "PUBLISH"), (True, "CANCEL")])
def test_the_file_of_one_event_is_the_same_entry_as_in_the_feed(town: Town, gone: bool, method: str) -> None:
    number = town.published()
    if gone:
        cancel(town, number)
    file = icalendar.Calendar.from_ical(calendar_file(town.desk, town.event(number), town.now).content)
    (found,) = file.walk("VEVENT")
    assert file["method"] == method
    assert found.to_ical() == entry(town).to_ical()


def test_calendars_are_told_to_look_again(town: Town) -> None:
    calendar = icalendar.Calendar.from_ical(fetched(town))
    assert [calendar[name].to_ical() for name in ("refresh-interval", "x-published-ttl")] == [b"PT6H"] * 2
