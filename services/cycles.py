"""Biweekly openings worked out from a plan and a calendar: which day opens, which days serve, which seats there are.

The rule for days off: an opening moves to the next working day; the one after it is still counted from the first
opening, so the rhythm never drifts. A service day moves to the next working day that no other service day of the
same opening has taken, so an opening never loses a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.calendar import Calendar

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


class Service(StrEnum):
    COUNTER = "counter"  # the holder comes to the office
    VISIT = "visit"  # the office comes to the holder


@dataclass(frozen=True, slots=True)
class BookingPlan:
    """How the office works, as set in `[booking]`. Times are local; `hours` are (from, to) pairs of a day."""

    first_opening: date
    every_days: int = 14
    opens_at: time = time(9)
    service_days: tuple[int, ...] = (2, 3, 8, 9)  # days after the opening
    hours: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(14, 30), time(17)))
    counters: tuple[str, ...] = ("1号窗口",)
    counter_minutes: int = 30
    counter_capacity: int = 1
    teams: tuple[str, ...] = ("上门一组",)
    visit_minutes: int = 60
    travel_minutes: int = 30  # between two visits of one team
    team_daily: int = 3  # visits of one team on one day
    lead_hours: int = 12  # the last moment to book, before the time itself
    cutoff_hours: int = 12  # the last moment to move or cancel without a colleague
    hold_minutes: int = 10
    offer_minutes: int = 120
    weeks_ahead: int = 8
    zone: ZoneInfo = OFFICE_ZONE

    def moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone)

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Seats:
    """An interval at one counter or of one team, with how many it can take."""

    service: Service
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    daily: int | None = None  # how many the place can take on that day, over all its intervals


@dataclass(frozen=True, slots=True)
class Opening:
    """One biweekly opening. `number` counts from the first; provisional when a day of it is not firm yet."""

    number: int
    nominal_on: date
    opens_on: date
    days: tuple[date, ...]
    provisional: bool


def openings(plan: BookingPlan, calendar: Calendar, since: date, until: date) -> list[Opening]:
    """Those whose nominal day lies in [since, until], in order."""
    first = max(0, -((plan.first_opening - since).days // plan.every_days))
    found = []
    for number in range(first, 1 + max(-1, (until - plan.first_opening).days // plan.every_days)):
        found.append(opening(plan, calendar, number))
    return found


def opening(plan: BookingPlan, calendar: Calendar, number: int) -> Opening:
    nominal = plan.first_opening + timedelta(days=number * plan.every_days)
    opens_on = calendar.working_day_from(nominal)
    days = _service_days(plan, calendar, nominal, opens_on)
    looked_at = [
        nominal,
        opens_on,
        *(nominal + timedelta(days=offset) for offset in plan.service_days),
        *days,
    ]
    return Opening(number, nominal, opens_on, days, not all(calendar.is_firm(day) for day in looked_at))


def _service_days(plan: BookingPlan, calendar: Calendar, nominal: date, opens_on: date) -> tuple[date, ...]:
    taken: list[date] = []
    for offset in sorted(plan.service_days):
        # A moved opening may catch up with its first days: people need the time to book them.
        earliest = opens_on + timedelta(days=min(offset, 1))
        day = calendar.working_day_from(max(nominal + timedelta(days=offset), earliest))
        while day in taken:
            day = calendar.working_day_from(day + timedelta(days=1))
        taken.append(day)
    return tuple(sorted(taken))


def seats(plan: BookingPlan, day: date) -> list[Seats]:
    """Every interval of a service day, in the order of time, then place."""
    found = [*_counter_seats(plan, day), *_visit_seats(plan, day)]
    return sorted(found, key=lambda one: (one.starts_at, one.service, one.place))


def _counter_seats(plan: BookingPlan, day: date) -> Iterator[Seats]:
    length = timedelta(minutes=plan.counter_minutes)
    for start in _starts(plan, day, length, length):
        for place in plan.counters:
            yield Seats(Service.COUNTER, place, start, start + length, plan.counter_capacity)


def _visit_seats(plan: BookingPlan, day: date) -> Iterator[Seats]:
    length = timedelta(minutes=plan.visit_minutes)
    for start in _starts(plan, day, length, length + timedelta(minutes=plan.travel_minutes)):
        for place in plan.teams:
            yield Seats(Service.VISIT, place, start, start + length, 1, plan.team_daily)


def _starts(plan: BookingPlan, day: date, length: timedelta, step: timedelta) -> Iterator[datetime]:
    free_from = plan.moment(day, time.min)
    for opens, closes in sorted(plan.hours):
        start, end = max(plan.moment(day, opens), free_from), plan.moment(day, closes)
        while start + length <= end:
            yield start
            start += step
        free_from = start
