"""Reminders: a day and two hours before, each queued once, silent for what was cancelled or moved."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import Reminder
from db.insert import insert_once
from db.session import changed
from services import appointments
from services import booking_notices as notices
from services.appointments import Booked
from services.booking_desk import BookingDesk
from services.booking_terms import AppointmentStatus, ReminderStatus

_reminder = table(Reminder)
_BATCH = 500
BEFORE = {"day": timedelta(days=1), "hours": timedelta(hours=2)}


def plan(session: Session, booked: Booked, now: datetime) -> None:
    """The moments that lie ahead; who books an hour before needs none."""
    useful_until = {"day": booked.starts_at - BEFORE["hours"], "hours": booked.starts_at}
    for kind, before in BEFORE.items():
        if booked.starts_at - before > now:
            insert_once(
                session,
                _reminder,
                appointment_id=booked.id,
                slot_id=booked.slot_id,
                kind=kind,
                due_at=booked.starts_at - before,
                useful_until=useful_until[kind],
                status=ReminderStatus.DUE,
            )


def queue_due(session: Session, desk: BookingDesk, now: datetime) -> int:
    """Hands those that are due to the deliveries; after a stop, the ones that are still of use."""
    due = select(Reminder).where(Reminder.status == ReminderStatus.DUE, Reminder.due_at <= now)
    count = 0
    for reminder in session.execute(due.order_by(Reminder.due_at, Reminder.id).limit(_BATCH)).scalars().all():
        booked = appointments.find(session, reminder.appointment_id)
        wanted = booked.status is AppointmentStatus.BOOKED and booked.slot_id == reminder.slot_id
        useful = wanted and now < reminder.useful_until
        if not _settle(session, reminder.id, ReminderStatus.QUEUED if useful else ReminderStatus.DROPPED):
            continue
        if useful:
            notices.remind(session, desk, booked, reminder.kind, reminder.useful_until, now)
            count += 1
    return count


def _settle(session: Session, reminder_id: int, status: ReminderStatus) -> bool:
    guarded = update(_reminder).where(_reminder.c.id == reminder_id, _reminder.c.status == ReminderStatus.DUE)
    return changed(session.execute(guarded.values(status=status))) == 1
