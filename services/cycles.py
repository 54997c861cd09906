"""Biweekly openings worked out from a plan and a calendar: which day opens, which days serve, which seats there are.

The rule for days off: an opening moves to the next working day; the one after it is still counted from the first
opening, so the rhythm never drifts. A service day moves to the next working day that no other service day has taken,
of the same opening or of those before it, so no opening ever loses a day.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.calendar import Calendar
from services.quiet_hours import NIGHT, QuietHours

_REACH = 3  # openings back that can have pushed days into this one
OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


class Service(StrEnum):
    COUNTER = "counter"  # the holder comes to the office
    VISIT = "visit"  # the office comes to the holder


@dataclass(frozen=True, slots=True)
class BookingPlan:
    """How the office works, as set in `[booking]`; times are local. An opening serves on its `weekdays` (1: Monday)
    from `serve_after_days` behind it on, until those of the next one begin."""

    first_opening: date
    every_days: int = 14
    opens_at: time = time(9)
    weekdays: tuple[int, ...] = (2, 4)
    serve_after_days: int = 3
    times: tuple[time, ...] = tuple(time(hour, minute) for hour in (9, 10, 15, 16) for minute in (0, 30))
    counters: tuple[str, ...] = ("1号窗口",)
    counter_minutes: int = 30
    counter_capacity: int = 1
    visit_times: tuple[time, ...] = (time(9), time(10, 30), time(15), time(16, 30))
    teams: tuple[str, ...] = ("上门一组",)
    visit_minutes: int = 60
    travel_minutes: int = 30  # between two visits of one team
    team_daily: int = 3  # visits of one team on one day
    lead_hours: int = 24  # the last moment to book, before the time itself
    cutoff_hours: int = 24  # the last moment to move or cancel without a colleague
    hold_minutes: int = 10
    offer_minutes: int = 120
    quiet: QuietHours | None = NIGHT  # they do not count
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
    """One biweekly opening. `number` counts from the first; provisional when its own day is not firm yet.

    `unsettled` are those of its service days that are not firm: shown, but not to be booked.
    """

    number: int
    nominal_on: date
    opens_on: date
    days: tuple[date, ...]
    provisional: bool
    unsettled: tuple[date, ...] = ()


def openings(plan: BookingPlan, calendar: Calendar, since: date, until: date) -> list[Opening]:
    """Those whose nominal day lies in [since, until], in order."""
    first = max(0, -((plan.first_opening - since).days // plan.every_days))
    found = []
    for number in range(first, 1 + max(-1, (until - plan.first_opening).days // plan.every_days)):
        found.append(opening(plan, calendar, number))
    return found


def opening(plan: BookingPlan, calendar: Calendar, number: int) -> Opening:
    nominal, opens_on = _opens_on(plan, calendar, number)
    taken: set[date] = set()
    for earlier in range(max(0, number - _REACH), number):
        taken.update(new for _, new in _service_days(plan, calendar, earlier, taken))
    moved = _service_days(plan, calendar, number, taken)
    provisional = not (calendar.is_firm(nominal) and calendar.is_firm(opens_on))
    unsettled = [new for old, new in moved if not (calendar.is_firm(old) and calendar.is_firm(new))]
    days = tuple(sorted(new for _, new in moved))
    return Opening(number, nominal, opens_on, days, provisional, tuple(sorted(unsettled)))


def _opens_on(plan: BookingPlan, calendar: Calendar, number: int) -> tuple[date, date]:
    nominal = plan.first_opening + timedelta(days=number * plan.every_days)
    return nominal, calendar.working_day_from(nominal)


def _regular_days(plan: BookingPlan, nominal: date) -> list[date]:
    """As if there were no holidays."""
    first = nominal + timedelta(days=plan.serve_after_days)
    days = [first + timedelta(days=count) for count in range(plan.every_days)]
    return [day for day in days if day.isoweekday() in plan.weekdays]


def _service_days(
    plan: BookingPlan, calendar: Calendar, number: int, taken: Set[date]
) -> list[tuple[date, date]]:
    """Each regular day with the one it moved to."""
    nominal, opens_on = _opens_on(plan, calendar, number)
    moved: dict[date, date] = {}
    # A moved opening may catch up with its first days: people need the time to book them.
    earliest = opens_on + timedelta(days=1)
    for day in _regular_days(plan, nominal):
        new = calendar.working_day_from(max(day, earliest))
        while new in taken or new in moved.values():
            new = calendar.working_day_from(new + timedelta(days=1))
        moved[day] = new
    return list(moved.items())


def seats(plan: BookingPlan, day: date) -> list[Seats]:
    """Every interval of a service day, in the order of time, then place."""
    found = [*_counter_seats(plan, day), *_visit_seats(plan, day)]
    return sorted(found, key=lambda one: (one.starts_at, one.service, one.place))


def _counter_seats(plan: BookingPlan, day: date) -> Iterator[Seats]:
    length = timedelta(minutes=plan.counter_minutes)
    for start in _starts(plan, day, plan.times, length):
        for place in plan.counters:
            yield Seats(Service.COUNTER, place, start, start + length, plan.counter_capacity)


def _visit_seats(plan: BookingPlan, day: date) -> Iterator[Seats]:
    length = timedelta(minutes=plan.visit_minutes)
    for start in _starts(plan, day, plan.visit_times, length + timedelta(minutes=plan.travel_minutes)):
        for place in plan.teams:
            yield Seats(Service.VISIT, place, start, start + length, 1, plan.team_daily)


def _starts(plan: BookingPlan, day: date, times: tuple[time, ...], apart: timedelta) -> Iterator[datetime]:
    """One that would begin before the one ahead of it is through is left out."""
    free_from = plan.moment(day, time.min)
    for start in (plan.moment(day, at) for at in sorted(times)):
        if start >= free_from:
            yield start
            free_from = start + apart
