"""What was said in a conversation, as its person sees it: exchanges, and messages that came unasked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import desc, func, insert, select
from sqlalchemy.orm import Session

from db.base import table
from db.conversation import PushedMessage, SeenUpdate
from db.locks import line_up
from db.session import inserted, vault_in
from services.messaging import Message
from services.people import identity_at
from services.wire import pack, unpack


@dataclass(frozen=True, slots=True)
class Exchange:
    """One entry of the log: what was said (None: nothing to show) and what we answered, or said unasked.

    `id` names it among the person's own: the update's id, or that of a pushed message.
    """

    id: str
    at: datetime
    said: dict[str, str] | None
    messages: tuple[Message, ...]


def history(session: Session, identity_id: int, limit: int = 50) -> list[Exchange]:
    """The last exchanges and pushed messages, oldest first."""
    vault = vault_in(session)
    seen = session.execute(
        select(SeenUpdate.update_id, SeenUpdate.received_at, SeenUpdate.sealed_turn)
        .where(SeenUpdate.identity_id == identity_id)
        .order_by(desc(SeenUpdate.id))
        .limit(limit)
    ).all()
    exchanges = [_exchange(update_id, at, vault.open_json(turn)) for update_id, at, turn in reversed(seen)]
    exchanges += _pushed(session, identity_id, limit)
    return sorted(exchanges, key=lambda one: one.at)[-limit:]


def _pushed(session: Session, identity_id: int, limit: int) -> list[Exchange]:
    rows = session.execute(
        select(PushedMessage.id, PushedMessage.pushed_at, PushedMessage.sealed_message)
        .where(PushedMessage.identity_id == identity_id)
        .order_by(desc(PushedMessage.id))
        .limit(limit)
    ).all()
    vault = vault_in(session)
    return [
        Exchange(pushed_id(number), at, None, (unpack(vault.open_json(sealed)),))
        for number, at, sealed in reversed(rows)
    ]


def pushed_id(number: int) -> str:
    """What a pushed message is called beside updates, whose ids hold no blank."""
    return f"pushed {number}"


def pushed_after(
    session: Session, identity_id: int, after: int, limit: int = 100
) -> list[tuple[int, Message]]:
    rows = session.execute(
        select(PushedMessage.id, PushedMessage.sealed_message)
        .where(PushedMessage.identity_id == identity_id, PushedMessage.id > after)
        .order_by(PushedMessage.id)
        .limit(limit)
    ).all()
    return [(number, unpack(vault_in(session).open_json(sealed))) for number, sealed in rows]


def last_pushed(session: Session, identity_id: int) -> int:
    newest = select(PushedMessage.id).where(PushedMessage.identity_id == identity_id)
    return session.execute(newest.order_by(desc(PushedMessage.id)).limit(1)).scalar() or 0


def push(session: Session, channel: str, address: str, message: Message, now: datetime) -> int | None:
    """Lays a message down for somebody who fetches it. None: nobody we know."""
    identity = identity_at(session, channel, address)
    if identity is None:
        return None
    vault = vault_in(session)
    line_up(
        session, f"push {identity}"
    )  # so that ids of one person's messages come in the order of their commits
    sealed = {"identity_id": identity, "pushed_at": now, "sealed_message": vault.seal_json(pack(message))}
    return inserted(session.execute(insert(table(PushedMessage)), sealed))


def exchange_of(session: Session, identity_id: int, name: str) -> Exchange | None:
    """One exchange of this identity's own log, by its id."""
    if name.startswith("pushed "):
        return next((one for one in _pushed(session, identity_id, 200) if one.id == name), None)
    found = session.execute(
        select(SeenUpdate.received_at, SeenUpdate.sealed_turn).where(
            SeenUpdate.identity_id == identity_id, SeenUpdate.update_id == name
        )
    ).one_or_none()
    return _exchange(name, found[0], vault_in(session).open_json(found[1])) if found else None


def newest_pushed(session: Session) -> int:
    return session.execute(select(func.max(PushedMessage.id))).scalar() or 0


def pushed_since(session: Session, after: int) -> list[tuple[int, int]]:
    """The newest pushed messages of anybody: (id, identity), the oldest first."""
    rows = session.execute(
        select(PushedMessage.id, PushedMessage.identity_id)
        .where(PushedMessage.id > after)
        .order_by(PushedMessage.id)
        .limit(5_000)
    ).all()
    return [(row[0], row[1]) for row in rows]


def _exchange(name: str, at: datetime, turn: dict[str, Any]) -> Exchange:
    return Exchange(name, at, turn["said"], tuple(unpack(message) for message in turn["messages"]))
