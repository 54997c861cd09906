"""The line for places in an event: what comes free is offered to the first one, kept for a while, and passed on."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import table
from db.events import Event, Signup
from db.locks import line_up
from db.session import changed
from services import event_notices
from services.event_terms import EventDesk, EventStatus, SignupStatus
from services.quiet_hours import answer_until

_event, _signup = table(Event), table(Signup)
_BATCH = 200


def line(session: Session, event_id: int) -> None:
    """Whoever joins the line of an event, gives a place back or changes the event waits for the others."""
    line_up(session, f"event {event_id}")


def pass_on(session: Session, desk: EventDesk, event_id: int, now: datetime) -> None:
    """A place that came free: to the first in line, or back to everybody."""
    event = session.get_one(Event, event_id, populate_existing=True)
    useful = event.status == EventStatus.PUBLISHED and event.starts_at > now
    if not (useful and _offer_next(session, desk, event, now)):
        free(session, event_id)


def serve_line(session: Session, desk: EventDesk, event_id: int, now: datetime) -> int:
    """Places that are free while somebody waits are offered."""
    line(session, event_id)
    count = 0
    event = session.get_one(Event, event_id, populate_existing=True)
    while event.starts_at > now and _waiting(session, event_id) is not None and take_free(session, event_id):
        if not _offer_next(session, desk, event, now):
            free(session, event_id)
            break
        count += 1
    return count


def expire_offers(session: Session, desk: EventDesk, now: datetime) -> int:
    """Those that nobody took in time go to the next in line."""
    line_up(session, "event offers")
    due = select(Signup).where(Signup.status == SignupStatus.OFFERED, Signup.offer_until <= now)
    count = 0
    for signup in session.execute(due.order_by(Signup.offer_until).limit(_BATCH)).scalars().all():
        line(session, signup.event_id)
        still = (_signup.c.status == SignupStatus.OFFERED, _signup.c.offer_until <= now)
        there = update(_signup).where(_signup.c.id == signup.id, *still)
        if changed(session.execute(there.values(status=SignupStatus.LAPSED, offer_until=None))):
            event_notices.lapsed(session, desk, signup, now)
            pass_on(session, desk, signup.event_id, now)
            count += 1
    return count


def take_free(session: Session, event_id: int) -> bool:
    there = update(_event).where(_event.c.id == event_id, _event.c.taken < _event.c.capacity)
    return changed(session.execute(there.values(taken=_event.c.taken + 1))) == 1


def free(session: Session, event_id: int, places: int = 1) -> None:
    session.execute(update(_event).where(_event.c.id == event_id).values(taken=_event.c.taken - places))


def end(session: Session, event_id: int) -> None:
    """Nobody waits any more, and what was kept for somebody is free."""
    kept = {
        status: _lapse(session, event_id, status) for status in (SignupStatus.WAITING, SignupStatus.OFFERED)
    }
    free(session, event_id, kept[SignupStatus.OFFERED])


def begin_earlier(session: Session, event_id: int, starts_at: datetime) -> None:
    """No offer outlasts the beginning."""
    late = update(_signup).where(
        _signup.c.event_id == event_id,
        _signup.c.status == SignupStatus.OFFERED,
        _signup.c.offer_until > starts_at,
    )
    session.execute(late.values(offer_until=starts_at))


def _offer_next(session: Session, desk: EventDesk, event: Event, now: datetime) -> bool:
    first = _waiting(session, event.id)
    if first is None:
        return False
    until = answer_until(desk.quiet, now, desk.offer_minutes, event.starts_at)
    values = {"status": SignupStatus.OFFERED, "offer_until": until, "offers": _signup.c.offers + 1}
    session.execute(update(_signup).where(_signup.c.id == first).values(**values))
    event_notices.offered(session, desk, session.get_one(Signup, first, populate_existing=True), now)
    return True


def _lapse(session: Session, event_id: int, status: SignupStatus) -> int:
    there = update(_signup).where(_signup.c.event_id == event_id, _signup.c.status == status)
    return changed(session.execute(there.values(status=SignupStatus.LAPSED, offer_until=None)))


def _waiting(session: Session, event_id: int) -> int | None:
    first = select(Signup.id).where(
        Signup.event_id == event_id, Signup.status == SignupStatus.WAITING, Signup.person_id.is_not(None)
    )
    return session.execute(first.order_by(Signup.waiting_since, Signup.id).limit(1)).scalar()
