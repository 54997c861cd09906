"""Seats: taken and given back by guarded UPDATEs, the only place that counts them."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from db.base import table
from db.booking import RouteDay, Slot, WaitlistEntry
from db.session import changed
from services.booking_terms import Changed, EntryStatus, NotFound, NotOpen, Refused, SlotTaken, TooLate

_slot, _route, _entry = table(Slot), table(RouteDay), table(WaitlistEntry)
_somebody_waits = exists(
    select(_entry.c.id).where(
        _entry.c.service == _slot.c.service,
        _entry.c.day == _slot.c.day,
        _entry.c.status == EntryStatus.WAITING,
    )
)


# Built once: in a rush, building them anew would cost more than running them.
_WITH_ROOM = (
    update(_slot)
    .where(
        _slot.c.id == bindparam("slot"),
        _slot.c.booked < _slot.c.capacity,
        _slot.c.opens_at <= bindparam("at"),
        _slot.c.closed_at.is_(None),
    )
    .values(booked=_slot.c.booked + 1)
    .returning(_slot.c.id, _slot.c.route_day_id)
)
_FOR_LINE = _WITH_ROOM.where(_slot.c.book_until > bindparam("at"))
_FOR_ALL = _FOR_LINE.where(_slot.c.service == bindparam("asked_for"), ~_somebody_waits)
_ASKED = select(
    _slot.c.service, _slot.c.opens_at, _slot.c.book_until, _slot.c.closed_at
).where(_slot.c.id == bindparam("slot"))  # fmt: skip


def take(session: Session, slot_id: int, service: str, now: datetime) -> bool:
    """One seat, if there is one. Who does not wait in line for the day comes after those who do."""
    return _take(session, _FOR_ALL, {"slot": slot_id, "asked_for": service, "at": now})


def take_for_line(session: Session, slot_id: int, now: datetime) -> bool:
    """For whoever waits in line for the day."""
    return _take(session, _FOR_LINE, {"slot": slot_id, "at": now})


def take_anyway(session: Session, slot_id: int, now: datetime) -> bool:
    """For the office itself: up to the last minute, but never a seat that somebody has."""
    return _take(session, _WITH_ROOM, {"slot": slot_id, "at": now})


def free(session: Session, slot_id: int) -> None:
    back = update(_slot).where(_slot.c.id == slot_id).values(booked=_slot.c.booked - 1)
    route_id = session.execute(back.returning(_slot.c.route_day_id)).scalar_one()
    if route_id is not None:
        session.execute(update(_route).where(_route.c.id == route_id).values(booked=_route.c.booked - 1))


def why_not(session: Session, slot_id: int, service: str, now: datetime) -> Refused:
    """The reason that `take` failed, as the office would put it."""
    slot = session.execute(_ASKED, {"slot": slot_id}).one_or_none()
    if slot is None or slot.closed_at is not None:
        return NotFound()
    if slot.service != service:
        return Changed()
    if slot.opens_at is None or slot.opens_at > now:
        return NotOpen()
    if slot.book_until <= now:
        return TooLate()
    return SlotTaken()


def _take(session: Session, guarded: ReturningUpdate[Any], asked: dict[str, Any]) -> bool:
    row = session.execute(guarded, asked).one_or_none()
    if row is None:
        return False
    if row.route_day_id is None or _take_of_route(session, row.route_day_id):
        return True
    session.execute(update(_slot).where(_slot.c.id == row.id).values(booked=_slot.c.booked - 1))
    return False


def _take_of_route(session: Session, route_id: int) -> bool:
    guarded = update(_route).where(_route.c.id == route_id, _route.c.booked < _route.c.capacity)
    return changed(session.execute(guarded.values(booked=_route.c.booked + 1))) == 1
