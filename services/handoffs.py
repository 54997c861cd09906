"""Handoffs: the wish to go on with a colleague, kept until somebody of the office takes it up."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.handoff import Handoff
from db.session import inserted, vault_in

MOST_WORDS = 2_000  # characters kept of what a person adds


class HandoffStatus(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


def ask(session: Session, identity_id: int, about: str, now: datetime) -> int:
    """One open wish a person: asking again adds to it."""
    found = _open(session, identity_id)
    if found:
        add(session, identity_id, about)
        return found.id
    sealed = vault_in(session).seal(about[:MOST_WORDS])
    values = {"identity_id": identity_id, "status": HandoffStatus.OPEN.value, "asked_at": now}
    return inserted(session.execute(insert(table(Handoff)), {**values, "sealed_about": sealed}))


def add(session: Session, identity_id: int, words: str) -> bool:
    """False: there is no open wish to add to."""
    found = _open(session, identity_id)
    if not found:
        return False
    vault = vault_in(session)
    about = vault.open(found.sealed_about)
    if words and words not in about:
        sealed = vault.seal(f"{about}\n{words}".strip()[-MOST_WORDS:])
        session.execute(update(Handoff).where(Handoff.id == found.id).values(sealed_about=sealed))
    return True


def waiting(session: Session, limit: int = 100) -> list[tuple[int, datetime, str]]:
    """Open wishes, the oldest first: id, time, what it is about."""
    rows = session.execute(
        select(Handoff.id, Handoff.asked_at, Handoff.sealed_about)
        .where(Handoff.status == HandoffStatus.OPEN.value)
        .order_by(Handoff.asked_at)
        .limit(limit)
    ).all()
    return [(row[0], row[1], vault_in(session).open(row[2])) for row in rows]


def _open(session: Session, identity_id: int) -> Handoff | None:
    return session.execute(
        select(Handoff).where(Handoff.identity_id == identity_id, Handoff.status == HandoffStatus.OPEN.value)
    ).scalar_one_or_none()
