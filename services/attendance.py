"""The day at the counter and on the route: who comes, who came, what is missing, which card was issued."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.booking import Appointment, Slot
from db.session import vault_in
from services import appointments, audit, offers, reminders, seats
from services import booking_notices as notices
from services.appointments import OPEN, Booked
from services.availability import free_slots
from services.booking_desk import BookingDesk
from services.booking_terms import AppointmentStatus, Changed, Happened, SlotTaken, Tier, TooLate

_SEEN = (*OPEN, AppointmentStatus.LACKING)  # who can still be found complete


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line of the day's list: the appointment and what its holder told."""

    booked: Booked
    told: Mapping[str, str]


def day_list(session: Session, staff: str, day: date, now: datetime) -> dict[str, list[DayLine]]:
    """By counter and team, in the order of time. Reading it is recorded."""
    audit.record(session, staff, "booking.day_list", f"day:{day}", now)
    found: dict[str, list[DayLine]] = {}
    for booked in appointments.on_day(session, day):
        line = DayLine(booked, appointments.details_of(session, booked.id))
        found.setdefault(booked.place, []).append(line)
    return found


def check_in(session: Session, staff: str, code: str, today: date, now: datetime) -> Booked:
    """By the code on the confirmation, typed or scanned, on its own day. Twice is the same as once."""
    booked = appointments.find_code(session, code)
    if booked.status is AppointmentStatus.CHECKED_IN:
        return booked
    if booked.day != today:
        raise TooLate if booked.day < today else Changed
    status = AppointmentStatus.CHECKED_IN
    return _set(session, booked, status, Happened.CHECKED_IN, staff, now, was=(AppointmentStatus.BOOKED,))


def attend(session: Session, staff: str, appointment_id: int, now: datetime) -> Booked:
    booked = appointments.find(session, appointment_id)
    return _set(session, booked, AppointmentStatus.ATTENDED, Happened.ATTENDED, staff, now, was=_SEEN)


def lack(
    session: Session, desk: BookingDesk, staff: str, appointment_id: int, documents: str, now: datetime
) -> Booked:
    """Was there, but `documents` are missing; the person is told in the desk's own words."""
    booked = appointments.find(session, appointment_id)
    status = AppointmentStatus.LACKING
    appointments.change(
        session,
        appointment_id,
        Happened.LACKING,
        staff,
        now,
        was=OPEN,
        version=booked.version,
        status=status,
        sealed_lacking=vault_in(session).seal(documents),
    )
    after = appointments.find(session, appointment_id)
    notices.documents_missing(session, desk, after, documents, now)
    return after


def miss(session: Session, staff: str, appointment_id: int, now: datetime) -> Booked:
    """Did not come; never before the time has begun."""
    booked = appointments.find(session, appointment_id)
    if now < booked.starts_at:
        raise Changed
    was = (AppointmentStatus.BOOKED,)
    return _set(session, booked, AppointmentStatus.MISSED, Happened.MISSED, staff, now, was=was)


def issue(
    session: Session,
    desk: BookingDesk,
    staff: str,
    appointment_id: int,
    card_number: str,
    valid_until: date,
    now: datetime,
) -> Booked:
    """The card is handed out: it counts toward the year's."""
    booked = appointments.find(session, appointment_id)
    appointments.change(
        session,
        appointment_id,
        Happened.ISSUED,
        staff,
        now,
        was=(*_SEEN, AppointmentStatus.ATTENDED),
        version=booked.version,
        status=AppointmentStatus.ISSUED,
        tier_confirmed=True,
        issued_on=desk.plan.local_day(now),
        valid_until=valid_until,
        sealed_card_number=vault_in(session).seal(card_number),
    )
    after = appointments.find(session, appointment_id)
    notices.issued(session, desk, after, now)
    return after


def issued_in(session: Session, year: int) -> int:
    """How many cards the year has seen; the office promised at least 100."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = select(func.count()).where(
        Appointment.status == AppointmentStatus.ISSUED, Appointment.issued_on.between(first, last)
    )
    return session.execute(found).scalar_one()


def confirm_tier(
    session: Session, desk: BookingDesk, staff: str, appointment_id: int, tier: Tier, now: datetime
) -> Booked:
    """The office decides the tier. One that is served elsewhere gets a seat there, on the same day or the next one
    that has any; without one the old seat stays and `SlotTaken` is raised."""
    before = appointments.find(session, appointment_id)
    if before.tier.service is tier.service or not before.status.is_open:
        return _confirmed(session, before, tier, staff, now)
    with session.begin_nested():
        slot_id = _taken_nearest(session, tier, before, now)
        after = _confirmed(session, before, tier, staff, now, slot_id=slot_id)
    offers.pass_on(session, desk, before.slot_id, now)
    notices.silence(session, before, now)
    reminders.plan(session, after, now)
    notices.moved_by_office(session, desk, before, after, now)
    return after


def _taken_nearest(session: Session, tier: Tier, before: Booked, now: datetime) -> int:
    days = select(Slot.day).where(Slot.service == tier.service, Slot.day >= before.day).distinct()
    for day in session.execute(days.order_by(Slot.day)).scalars().all():
        for slot_id in free_slots(session, tier.service, day, now):
            if seats.take(session, slot_id, tier.service, now):
                return slot_id
    raise SlotTaken


def _confirmed(
    session: Session, before: Booked, tier: Tier, staff: str, now: datetime, **values: int
) -> Booked:
    appointments.change(
        session,
        before.id,
        Happened.TIER_CONFIRMED,
        staff,
        now,
        was=(before.status,),
        version=before.version,
        tier=tier,
        tier_confirmed=True,
        **values,
    )
    return appointments.find(session, before.id)


def _set(
    session: Session,
    booked: Booked,
    status: AppointmentStatus,
    happened: Happened,
    staff: str,
    now: datetime,
    *,
    was: tuple[AppointmentStatus, ...],
) -> Booked:
    version = booked.version
    appointments.change(session, booked.id, happened, staff, now, was=was, version=version, status=status)
    return appointments.find(session, booked.id)
