"""What happens to events by itself: reminders, offers that lapse, the end, the question how people liked it."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import table
from db.events import Event, Signup
from db.locks import line_up
from db.session import changed
from services import audit, event_line, event_notices
from services.event_terms import EventDesk, EventStatus, SignupStatus

REMIND = timedelta(days=1)
_event, _signup = table(Event), table(Signup)
_BATCH = 200


def advance(session: Session, desk: EventDesk, now: datetime) -> int:
    """All of it, some at a time. How much was done."""
    line_up(session, "event ticks")
    done = event_line.expire_offers(session, desk, now) + serve_lines(session, desk, now)
    return done + remind_due(session, desk, now) + close_past(session, now) + ask_due(session, desk, now)


def serve_lines(session: Session, desk: EventDesk, now: datetime) -> int:
    """Places that came free by the way (two channels of one person were joined) go to those who wait."""
    waiting = select(Signup.event_id).where(
        Signup.status == SignupStatus.WAITING, Signup.person_id.is_not(None)
    )
    free = select(Event.id).where(
        Event.status == EventStatus.PUBLISHED,
        Event.starts_at > now,
        Event.taken < Event.capacity,
        Event.id.in_(waiting),
    )
    ids = session.execute(free.order_by(Event.id).limit(_BATCH)).scalars().all()
    return sum(event_line.serve_line(session, desk, one, now) for one in ids)


def remind_due(session: Session, desk: EventDesk, now: datetime) -> int:
    """The day before, once; whoever signed up later than that needs none."""
    due = (
        select(Event, Signup)
        .join(Signup, Signup.event_id == Event.id)
        .where(Event.status == EventStatus.PUBLISHED, Event.starts_at > now, Event.starts_at <= now + REMIND)
        .where(Signup.status == SignupStatus.SIGNED_UP, Signup.reminded_at.is_(None))
        .order_by(Event.starts_at, Signup.id)
        .limit(_BATCH)
    )
    events = {event.id for event, _ in session.execute(due).all()}
    for one in sorted(events):  # who leaves, cancels or changes it at this moment comes before, or after
        event_line.line(session, one)
    due = due.where(Event.id.in_(events)).execution_options(populate_existing=True)
    rows = session.execute(due).all() if events else []
    for event, signup in rows:
        there = update(_signup).where(_signup.c.id == signup.id, _signup.c.reminded_at.is_(None))
        first = changed(session.execute(there.values(reminded_at=now))) == 1
        if first and signup.signed_at <= event.starts_at - REMIND:
            event_notices.remind(session, desk, event, signup, now)
    return len(rows)


def remind_anew(session: Session, event: Event, now: datetime) -> None:
    """It begins at another time: the day before that. Who hears of it later than that needs no other word."""
    told = None if event.starts_at - REMIND > now else now
    session.execute(update(_signup).where(_signup.c.event_id == event.id).values(reminded_at=told))


def close_past(session: Session, now: datetime) -> int:
    """Held, once it is over and was not cancelled. Where people checked in, the others missed it."""
    over = select(Event).where(Event.status == EventStatus.PUBLISHED, Event.ends_at <= now)
    events = session.execute(over.order_by(Event.id).limit(_BATCH)).scalars().all()
    for event in events:
        event_line.line(session, event.id)
        still = (_event.c.status == EventStatus.PUBLISHED, _event.c.ends_at <= now)
        there = update(_event).where(_event.c.id == event.id, *still)
        if changed(session.execute(there.values(status=EventStatus.HELD, changed_at=now))):
            _close(session, event.id, now)
    return len(events)


def ask_due(session: Session, desk: EventDesk, now: datetime) -> int:
    """Those who came; where nobody checked in, those who had a place."""
    recent = now - timedelta(days=2)
    due = (
        select(Event, Signup)
        .join(Signup, Signup.event_id == Event.id)
        .where(Event.status == EventStatus.HELD, Event.ends_at > recent, Event.ends_at <= now)
        .where(Signup.asked_at.is_(None), Signup.person_id.is_not(None))
        .where(Signup.status.in_((SignupStatus.ATTENDED, SignupStatus.SIGNED_UP)))
        .order_by(Signup.id)
        .limit(_BATCH)
    )
    rows = session.execute(due).all()
    for event, signup in rows:
        there = update(_signup).where(_signup.c.id == signup.id, _signup.c.asked_at.is_(None))
        if changed(session.execute(there.values(asked_at=now))) == 1:
            event_notices.ask(session, desk, event, signup.person_id, now)
    return len(rows)


def _close(session: Session, event_id: int, now: datetime) -> None:
    here = _signup.c.event_id == event_id
    came = select(Signup.id).where(Signup.event_id == event_id, Signup.status == SignupStatus.ATTENDED)
    if session.execute(came.limit(1)).scalar() is not None:
        signed = update(_signup).where(here, _signup.c.status == SignupStatus.SIGNED_UP)
        event_line.free(
            session, event_id, changed(session.execute(signed.values(status=SignupStatus.MISSED)))
        )
    event_line.end(session, event_id)
    audit.record(session, "tick", "event.held", f"event:{event_id}", now)
