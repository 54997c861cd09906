"""Deliveries on their way out: claimed by one sender, settled once, and what a dead sender had in hand told openly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, update
from sqlalchemy.orm import Session

from db.delivery import Delivery
from db.locks import line_up
from db.people import Identity
from db.session import changed, vault_in
from services import arrivals
from services import outgoing_rows as rows
from services.delivery import FETCHED, DeliveryStatus
from services.messaging import Message
from services.wire import unpack


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row in our hands: it must be settled."""

    id: int
    identity_id: int
    address: str
    message: Message
    bulk: bool
    attempts: int
    reason: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """`due_at` sends it round again: its status is then `queued`."""

    id: int
    status: DeliveryStatus
    outcome: str = ""
    message_id: str = ""
    due_at: datetime | None = None
    attempts: int = 0


def claim(
    session: Session,
    channel: str,
    now: datetime,
    limit: int,
    worker: str,
    *,
    quiet: bool = False,
    resting: bool = False,
) -> list[Claimed]:
    """Takes what is due, single notices before broadcasts; what is too late or unwanted is settled on the way.

    `quiet`: it is night, `resting`: a day off for people; only channels that nobody hears are claimed from then,
    on a day off single notices too. What somebody asked for just now comes at any hour.
    """
    night = quiet and channel != FETCHED
    line_up(session, f"claims of {channel}")
    expire(session, channel, now)
    due = {"lane": channel, "now": now}
    ids = _ids(session, rows.ASKED if night else rows.SINGLES, limit, due)
    if not night and (not resting or channel == FETCHED):
        for reason, subject in session.execute(rows.BROADCASTS).all() if len(ids) < limit else ():
            its = {**due, "why": reason, "what": subject}
            ids += _ids(session, rows.OF_BROADCAST, limit - len(ids), its)
    if not ids:
        return []
    session.execute(rows.TAKE, {"ids": ids, "worker": worker})
    return _in_hand(session, ids, worker, now)


def settle(session: Session, worker: str, outcomes: Iterable[Settled], now: datetime) -> None:
    """Only what is still `sending` in that hand changes: an outcome comes once, from whoever made the call."""
    over: list[dict[str, object]] = []
    again: list[dict[str, object]] = []
    named = []
    for one in outcomes:
        row = {
            "number": one.id,
            "worker": worker,
            "status": one.status.value,
            "outcome": one.outcome,
            "message_id": one.message_id[:64],
            "attempts": one.attempts,
        }
        if one.message_id:
            named.append(one.id)
        if one.due_at is None:
            over.append({**row, "settled_at": now})
        else:
            again.append({**row, "due_at": one.due_at})
    for statement, told in ((rows.SETTLE, over), (rows.QUEUE_AGAIN, again)):
        if told:
            statement.many(session, told)
    if named:
        arrivals.catch_up(session, named, now)


def recover(session: Session, channel: str, now: datetime) -> int:
    """What a sender that died had in hand: perhaps sent. Called by the one that takes its place.

    The commit of its last claim may still be under way in the server.
    """
    line_up(session, f"claims of {channel}")
    left = update(Delivery).where(
        Delivery.channel == channel, Delivery.status == DeliveryStatus.SENDING.value
    )
    unconfirmed = {"status": DeliveryStatus.UNCONFIRMED.value, "outcome": "interrupted", "settled_at": now}
    return changed(session.execute(left.values(unconfirmed)))


def expire(session: Session, channel: str, now: datetime) -> int:
    """Some at a time: whatever is past its use is not claimed in any case."""
    return changed(session.execute(rows.EXPIRE, {"lane": channel, "now": now}))


def mark_left(session: Session, identity_id: int, now: datetime) -> None:
    """The platform says that this person cannot be reached any more."""
    session.execute(update(Identity).where(Identity.id == identity_id).values(left_at=now))


def _ids(session: Session, some: Select[int], limit: int, which: Mapping[str, object]) -> list[int]:
    return list(session.execute(some, {**which, "most": limit}).scalars()) if limit > 0 else []


def _in_hand(session: Session, ids: Sequence[int], worker: str, now: datetime) -> list[Claimed]:
    found = session.execute(rows.IN_HAND, {"ids": ids, "worker": worker, "now": now}).all()
    kept_in = {row.id: settled for row in found if (settled := _kept_in(row))}
    settle(session, worker, kept_in.values(), now)
    messages = _messages(session, {row.notice_id for row in found})
    vault = vault_in(session)
    return [
        Claimed(
            row.id,
            row.identity_id,
            vault.open(row.sealed_address),
            messages[row.notice_id],
            row.bulk,
            row.attempts,
            row.reason,
            row.subject,
        )
        for row in found
        if row.id not in kept_in
    ]


def _kept_in(row: Any) -> Settled | None:
    """What speaks against sending it now, whatever was so when it was queued."""
    if row.late:
        return Settled(row.id, DeliveryStatus.EXPIRED)
    if row.left_at is not None:
        return Settled(row.id, DeliveryStatus.SKIPPED, "left")
    return Settled(row.id, DeliveryStatus.SKIPPED, "unsubscribed") if row.unwanted else None


def _messages(session: Session, notices: set[int]) -> dict[int, Message]:
    vault = vault_in(session)
    found = session.execute(rows.NOTICES, {"ids": notices}).all()
    return {number: unpack(vault.open_json(sealed)) for number, sealed in found}
