"""Segments: criteria that select people, composed from known words only, counted before anything goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from db.base import table
from db.booking import Appointment
from db.campaigns import Segment
from db.conversation import Conversation
from db.events import Signup
from db.people import Identity, Person, PersonTag, Silence, Subscription
from db.upsert import dialect_of, upsert
from services.booking_terms import AppointmentStatus, Tier
from services.delivery import FETCHED
from services.event_terms import SignupStatus

Criteria = Mapping[str, list[str]]
EVERYBODY: Criteria = {}
_MOST = 1_000  # values of one word: databases take only so many
_NUMBERS = {"event": 999_999_999, "seen": 36_500, "unseen": 36_500}  # and the greatest that makes sense
_WORDS = {
    "tag": None,
    "topic": None,
    "channel": frozenset({"web", "telegram", "wechat"}),
    "language": None,
    "tier": frozenset(Tier),
    "appointment": frozenset(AppointmentStatus),
    "event": None,  # its number
    "signup": frozenset(SignupStatus),  # how somebody stands with that event
    "seen": None,  # within so many days
    "unseen": None,  # not for so many days
}


class BadCriteria(ValueError):
    """A word that selects nobody because nobody knows it; its text is that word."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom the criteria select, and why some of them get nothing."""

    targeted: int
    excluded: dict[str, int]  # silent, unsubscribed, unreachable


def parse(written: str) -> Criteria:
    """`tag=博士后,博士 channel=telegram seen=90`: words side by side all hold, of those after `=` any."""
    criteria: dict[str, list[str]] = {}
    for part in written.replace("，", ",").split():
        name, found, values = part.partition("=")
        if not found and name in ("all", "全部"):
            continue
        criteria.setdefault(name, []).extend(value for value in values.split(",") if value)
        if not criteria[name]:
            raise BadCriteria(part)
    return checked(criteria)


def checked(criteria: Mapping[str, Any]) -> Criteria:
    for name, values in criteria.items():
        if name not in _WORDS or not isinstance(values, list) or not 1 <= len(values) <= _MOST:
            raise BadCriteria(name)
        allowed = _WORDS[name]
        for value in values:
            if not isinstance(value, str) or (name in _NUMBERS and not _number(value, _NUMBERS[name])):
                raise BadCriteria(f"{name}={value}")
            if allowed is not None and value not in allowed:
                raise BadCriteria(f"{name}={value}")
    if "signup" in criteria and "event" not in criteria:
        raise BadCriteria("signup")
    return {name: sorted(set(values)) for name, values in sorted(criteria.items())}


def _number(written: str, most: int) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 10 and int(written) <= most


def save(session: Session, name: str, criteria: Criteria, now: datetime) -> None:
    statement = upsert(dialect_of(session), Segment)
    fresh = {"criteria": statement.excluded.criteria, "saved_at": statement.excluded.saved_at}
    row = {"name": name, "criteria": dict(checked(criteria)), "saved_at": now}
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=fresh), row)


def is_stored(session: Session, name: str) -> bool:
    return session.execute(select(Segment.id).where(Segment.name == name)).scalar() is not None


def named(session: Session, written: str) -> Criteria:
    """A stored segment of that name, or the criteria written out."""
    found = session.execute(select(Segment.criteria).where(Segment.name == written.strip())).scalar()
    return checked(found) if found is not None else parse(written)


def preview(session: Session, criteria: Criteria, topic: str, now: datetime) -> Preview:
    why = case(
        (_unwanted(Person.id, topic), "unsubscribed" if topic else "silent"),
        (~_reachable(Person.id, criteria), "unreachable"),
        else_="",
    )
    rows = (
        select(why, func.count()).select_from(Person).where(_matches(Person.id, criteria, now)).group_by(why)
    )
    found = {row[0]: row[1] for row in session.execute(rows).all()}
    return Preview(found.pop("", 0), found)


def recipients(criteria: Criteria, topic: str, now: datetime) -> Select[int, str]:
    """The one identity of each person that is written to: pushed to before fetched, then the one used last."""
    here, there = table(Conversation), aliased(Conversation)
    other = aliased(Identity)
    own, others = Identity.channel != FETCHED, other.channel != FETCHED
    better = or_(
        and_(others, ~own),
        and_(others == own, there.changed_at > here.c.changed_at),
        and_(others == own, there.changed_at == here.c.changed_at, other.id > Identity.id),
    )
    preferred = any_of(
        select(other.id)
        .join(there, there.identity_id == other.id)
        .where(other.person_id == Identity.person_id, _usable(other, criteria), better)
    )
    return (
        select(Identity.id, Identity.channel)
        .join(here, here.c.identity_id == Identity.id)
        .where(
            _usable(Identity, criteria),
            _matches(Identity.person_id, criteria, now),
            ~_unwanted(Identity.person_id, topic),
            ~preferred,
        )
    )


def _matches(person: Any, criteria: Criteria, now: datetime) -> ColumnElement[bool]:
    conditions = [_condition(person, name, values, criteria, now) for name, values in criteria.items()]
    return and_(true(), *conditions)


def _condition(
    person: Any, name: str, values: list[str], criteria: Criteria, now: datetime
) -> ColumnElement[bool]:
    match name:
        case "tag":
            return any_of(
                select(PersonTag.tag).where(PersonTag.person_id == person, PersonTag.tag.in_(values))
            )
        case "topic":
            return any_of(_consents(person).where(Subscription.topic.in_(values)))
        case "channel" | "language":
            column = Identity.channel if name == "channel" else Identity.language
            theirs = aliased(Identity)
            named = getattr(theirs, column.key).in_(values)
            return any_of(select(theirs.id).where(theirs.person_id == person, named))
        case "tier":
            kept = Appointment.status != AppointmentStatus.CANCELLED
            return any_of(_appointments(person).where(Appointment.tier.in_(values), kept))
        case "appointment":
            return any_of(_appointments(person).where(Appointment.status.in_(values)))
        case "event":
            states = criteria.get("signup", [SignupStatus.SIGNED_UP.value, SignupStatus.ATTENDED.value])
            there = Signup.event_id.in_([int(value) for value in values])
            stands = Signup.status.in_(states)
            return any_of(select(Signup.id).where(Signup.person_id == person, there, stands))
        case "seen":
            return _seen_since(person, now - timedelta(days=max(map(int, values))))
        case "unseen":
            return ~_seen_since(person, now - timedelta(days=min(map(int, values))))
    return true()  # `signup` says more about `event`


def _seen_since(person: Any, since: datetime) -> ColumnElement[bool]:
    theirs = aliased(Identity)
    return any_of(
        select(theirs.id)
        .join(Conversation, Conversation.identity_id == theirs.id)
        .where(theirs.person_id == person, Conversation.changed_at >= since)
    )


def _usable(identity: Any, criteria: Criteria) -> ColumnElement[bool]:
    there: ColumnElement[bool] = identity.left_at.is_(None)
    return and_(there, identity.channel.in_(criteria["channel"])) if "channel" in criteria else there


def _reachable(person: Any, criteria: Criteria) -> ColumnElement[bool]:
    theirs = aliased(Identity)
    return any_of(select(theirs.id).where(theirs.person_id == person, _usable(theirs, criteria)))


def _unwanted(person: Any, topic: str) -> ColumnElement[bool]:
    """A topic needs consent to it, whatever was asked for before; all else, that nobody asked for silence."""
    if topic:
        return ~any_of(_consents(person).where(Subscription.topic == topic))
    return any_of(select(Silence.person_id).where(Silence.person_id == person))


def _consents(person: Any) -> Select[int]:
    return select(Subscription.id).where(
        Subscription.person_id == person, Subscription.withdrawn_at.is_(None)
    )


def _appointments(person: Any) -> Select[int]:
    return select(Appointment.id).where(Appointment.person_id == person)


def any_of(rows: Select[Any]) -> ColumnElement[bool]:
    """Looked up for each person through an index. An offset keeps PostgreSQL from joining everybody with everybody:
    a bit of a million would read the whole million every time."""
    return exists(rows.offset(0))
