"""Working days: the published holiday arrangements, the office's own days, and notices that staff import.

A year of which nobody has published anything yet is provisional: its days can be shown, nothing is decided on them.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chinese_calendar import constants
from chinese_calendar import is_workday as published_workday

OFFICE_DAYS = Path(__file__).resolve().parent.parent / "db" / "seed" / "calendar.toml"
_PUBLISHED = frozenset(day.year for day in constants.holidays)


class BadNotice(ValueError):
    """A notice that cannot be read; its text is the reason, for the one who imports it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one notice arranges: days that work and days off; the years it settles become firm."""

    years: frozenset[int] = frozenset()
    days: Mapping[date, bool] = field(default_factory=dict)  # True: a working day

    def over(self, older: "Notice") -> "Notice":
        return Notice(self.years | older.years, {**older.days, **self.days})


@dataclass(frozen=True, slots=True)
class Calendar:
    """`own` goes before what is published: the office knows best when it is open."""

    own: Notice = field(default_factory=Notice)

    def is_firm(self, day: date) -> bool:
        return day.year in _PUBLISHED or day.year in self.own.years or day in self.own.days

    def works(self, day: date) -> bool:
        if day in self.own.days:
            return self.own.days[day]
        if day.year in _PUBLISHED:
            return bool(published_workday(day))
        return day.weekday() < 5

    def working_day_from(self, day: date) -> date:
        """The day itself, or the next one that works."""
        return next(one for one in days_from(day) if self.works(one))


def days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)


def read_notice(text: str) -> Notice:
    """`years = [2027]`, `off = [days or "first..last"]`, `work = [...]`, as in db/seed/calendar.toml."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadNotice(str(error)) from error
    if unknown := found.keys() - {"years", "off", "work"}:
        raise BadNotice(f"unknown: {', '.join(sorted(unknown))}")
    years = found.get("years", [])
    if not isinstance(years, list) or not all(isinstance(year, int) for year in years):
        raise BadNotice("years: whole numbers in [ ]")
    off, work = _days(found, "off"), _days(found, "work")
    if both := off & work:
        raise BadNotice(f"off and work: {min(both)}")
    return Notice(frozenset(years), dict.fromkeys(off, False) | dict.fromkeys(work, True))


def office_notice(file: Path = OFFICE_DAYS) -> Notice:
    return read_notice(file.read_text(encoding="utf-8"))


def _days(found: Mapping[str, Any], name: str) -> set[date]:
    entries = found.get(name, [])
    if not isinstance(entries, list):
        raise BadNotice(f"{name}: days in [ ]")
    return {day for entry in entries for day in _span(name, entry)}


def _span(name: str, entry: object) -> list[date]:
    if type(entry) is date:
        return [entry]
    first, _, last = str(entry).partition("..")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError as error:
        raise BadNotice(f"{name}: {entry}") from error
    if not start <= end <= start + timedelta(days=60):
        raise BadNotice(f"{name}: {entry}")
    return [start + timedelta(days=count) for count in range((end - start).days + 1)]
