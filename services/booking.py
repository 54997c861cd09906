"""Booking: a held seat becomes an appointment, moves to another, or is given up; by the person or for them."""

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import Appointment, Hold, Slot
from db.insert import insert_once
from db.people import Person
from db.session import inserted, vault_in
from services import appointments, holds, offers, reminders, seats, waitlist
from services import booking_notices as notices
from services.appointments import OPEN, Booked
from services.booking_desk import BookingDesk
from services.booking_details import complete
from services.booking_terms import (
    AlreadyBooked,
    AppointmentStatus,
    Changed,
    Happened,
    Kind,
    NotFound,
    NotOpen,
    Refused,
    SlotTaken,
    Tier,
    TooLate,
)

_appointment, _hold = table(Appointment), table(Hold)
_CODE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is mistaken for another when read aloud
_BOOKED_ONLY = (AppointmentStatus.BOOKED,)


def book(session: Session, desk: BookingDesk, person_id: int, hold_id: int, now: datetime) -> Booked:
    """The hold's seat, with the details that were filled in. Confirming is the consent."""
    if appointments.open_of(session, person_id) is not None:
        raise AlreadyBooked
    held = holds.find(session, person_id, hold_id, now)
    told = complete(Tier(held.tier), holds.details_of(session, held))
    holds.spend(session, person_id, hold_id, now)
    try:
        booked = _insert(
            session, person_id, held.slot_id, held.tier, held.kind, told, _person(person_id), now
        )
    except Refused:
        holds.unspend(session, hold_id)
        raise
    session.execute(update(_hold).where(_hold.c.id == hold_id).values(sealed_details=None))
    waitlist.leave_day(session, desk, person_id, booked.service, booked.day, now)
    return booked


def move(
    session: Session,
    desk: BookingDesk,
    person_id: int,
    appointment_id: int,
    version: int,
    hold_id: int,
    now: datetime,
) -> Booked:
    """To the held seat. The old one is given up only now."""
    before = changeable(session, person_id, appointment_id, version, now)
    held = holds.find(session, person_id, hold_id, now)
    if Tier(held.tier).service is not before.service:
        raise Changed
    holds.spend(session, person_id, hold_id, now)
    try:
        after = _move(session, desk, before, held.slot_id, Happened.MOVED, _person(person_id), now)
    except Refused:
        holds.unspend(session, hold_id)
        raise
    session.execute(update(_hold).where(_hold.c.id == hold_id).values(sealed_details=None))
    waitlist.leave_day(session, desk, person_id, after.service, after.day, now)
    return after


def cancel(
    session: Session, desk: BookingDesk, person_id: int, appointment_id: int, version: int, now: datetime
) -> Booked:
    before = changeable(session, person_id, appointment_id, version, now)
    return _cancel(session, desk, before, _person(person_id), now)


def changeable(session: Session, person_id: int, appointment_id: int, version: int, now: datetime) -> Booked:
    """What the person may still move or cancel alone: until the cut-off, to the second."""
    before = appointments.find_own(session, person_id, appointment_id)
    if before.version != version or before.status is not AppointmentStatus.BOOKED:
        raise Changed
    if before.change_until <= now:
        raise TooLate
    return before


def book_for(
    session: Session,
    desk: BookingDesk,
    staff: str,
    person_id: int | None,
    slot_id: int,
    tier: Tier,
    kind: Kind,
    told: dict[str, str],
    now: datetime,
) -> Booked:
    """By a colleague, for someone who called or came by; at any hour, but never a seat that somebody has."""
    told = complete(tier, told)
    if person_id is not None and appointments.open_of(session, person_id) is not None:
        raise AlreadyBooked
    with session.begin_nested():
        take_for(session, slot_id, tier, now)
        who = person_id or inserted(session.execute(insert(Person).values(created_at=now)))
        booked = _insert(session, who, slot_id, tier, kind, told, staff, now)
    waitlist.leave_day(session, desk, who, booked.service, booked.day, now)
    return booked


def move_for(
    session: Session, desk: BookingDesk, staff: str, appointment_id: int, slot_id: int, now: datetime
) -> Booked:
    """By a colleague, also after the cut-off. The person is told, with a tap to take another time."""
    before = _open(session, appointment_id)
    with session.begin_nested():
        take_for(session, slot_id, before.tier, now)
        after = _move(session, desk, before, slot_id, Happened.MOVED_BY_OFFICE, staff, now)
    notices.moved_by_office(session, desk, before, after, now)
    return after


def cancel_for(session: Session, desk: BookingDesk, staff: str, appointment_id: int, now: datetime) -> Booked:
    """By a colleague, also after the cut-off."""
    after = _cancel(session, desk, _open(session, appointment_id), staff, now)
    notices.cancelled_by_office(session, desk, after, now)
    return after


def forget(session: Session, desk: BookingDesk, person_id: int, now: datetime) -> None:
    """Before a person is erased: seats go back, details go; that it happened stays, without a name."""
    holds.release(session, desk, person_id, now)
    for entry in waitlist.entries_of(session, person_id):
        waitlist.leave(session, desk, person_id, entry.id, now)
    mine = appointments.open_of(session, person_id)
    if mine is not None:
        _cancel(session, desk, mine, _person(person_id), now)
    _blank(session, Appointment.person_id == person_id, _person(person_id), now)


def expire_details(session: Session, until: date, now: datetime) -> int:
    """What was told for appointments up to that day has done its service: it goes, the history stays."""
    past = select(Slot.id).where(Slot.day <= until)
    return _blank(session, Appointment.slot_id.in_(past), "clock", now)


def _blank(session: Session, which: ColumnElement[bool], actor: str, now: datetime) -> int:
    nothing = {"sealed_details": None, "sealed_lacking": None, "sealed_card_number": None}
    found = select(Appointment.id).where(which, Appointment.sealed_details.is_not(None))
    told = session.execute(found.order_by(Appointment.id)).scalars().all()
    for appointment_id in told:
        every = tuple(AppointmentStatus)
        appointments.change(session, appointment_id, Happened.ERASED, actor, now, was=every, **nothing)
    return len(told)


def take_for(session: Session, slot_id: int, tier: Tier, now: datetime) -> None:
    """A seat for somebody whom the office serves or moves."""
    slot = session.get(Slot, slot_id, populate_existing=True)
    if slot is None or slot.service != tier.service or slot.closed_at is not None:
        raise NotFound
    if slot.opens_at is None or slot.opens_at > now:
        raise NotOpen
    if not seats.take_anyway(session, slot_id, now):
        raise SlotTaken


def _open(session: Session, appointment_id: int) -> Booked:
    found = appointments.find(session, appointment_id)
    if not found.status.is_open:
        raise Changed
    return found


def _insert(
    session: Session,
    person_id: int,
    slot_id: int,
    tier: str,
    kind: str,
    told: dict[str, str],
    actor: str,
    now: datetime,
) -> Booked:
    values: dict[str, Any] = {"person_id": person_id, "slot_id": slot_id, "tier": tier, "kind": kind}
    values |= {"status": AppointmentStatus.BOOKED, "booked_at": now, "consented_at": now, "version": 1}
    values |= {"tier_confirmed": False, "sealed_details": vault_in(session).seal_json(told)}
    made = None
    while made is None:
        made = insert_once(session, _appointment, code=_new_code(), **values)
        if made is None and appointments.open_of(session, person_id) is not None:
            raise AlreadyBooked
    appointments.begin_history(session, made, actor, now)
    booked = appointments.find(session, made)
    reminders.plan(session, booked, now)
    return booked


def _move(
    session: Session,
    desk: BookingDesk,
    before: Booked,
    slot_id: int,
    happened: Happened,
    actor: str,
    now: datetime,
) -> Booked:
    appointments.change(
        session, before.id, happened, actor, now, was=OPEN, version=before.version, slot_id=slot_id
    )
    offers.pass_on(session, desk, before.slot_id, now)
    notices.silence(session, before, now)
    after = appointments.find(session, before.id)
    reminders.plan(session, after, now)
    return after


def _cancel(session: Session, desk: BookingDesk, before: Booked, actor: str, now: datetime) -> Booked:
    cancelled = AppointmentStatus.CANCELLED
    appointments.change(
        session, before.id, Happened.CANCELLED, actor, now, was=OPEN, version=before.version, status=cancelled
    )
    offers.pass_on(session, desk, before.slot_id, now)
    notices.silence(session, before, now)
    return appointments.find(session, before.id)


def _new_code() -> str:
    return "".join(secrets.choice(_CODE) for _ in range(8))


def _person(person_id: int) -> str:
    return f"person:{person_id}"
