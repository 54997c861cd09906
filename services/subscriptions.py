"""Subscriptions: consent to a topic, given and taken back in one tap, kept with its time and channel."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.people import Silence, Subscription
from db.session import changed
from db.upsert import dialect_of, upsert

TOPICS = Path(__file__).resolve().parent.parent / "db" / "seed" / "topics.toml"
_subscription, _silence = table(Subscription), table(Silence)


class NoSuchTopic(Exception):
    """Nobody offers it."""


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    label: str
    series: bool = False  # of events, too


@cache
def topics(file: Path = TOPICS) -> tuple[Topic, ...]:
    """In the order in which they are offered."""
    return tuple(Topic(**one) for one in tomllib.loads(file.read_text(encoding="utf-8"))["topic"])


def topic(name: str) -> Topic:
    found = next((one for one in topics() if one.name == name), None)
    if found is None:
        raise NoSuchTopic
    return found


def topic_in(text: str, verbs: tuple[str, ...]) -> str:
    """The name of the one that a label names after a verb, as in 退订“经纶江海”; '' for anything else."""
    said = _plain(text)
    return next((one.name for one in topics() if said in {verb + _plain(one.label) for verb in verbs}), "")


def of(session: Session, person_id: int) -> frozenset[str]:
    open_ones = select(_subscription.c.topic).where(
        _subscription.c.person_id == person_id, _subscription.c.withdrawn_at.is_(None)
    )
    return frozenset(session.execute(open_ones).scalars())


def subscribe(session: Session, person_id: int, name: str, channel: str, now: datetime) -> None:
    """Whoever asked for silence before hears of this topic, and of nothing else."""
    row = {"person_id": person_id, "topic": topic(name).name, "channel": channel, "given_at": now}
    session.execute(upsert(dialect_of(session), Subscription).on_conflict_do_nothing(), row)


def unsubscribe(session: Session, person_id: int, name: str, now: datetime) -> bool:
    given = update(_subscription).where(
        _subscription.c.person_id == person_id,
        _subscription.c.topic == name,
        _subscription.c.withdrawn_at.is_(None),
    )
    return changed(session.execute(given.values(withdrawn_at=now))) > 0


def stop(session: Session, person_id: int, channel: str, now: datetime) -> None:
    """All of it, and no other broadcast either."""
    given = update(_subscription).where(
        _subscription.c.person_id == person_id, _subscription.c.withdrawn_at.is_(None)
    )
    session.execute(given.values(withdrawn_at=now))
    row = {"person_id": person_id, "channel": channel, "since": now}
    session.execute(upsert(dialect_of(session), Silence).on_conflict_do_nothing(), row)


def hear_again(session: Session, person_id: int) -> None:
    """What is sent to everybody reaches them, too."""
    session.execute(delete(_silence).where(_silence.c.person_id == person_id))


def _plain(text: str) -> str:
    return re.sub(r"[\s“”\"「」。.!]", "", unicodedata.normalize("NFKC", text))


def is_silent(session: Session, person_id: int) -> bool:
    return (
        session.execute(select(_silence.c.since).where(_silence.c.person_id == person_id)).scalar()
        is not None
    )
