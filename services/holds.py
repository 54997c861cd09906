"""Holds: a seat kept for minutes from the choice of its time, while details are filled in."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import Hold
from db.insert import insert_once
from db.locks import line_up
from db.session import changed, vault_in
from services import offers, seats, waitlist
from services.availability import places_beside
from services.booking_desk import BookingDesk
from services.booking_terms import HoldGone, HoldStatus, Kind, SlotTaken, Tier

_hold = table(Hold)
_LIVE = (
    select(Hold)
    .where(Hold.person_id == bindparam("person"), Hold.status == HoldStatus.LIVE)
    .execution_options(populate_existing=True)
)
_BATCH = 500


def hold(
    session: Session, desk: BookingDesk, person_id: int, slot_id: int, tier: Tier, kind: Kind, now: datetime
) -> int:
    """The slot, or the same time at another place. Asked again, it is the same hold; another time replaces it."""
    mine = live_of(session, person_id)
    if mine is not None and mine.slot_id == slot_id and mine.expires_at > now and mine.tier == tier:
        return mine.id
    if mine is not None:
        offers.line_of(session, mine.slot_id)
    taken = _taken(session, slot_id, tier, now)
    return _keep(session, desk, mine, person_id, taken, tier, kind, now)


def accept(session: Session, desk: BookingDesk, person_id: int, offer_id: int, now: datetime) -> int:
    """The offered seat becomes a hold."""
    slot_id, entry = waitlist.accept(session, person_id, offer_id, now)
    mine = live_of(session, person_id)
    return _keep(session, desk, mine, person_id, slot_id, Tier(entry.tier), Kind(entry.kind), now)


def live_of(session: Session, person_id: int) -> Hold | None:
    return session.execute(_LIVE, {"person": person_id}).scalar_one_or_none()


def find(session: Session, person_id: int, hold_id: int, now: datetime) -> Hold:
    """While its minutes last."""
    held = session.get(Hold, hold_id, populate_existing=True)
    if held is None or held.person_id != person_id:
        raise HoldGone
    if held.status != HoldStatus.LIVE or held.expires_at <= now:
        raise HoldGone
    return held


def fill_in(session: Session, hold_id: int, details: dict[str, str], now: datetime) -> None:
    """What the person told, sealed, beside the seat it is for."""
    guarded = update(_hold).where(
        _hold.c.id == hold_id, _hold.c.status == HoldStatus.LIVE, _hold.c.expires_at > now
    )
    sealed = vault_in(session).seal_json(details)
    if changed(session.execute(guarded.values(sealed_details=sealed))) == 0:
        raise HoldGone


def details_of(session: Session, held: Hold) -> dict[str, str]:
    return dict(vault_in(session).open_json(held.sealed_details)) if held.sealed_details else {}


def spend(session: Session, person_id: int, hold_id: int, now: datetime) -> Any:
    """Its seat becomes an appointment's; to the second, or never."""
    guarded = update(_hold).where(
        _hold.c.id == hold_id,
        _hold.c.person_id == person_id,
        _hold.c.status == HoldStatus.LIVE,
        _hold.c.expires_at > now,
    )
    spent = guarded.values(status=HoldStatus.BOOKED, settled_at=now).returning(*_hold.c)
    row = session.execute(spent).one_or_none()
    if row is None:
        raise HoldGone
    return row


def unspend(session: Session, hold_id: int) -> None:
    """For a caller that could not go on: the hold is as it was."""
    session.execute(
        update(_hold).where(_hold.c.id == hold_id).values(status=HoldStatus.LIVE, settled_at=None)
    )


def release(session: Session, desk: BookingDesk, person_id: int, now: datetime) -> None:
    """Given up by the person: the seat passes on."""
    mine = live_of(session, person_id)
    if mine is not None:
        _settle(session, desk, mine.id, mine.slot_id, HoldStatus.RELEASED, now)


def expire_holds(session: Session, desk: BookingDesk, now: datetime) -> int:
    line_up(session, offers.TICK)
    due = select(_hold.c.id, _hold.c.slot_id).where(
        _hold.c.status == HoldStatus.LIVE, _hold.c.expires_at <= now
    )
    rows = session.execute(due.order_by(_hold.c.id).limit(_BATCH)).all()
    return sum(_settle(session, desk, row.id, row.slot_id, HoldStatus.EXPIRED, now) for row in rows)


def end_at(session: Session, desk: BookingDesk, slot_id: int, now: datetime) -> None:
    """Its time does not take place."""
    live = select(_hold.c.id).where(_hold.c.slot_id == slot_id, _hold.c.status == HoldStatus.LIVE)
    for hold_id in session.execute(live).scalars().all():
        _settle(session, desk, hold_id, slot_id, HoldStatus.EXPIRED, now)


def _taken(session: Session, slot_id: int, tier: Tier, now: datetime) -> int:
    """The guarded UPDATE comes first: in a rush it alone decides, and whoever is late has locked nothing."""
    if seats.take(session, slot_id, tier.service, now):
        return slot_id
    refusal = seats.why_not(session, slot_id, tier.service, now)
    if isinstance(refusal, SlotTaken):
        for other in places_beside(session, slot_id):
            if seats.take(session, other, tier.service, now):
                return other
    raise refusal


def _keep(
    session: Session,
    desk: BookingDesk,
    before: Hold | None,
    person_id: int,
    slot_id: int,
    tier: Tier,
    kind: Kind,
    now: datetime,
) -> int:
    """The seat is taken already: the hold that it replaces ends, with what was filled in going along."""
    details = before.sealed_details if before else None
    if before is not None:
        _settle(session, desk, before.id, before.slot_id, HoldStatus.RELEASED, now)
    until = now + timedelta(minutes=desk.plan.hold_minutes)
    values = {"tier": tier, "kind": kind, "status": HoldStatus.LIVE, "sealed_details": details}
    made = insert_once(
        session, _hold, person_id=person_id, slot_id=slot_id, held_at=now, expires_at=until, **values
    )
    # The same person at the same instant on another channel: the whole unit of work is undone.
    assert made is not None, "two holds of one person at once"
    return made


def _settle(
    session: Session, desk: BookingDesk, hold_id: int, slot_id: int, status: HoldStatus, now: datetime
) -> bool:
    guarded = update(_hold).where(_hold.c.id == hold_id, _hold.c.status == HoldStatus.LIVE)
    settled = guarded.values(status=status, settled_at=now, sealed_details=None)
    if changed(session.execute(settled)) == 0:
        return False
    offers.pass_on(session, desk, slot_id, now)
    return True
