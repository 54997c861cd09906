"""A service day that turned out to be off: closed, and everyone on it moved, with notice and a way to choose anew."""

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import BookingCycle, Slot, WaitlistEntry
from services import appointments, audit, booking, drawing, holds, offers
from services.appointments import Booked
from services.availability import free_slots
from services.booking_desk import BookingDesk
from services.booking_terms import EntryStatus, Refused
from services.calendar import Calendar
from services.cycles import Opening
from services.waitlist import LIVE

_slot, _entry = table(Slot), table(WaitlistEntry)
_CLOCK = "clock"


def close_days_off(
    session: Session,
    desk: BookingDesk,
    cycle: BookingCycle,
    drawn: Opening,
    calendar: Calendar,
    now: datetime,
) -> int:
    """How many days of the opening were closed. `drawn` is what it would be by the calendar as it is now."""
    session.refresh(cycle)
    today = desk.plan.local_day(now)
    days = [date.fromisoformat(day) for day in cycle.days]
    off = [day for day in days if day >= today and not calendar.works(day)]
    for day in off:
        new = _instead(day, days, drawn, calendar)
        days[days.index(day)] = new
        audit.record(session, _CLOCK, "booking.day_closed", f"day:{day}", now, {"moved_to": str(new)})
        drawing.draw_day(session, desk.plan, cycle.id, new, cycle.opens_at)
        _empty(session, desk, day, new, now)
    if off:
        values = {"days": sorted(day.isoformat() for day in days)}
        session.execute(update(BookingCycle).where(BookingCycle.id == cycle.id).values(**values))
    return len(off)


def _instead(day: date, days: list[date], drawn: Opening, calendar: Calendar) -> date:
    """A day that the calendar now gives to the opening, or else the next working one."""
    given = [new for new in drawn.days if new > day and new not in days]
    if given:
        return given[0]
    new = calendar.working_day_from(day)
    while new in days:
        new = calendar.working_day_from(new + timedelta(days=1))
    return new


def _empty(session: Session, desk: BookingDesk, day: date, new: date, now: datetime) -> None:
    ahead = select(Slot).where(Slot.day == day, Slot.starts_at > now, Slot.closed_at.is_(None))
    slots = session.execute(ahead.order_by(Slot.starts_at, Slot.place)).scalars().all()
    session.execute(update(_slot).where(_slot.c.id.in_([one.id for one in slots])).values(closed_at=now))
    for slot in slots:
        for booked in appointments.at_slot(session, slot.id):
            _move_off(session, desk, booked, new, now)
        holds.end_at(session, desk, slot.id, now)
    _move_lines(session, desk, day, new, now)


def _move_off(session: Session, desk: BookingDesk, booked: Booked, new: date, now: datetime) -> None:
    """The same time at the same place if it can be, else whatever is free next; else it is cancelled, with regret."""
    for slot_id in _alternatives(session, booked, new, now):
        try:
            booking.move_for(session, desk, _CLOCK, booked.id, slot_id, now)
            return
        except Refused:
            continue
    booking.cancel_for(session, desk, _CLOCK, booked.id, now)


def _alternatives(session: Session, booked: Booked, new: date, now: datetime) -> list[int]:
    same_time = booked.starts_at + (new - booked.day)
    same = select(Slot.id).where(
        Slot.service == booked.service, Slot.place == booked.place, Slot.starts_at == same_time
    )
    later = select(Slot.day).where(Slot.service == booked.service, Slot.day >= new).distinct()
    found = list(session.execute(same).scalars())
    for day in session.execute(later.order_by(Slot.day)).scalars().all():
        found += free_slots(session, booked.service, day, now)
    return found


def _move_lines(session: Session, desk: BookingDesk, day: date, new: date, now: datetime) -> None:
    """Who waited for the day waits for the new one, in the same order; what was offered is gone with its day."""
    lined = select(_entry.c.id).where(_entry.c.day == day, _entry.c.status.in_(LIVE)).order_by(_entry.c.id)
    entry_ids = list(session.execute(lined).scalars())
    back = {"day": new, "status": EntryStatus.WAITING}
    for entry_id in entry_ids:
        offers.withdraw(session, desk, entry_id, now)
        session.execute(update(_entry).where(_entry.c.id == entry_id).values(**back))
