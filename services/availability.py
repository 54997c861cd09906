"""What can be taken: days at a glance, times of a day, and who waits for one."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from db.base import table
from db.booking import BookingCycle, RouteDay, Slot, WaitlistEntry
from services.booking_terms import EntryStatus
from services.cycles import Service

_slot, _route, _entry, _cycle = map(table, (Slot, RouteDay, WaitlistEntry, BookingCycle))
_route_left = func.coalesce(_route.c.capacity - _route.c.booked, _slot.c.capacity)
_SLOTS = (
    select(
        _slot.c.id,
        _slot.c.service,
        _slot.c.day,
        _slot.c.place,
        _slot.c.starts_at,
        _slot.c.ends_at,
        (_slot.c.capacity - _slot.c.booked).label("left"),
        _route_left.label("route_left"),
    )
    .outerjoin(_route, _route.c.id == _slot.c.route_day_id)
    .order_by(_slot.c.starts_at, _slot.c.place)
)

_here = _slot.alias()
_BESIDE = (
    select(_slot.c.id)
    .join(_here, (_slot.c.service == _here.c.service) & (_slot.c.starts_at == _here.c.starts_at))
    .where(_here.c.id == bindparam("slot"), _slot.c.id != _here.c.id, _slot.c.booked < _slot.c.capacity)
    .order_by(_slot.c.place)
)


@dataclass(frozen=True, slots=True)
class Day:
    """A service day with how many can still be taken. Where people wait in line, that is none."""

    service: Service
    day: date
    free: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Time:
    """An interval of a day; `slot_id` is the first of its places with a seat."""

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    free: int


def serves(service: str, now: datetime, day: date | None = None) -> ColumnElement[bool]:
    """The condition for slots that can be booked now, taken or not."""
    bookable = and_(_slot.c.service == service, _slot.c.opens_at <= now, _slot.c.book_until > now)
    bookable = and_(bookable, _slot.c.closed_at.is_(None))
    return bookable if day is None else and_(bookable, _slot.c.day == day)


def is_served(session: Session, service: str, day: date, now: datetime) -> bool:
    found = select(exists(select(_slot.c.id).where(serves(service, now, day))))
    return bool(session.execute(found).scalar_one())


def free_slots(session: Session, service: str, day: date, now: datetime) -> list[int]:
    """Those of the day with a seat, by time."""
    with_room = _SLOTS.where(serves(service, now, day), _slot.c.booked < _slot.c.capacity, _route_left > 0)
    return [row.id for row in session.execute(with_room)]


def day_of(session: Session, slot_id: int) -> date:
    return session.get_one(Slot, slot_id).day


def places_beside(session: Session, slot_id: int) -> list[int]:
    """Slots of the same service and time at other places that have a seat."""
    return list(session.execute(_BESIDE, {"slot": slot_id}).scalars())


def days(session: Session, service: Service, now: datetime) -> list[Day]:
    in_line = _in_line(session, service)
    free: dict[date, int] = {}
    for (day, _), left in _left_by_place(session, service, now).items():
        free[day] = free.get(day, 0) + left
    return [
        Day(service, day, 0 if in_line.get(day) else left, in_line.get(day, 0))
        for day, left in sorted(free.items())
    ]


def times(session: Session, service: Service, day: date, now: datetime) -> list[Time]:
    """Those with a seat."""
    found: dict[datetime, Time] = {}
    for row in session.execute(_SLOTS.where(serves(service, now, day))):
        left = min(row.left, row.route_left)
        if left > 0:
            first = found.get(row.starts_at) or Time(row.id, row.starts_at, row.ends_at, 0)
            found[row.starts_at] = Time(first.slot_id, first.starts_at, first.ends_at, first.free + left)
    return list(found.values())


def waiting(session: Session, service: str, day: date) -> int:
    return _in_line(session, service).get(day, 0)


def next_opening(session: Session, now: datetime) -> BookingCycle | None:
    later = select(BookingCycle).where(BookingCycle.opens_at > now).order_by(BookingCycle.opens_at).limit(1)
    return session.execute(later).scalar_one_or_none()


def _left_by_place(session: Session, service: Service, now: datetime) -> dict[tuple[date, str], int]:
    """A team's day has no more seats than its route."""
    left: dict[tuple[date, str], int] = defaultdict(int)
    route: dict[tuple[date, str], int] = {}
    for row in session.execute(_SLOTS.where(serves(service, now))):
        key = (row.day, row.place)
        left[key] += row.left
        route[key] = row.route_left if service is Service.VISIT else left[key]
    return {key: min(seats, route[key]) for key, seats in left.items()}


def _in_line(session: Session, service: str) -> dict[date, int]:
    found = select(_entry.c.day, func.count().label("waiting")).where(
        _entry.c.service == service, _entry.c.status == EntryStatus.WAITING
    )
    return {row.day: row.waiting for row in session.execute(found.group_by(_entry.c.day))}
