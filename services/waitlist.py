"""The line for a full day: joined at its end, left at any time, served in order."""

from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import Offer, WaitlistEntry
from db.insert import insert_once
from db.session import changed
from services import booking_notices as notices
from services import offers
from services.availability import free_slots, is_served, waiting
from services.booking_desk import BookingDesk
from services.booking_terms import Changed, EntryStatus, Kind, NotFound, NotOpen, OfferGone, OfferStatus, Tier

LIVE = (EntryStatus.WAITING, EntryStatus.OFFERED)
_entry, _offer = table(WaitlistEntry), table(Offer)


def join(session: Session, person_id: int, day: date, tier: Tier, kind: Kind, now: datetime) -> int:
    """A place at the end; who is in line keeps theirs. Raises `Changed` when there is a seat to take instead."""
    service = tier.service
    offers.line(session, service, day)
    mine = entry_of(session, person_id, service, day)
    if mine is not None:
        return mine
    if not is_served(session, service, day, now):
        raise NotOpen
    if free_slots(session, service, day, now) and not waiting(session, service, day):
        raise Changed
    values = {"service": service, "day": day, "tier": tier, "kind": kind, "status": EntryStatus.WAITING}
    made = insert_once(session, _entry, person_id=person_id, joined_at=now, **values)
    assert made is not None
    return made


def leave(session: Session, desk: BookingDesk, person_id: int, entry_id: int, now: datetime) -> None:
    """An offered seat passes on."""
    entry = session.get(WaitlistEntry, entry_id, populate_existing=True)
    if entry is None or entry.person_id != person_id:
        raise NotFound
    offers.line(session, entry.service, entry.day)
    guarded = update(_entry).where(_entry.c.id == entry_id, _entry.c.status.in_(LIVE))
    if changed(session.execute(guarded.values(status=EntryStatus.LEFT, settled_at=now))) == 0:
        raise NotFound
    offers.withdraw(session, desk, entry_id, now)


def leave_day(
    session: Session, desk: BookingDesk, person_id: int, service: str, day: date, now: datetime
) -> None:
    """Who has a seat on that day waits for it no longer."""
    mine = entry_of(session, person_id, service, day)
    if mine is not None:
        offers.line(session, service, day)
        offers.settle_entry(session, mine, EntryStatus.SERVED, now)
        offers.withdraw(session, desk, mine, now)


def accept(session: Session, person_id: int, offer_id: int, now: datetime) -> tuple[int, WaitlistEntry]:
    """The slot whose seat the caller now has to hold for the person, and the entry that it serves."""
    entry = _offered(session, person_id, offer_id)
    guarded = update(_offer).where(
        _offer.c.id == offer_id, _offer.c.status == OfferStatus.OPEN, _offer.c.expires_at > now
    )
    taken = guarded.values(status=OfferStatus.ACCEPTED, settled_at=now).returning(_offer.c.slot_id)
    slot_id = session.execute(taken).scalar_one_or_none()
    if slot_id is None:
        raise OfferGone
    notices.silence_offer(session, offer_id, now)
    offers.settle_entry(session, entry.id, EntryStatus.SERVED, now)
    return int(slot_id), entry


def decline(session: Session, desk: BookingDesk, person_id: int, offer_id: int, now: datetime) -> None:
    entry = _offered(session, person_id, offer_id)
    if not offers.settle(session, offer_id, OfferStatus.DECLINED, now):
        raise OfferGone
    offers.settle_entry(session, entry.id, EntryStatus.LAPSED, now)
    offers.pass_on(session, desk, session.get_one(Offer, offer_id).slot_id, now)


def entry_of(session: Session, person_id: int, service: str, day: date) -> int | None:
    found = select(_entry.c.id).where(
        _entry.c.person_id == person_id,
        _entry.c.service == service,
        _entry.c.day == day,
        _entry.c.status.in_(LIVE),
    )
    return session.execute(found).scalar_one_or_none()


def entries_of(session: Session, person_id: int) -> list[WaitlistEntry]:
    found = select(WaitlistEntry).where(WaitlistEntry.person_id == person_id, WaitlistEntry.status.in_(LIVE))
    return list(session.execute(found.order_by(WaitlistEntry.day, WaitlistEntry.id)).scalars())


def place_in_line(session: Session, entry: WaitlistEntry) -> int:
    """1 is next."""
    before = select(func.count()).where(
        _entry.c.service == entry.service,
        _entry.c.day == entry.day,
        _entry.c.status == EntryStatus.WAITING,
        _entry.c.id <= entry.id,
    )
    return session.execute(before).scalar_one()


def _offered(session: Session, person_id: int, offer_id: int) -> WaitlistEntry:
    found = select(WaitlistEntry).join(Offer, Offer.entry_id == WaitlistEntry.id).where(Offer.id == offer_id)
    entry = session.execute(found).scalar_one_or_none()
    if entry is None or entry.person_id != person_id:
        raise NotFound
    return entry
