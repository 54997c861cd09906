"""Freed seats: offered to the first in line, kept for a while, passed on, or given back to everybody.

A seat that is offered stays taken: nobody else can have it, and a crash leaves it with an offer that expires.
"""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import Offer, Slot, WaitlistEntry
from db.insert import insert_once
from db.locks import line_up
from db.session import changed
from services import booking_notices as notices
from services import seats
from services.availability import free_slots, is_served, waiting
from services.booking_desk import BookingDesk
from services.booking_terms import EntryStatus, OfferStatus
from services.quiet_hours import answer_until

_slot, _entry, _offer = table(Slot), table(WaitlistEntry), table(Offer)
_BATCH = 200
TICK = "booking.tick"  # ticks of several processes take turns


def line(session: Session, service: str, day: date) -> None:
    """Who joins the line of a day and who gives a seat of it back wait for each other.

    Always before any seat is touched: in the other order, two could wait for each other for ever.
    """
    line_up(session, f"line:{service}:{day}")


def line_of(session: Session, slot_id: int) -> None:
    slot = session.get_one(Slot, slot_id)
    line(session, slot.service, slot.day)


def pass_on(session: Session, desk: BookingDesk, slot_id: int, now: datetime) -> None:
    """A seat that somebody gave up: to the first in line, or back to everybody."""
    slot = session.get_one(Slot, slot_id, populate_existing=True)
    useful = slot.closed_at is None and slot.book_until > now
    if not (useful and _offer_next(session, desk, slot, now)):
        seats.free(session, slot_id)


def open_offer(session: Session, entry_id: int) -> Offer | None:
    found = select(Offer).where(Offer.entry_id == entry_id, Offer.status == OfferStatus.OPEN)
    return session.execute(found).scalar_one_or_none()


def settle(session: Session, offer_id: int, status: OfferStatus, now: datetime) -> bool:
    guarded = update(_offer).where(_offer.c.id == offer_id, _offer.c.status == OfferStatus.OPEN)
    if changed(session.execute(guarded.values(status=status, settled_at=now))) == 0:
        return False
    notices.silence_offer(session, offer_id, now)
    return True


def settle_entry(session: Session, entry_id: int, status: EntryStatus, now: datetime) -> None:
    session.execute(update(_entry).where(_entry.c.id == entry_id).values(status=status, settled_at=now))


def withdraw(session: Session, desk: BookingDesk, entry_id: int, now: datetime) -> None:
    """The entry is given up; a seat that was offered to it passes on."""
    offer = open_offer(session, entry_id)
    if offer is not None and settle(session, offer.id, OfferStatus.DECLINED, now):
        pass_on(session, desk, offer.slot_id, now)


def expire_offers(session: Session, desk: BookingDesk, now: datetime) -> int:
    """Those that nobody took in time go to the next in line."""
    line_up(session, TICK)
    due = select(_offer.c.id, _offer.c.slot_id, _offer.c.entry_id).where(
        _offer.c.status == OfferStatus.OPEN, _offer.c.expires_at <= now
    )
    count = 0
    for offer in session.execute(due.order_by(_offer.c.id).limit(_BATCH)).all():
        if settle(session, offer.id, OfferStatus.EXPIRED, now):
            settle_entry(session, offer.entry_id, EntryStatus.LAPSED, now)
            notices.offer_lapsed(session, desk, offer.id, now)
            pass_on(session, desk, offer.slot_id, now)
            count += 1
    return count


def serve_lines(session: Session, desk: BookingDesk, now: datetime) -> int:
    """Seats that are free while somebody waits are offered; lines whose day is over are closed."""
    line_up(session, TICK)
    days = select(_entry.c.service, _entry.c.day).where(_entry.c.status == EntryStatus.WAITING).distinct()
    count = 0
    for service, day in session.execute(days.order_by(_entry.c.day, _entry.c.service)).all():
        line(session, service, day)
        if not is_served(session, service, day, now):
            _close(session, desk, service, day, now)
        for slot_id in free_slots(session, service, day, now):
            count += _offer_free(session, desk, slot_id, now)
    return count


def _offer_free(session: Session, desk: BookingDesk, slot_id: int, now: datetime) -> int:
    count = 0
    slot = session.get_one(Slot, slot_id, populate_existing=True)
    while waiting(session, slot.service, slot.day) and seats.take_for_line(session, slot_id, now):
        if not _offer_next(session, desk, slot, now):
            seats.free(session, slot_id)
            break
        count += 1
    return count


def _offer_next(session: Session, desk: BookingDesk, slot: Slot, now: datetime) -> bool:
    line(session, slot.service, slot.day)
    first = (
        select(_entry.c.id)
        .where(_entry.c.service == slot.service, _entry.c.day == slot.day)
        .where(_entry.c.status == EntryStatus.WAITING, _entry.c.person_id.is_not(None))
        .order_by(_entry.c.id)
        .limit(1)
    )
    entry_id = session.execute(first).scalar_one_or_none()
    if entry_id is None:
        return False
    session.execute(update(_entry).where(_entry.c.id == entry_id).values(status=EntryStatus.OFFERED))
    until = answer_until(desk.plan.quiet, now, desk.plan.offer_minutes, slot.book_until)
    values = {"entry_id": entry_id, "slot_id": slot.id, "status": OfferStatus.OPEN}
    offer_id = insert_once(session, _offer, offered_at=now, expires_at=until, **values)
    assert offer_id is not None
    notices.offered(session, desk, offer_id, now)
    return True


def _close(session: Session, desk: BookingDesk, service: str, day: date, now: datetime) -> None:
    """Nothing came free in time: whoever still waits is told so."""
    still = select(_entry.c.id).where(
        _entry.c.service == service, _entry.c.day == day, _entry.c.status == EntryStatus.WAITING
    )
    for entry_id in session.execute(still).scalars().all():
        settle_entry(session, entry_id, EntryStatus.CLOSED, now)
        notices.line_closed(session, desk, entry_id, now)
