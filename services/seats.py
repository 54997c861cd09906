"""Seats: taken and given back by guarded UPDATEs, the only place that counts them."""

from datetime import datetime

from sqlalchemy import Update, exists, select, update
from sqlalchemy.orm import Session

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


def take(
    session: Session, slot_id: int, now: datetime, *, service: str | None = None, for_line: bool = False
) -> bool:
    """One seat, if there is one. Who does not wait in line for the day comes after those who do."""
    guarded = _with_room(slot_id, now).where(_slot.c.book_until > now)
    if service is not None:
        guarded = guarded.where(_slot.c.service == service)
    return _take(session, guarded if for_line else guarded.where(~_somebody_waits))


def take_anyway(session: Session, slot_id: int, now: datetime) -> bool:
    """For the office itself: up to the last minute, but never a seat that somebody has."""
    return _take(session, _with_room(slot_id, now))


def free(session: Session, slot_id: int) -> None:
    back = update(_slot).where(_slot.c.id == slot_id).values(booked=_slot.c.booked - 1)
    route_id = session.execute(back.returning(_slot.c.route_day_id)).scalar_one()
    if route_id is not None:
        session.execute(update(_route).where(_route.c.id == route_id).values(booked=_route.c.booked - 1))


def why_not(session: Session, slot_id: int, service: str, now: datetime) -> Refused:
    """The reason that `take` failed, as the office would put it."""
    slot = session.get(Slot, slot_id, populate_existing=True)
    if slot is None or slot.closed_at is not None:
        return NotFound()
    if slot.service != service:
        return Changed()
    if slot.opens_at is None or slot.opens_at > now:
        return NotOpen()
    if slot.book_until <= now:
        return TooLate()
    return SlotTaken()


def _with_room(slot_id: int, now: datetime) -> Update:
    return update(_slot).where(
        _slot.c.id == slot_id,
        _slot.c.booked < _slot.c.capacity,
        _slot.c.opens_at <= now,
        _slot.c.closed_at.is_(None),
    )


def _take(session: Session, guarded: Update) -> bool:
    taken = guarded.values(booked=_slot.c.booked + 1).returning(_slot.c.id, _slot.c.route_day_id)
    row = session.execute(taken).one_or_none()
    if row is None:
        return False
    if row.route_day_id is None or _take_of_route(session, row.route_day_id):
        return True
    session.execute(update(_slot).where(_slot.c.id == row.id).values(booked=_slot.c.booked - 1))
    return False


def _take_of_route(session: Session, route_id: int) -> bool:
    guarded = update(_route).where(_route.c.id == route_id, _route.c.booked < _route.c.capacity)
    return changed(session.execute(guarded.values(booked=_route.c.booked + 1))) == 1
