"""Places in an event: taken once, waited for, offered to the next in line, given up; who came and how they liked it.

`event.taken` counts those signed up, offered and attended. A place that is offered stays taken: a crash leaves it with
an offer that expires.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.events import Event, Signup
from db.session import changed
from db.upsert import dialect_of, upsert
from services import event_line, event_notices
from services.checkins import Door, check_door, door_of
from services.event_terms import (
    EventDesk,
    EventFull,
    EventStatus,
    NoSuchEvent,
    NotSignedUp,
    PlaceGone,
    SignupOver,
    SignupStatus,
)

_event, _signup = table(Event), table(Signup)
_LIVE = (SignupStatus.SIGNED_UP, SignupStatus.OFFERED, SignupStatus.WAITING)
_PLACED = [status.value for status in SignupStatus if status.has_place]
_somebody_waits = exists(
    select(_signup.c.id).where(
        _signup.c.event_id == _event.c.id,
        _signup.c.status == SignupStatus.WAITING,
        _signup.c.person_id.is_not(None),
    )
)


def of(session: Session, event_id: int, person_id: int) -> Signup | None:
    found = select(Signup).where(Signup.event_id == event_id, Signup.person_id == person_id)
    return session.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()


def mine(session: Session, person_id: int, now: datetime) -> list[tuple[Event, Signup]]:
    """What a person has ahead, with or without a place."""
    live = [*_PLACED, SignupStatus.WAITING.value]
    found = (
        select(Event, Signup)
        .join(Signup, Signup.event_id == Event.id)
        .where(Signup.person_id == person_id, Signup.status.in_(live))
        .where(Event.status == EventStatus.PUBLISHED, Event.ends_at > now)
        .order_by(Event.starts_at)
    )
    return [(row[0], row[1]) for row in session.execute(found).all()]


def placed_here(session: Session, desk: EventDesk, person_id: int, now: datetime) -> bool:
    """Whether they have a place where the doors are open just now."""
    return any(
        SignupStatus(place.status).has_place and door_of(desk, event, now) is Door.OPEN
        for event, place in mine(session, person_id, now)
    )


def told_of(session: Session, person_id: int) -> list[dict[str, Any]]:
    """Everything that is kept of a person's places, as JSON values."""
    found = select(Event.title, Event.starts_at, Signup).join(Signup, Signup.event_id == Event.id)
    rows = session.execute(found.where(Signup.person_id == person_id).order_by(Signup.id)).all()
    return [
        {
            "title": title,
            "starts_at": starts_at.isoformat(),
            "status": one.status,
            "signed_at": one.signed_at.isoformat(),
            "checked_in_at": one.checked_in_at.isoformat() if one.checked_in_at else None,
            "rating": one.rating,
        }
        for title, starts_at, one in rows
    ]


def sign_up(
    session: Session, event_id: int, person_id: int, now: datetime, campaign_id: int | None = None
) -> Signup:
    """One place, however often it is asked for, after those who wait. Raises EventFull, SignupOver or NoSuchEvent."""
    known = of(session, event_id, person_id)
    if known is not None and known.status in _PLACED:
        return known
    if not _take_place(session, event_id, now):
        raise _why_not(session, event_id, now) or EventFull
    if not _write(session, event_id, person_id, SignupStatus.SIGNED_UP, now, campaign_id=campaign_id):
        event_line.free(session, event_id)  # on another channel, at this very moment
    return _theirs(session, event_id, person_id)


def join_line(session: Session, event_id: int, person_id: int, now: datetime) -> Signup:
    """The next free place is offered to those who wait, in order."""
    event_line.line(session, event_id)
    known = of(session, event_id, person_id)
    if known is not None and known.status in (*_PLACED, SignupStatus.WAITING):
        return known
    if not isinstance(_why_not(session, event_id, now), EventFull):
        return sign_up(session, event_id, person_id, now)
    _write(session, event_id, person_id, SignupStatus.WAITING, now, waiting_since=now)
    return _theirs(session, event_id, person_id)


def before(session: Session, signup: Signup) -> int:
    """How many are in line before this one."""
    earlier = or_(
        Signup.waiting_since < signup.waiting_since,
        and_(Signup.waiting_since == signup.waiting_since, Signup.id < signup.id),
    )
    ahead = select(func.count()).where(
        Signup.event_id == signup.event_id,
        Signup.status == SignupStatus.WAITING,
        Signup.person_id.is_not(None),
        earlier,
    )
    return session.execute(ahead).scalar_one()


def accept(session: Session, event_id: int, person_id: int, now: datetime) -> Signup:
    """Once; tapped again, it is theirs already."""
    offered = _own(event_id, person_id).where(
        _signup.c.status == SignupStatus.OFFERED, _signup.c.offer_until > now
    )
    values = {"status": SignupStatus.SIGNED_UP, "offer_until": None, "signed_at": now}
    accepted = changed(session.execute(offered.values(**values))) == 1
    known = of(session, event_id, person_id)
    if known is None or known.status != SignupStatus.SIGNED_UP:
        raise PlaceGone
    if accepted:
        event_notices.silence(session, known, 0, now)
    return known


def give_up(session: Session, desk: EventDesk, event_id: int, person_id: int, now: datetime) -> Signup:
    """A place, an offer or a place in line. What was taken goes to the next one."""
    event_line.line(session, event_id)
    known = of(session, event_id, person_id)
    if known is None or known.status not in _LIVE:
        raise NotSignedUp
    status = SignupStatus(known.status)
    there = _own(event_id, person_id).where(_signup.c.status == status)
    if changed(session.execute(there.values(status=SignupStatus.CANCELLED, offer_until=None))) == 0:
        raise NotSignedUp
    event_notices.silence(session, known, session.get_one(Event, event_id).version, now)
    if status is not SignupStatus.WAITING:
        event_line.pass_on(session, desk, event_id, now)
    return _theirs(session, event_id, person_id)


def check_in(session: Session, desk: EventDesk, event_id: int, person_id: int, now: datetime) -> Signup:
    """At the door. Whoever did not sign up may come in while there is room."""
    event_line.line(session, event_id)
    event = session.get(Event, event_id, populate_existing=True)
    if event is None or event.published_at is None:
        raise NoSuchEvent
    check_door(desk, event, now)
    known = of(session, event_id, person_id)
    if known is not None and known.status == SignupStatus.OFFERED:
        event_notices.silence(session, known, 0, now)
    if known is None or known.status not in _PLACED:
        if not event_line.take_free(session, event_id):
            raise NotSignedUp
        if not _write(session, event_id, person_id, SignupStatus.ATTENDED, now):
            event_line.free(session, event_id)
    values = {"status": SignupStatus.ATTENDED, "checked_in_at": now, "offer_until": None}
    there = _own(event_id, person_id).where(_signup.c.checked_in_at.is_(None))
    session.execute(there.values(**values))
    return _theirs(session, event_id, person_id)


def rate(session: Session, event_id: int, person_id: int, stars: int) -> None:
    if not 1 <= stars <= 5:
        raise NotSignedUp
    came = (SignupStatus.ATTENDED, SignupStatus.SIGNED_UP)
    there = _own(event_id, person_id).where(_signup.c.status.in_(came), _signup.c.asked_at.is_not(None))
    if changed(session.execute(there.values(rating=stars))) == 0:
        raise NotSignedUp


def forget(session: Session, desk: EventDesk, person_id: int, now: datetime) -> None:
    """Before a person is erased: what they had ahead goes to others."""
    for event, _ in mine(session, person_id, now):
        try:
            give_up(session, desk, event.id, person_id, now)
        except NotSignedUp:
            continue  # checked in already


def forget_old(session: Session, before: datetime) -> int:
    """Who was at events that have been over for long; how many there were stays."""
    over = select(Event.id).where(Event.ends_at < before)
    theirs = update(_signup).where(_signup.c.event_id.in_(over), _signup.c.person_id.is_not(None))
    return changed(session.execute(theirs.values(person_id=None)))


def _take_place(session: Session, event_id: int, now: datetime) -> bool:
    open_one = (_event.c.status == EventStatus.PUBLISHED, _event.c.sign_up_until > now)
    room = (_event.c.taken < _event.c.capacity, ~_somebody_waits)
    there = update(_event).where(_event.c.id == event_id, *open_one, *room)
    return changed(session.execute(there.values(taken=_event.c.taken + 1))) == 1


def _why_not(session: Session, event_id: int, now: datetime) -> Exception | None:
    event = session.get(Event, event_id, populate_existing=True)
    if event is None or event.published_at is None:
        return NoSuchEvent()
    if event.status != EventStatus.PUBLISHED or event.sign_up_until <= now:
        return SignupOver()
    room = event.taken < event.capacity
    waits = select(_event.c.id).where(_event.c.id == event_id, _somebody_waits)
    return None if room and session.execute(waits).first() is None else EventFull()


def _write(
    session: Session, event_id: int, person_id: int, status: SignupStatus, now: datetime, **more: Any
) -> bool:
    """False: they have a place by now."""
    row = {"status": status.value, "signed_at": now, "waiting_since": None, "offer_until": None, **more}
    statement = upsert(dialect_of(session), Signup).values(
        event_id=event_id, person_id=person_id, offers=0, **row
    )
    again = statement.on_conflict_do_update(
        index_elements=["event_id", "person_id"], set_=row, where=_signup.c.status.not_in(_PLACED)
    )
    return session.execute(again.returning(_signup.c.id)).scalar() is not None


def _own(event_id: int, person_id: int) -> Any:
    return update(_signup).where(_signup.c.event_id == event_id, _signup.c.person_id == person_id)


def _theirs(session: Session, event_id: int, person_id: int) -> Signup:
    found = of(session, event_id, person_id)
    assert found is not None
    return found
