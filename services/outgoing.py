"""Deliveries on their way out: claimed by one sender, settled once, and what a dead sender had in hand told openly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, func, or_, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.delivery import LATE, SENDING, SINGLE, Broadcast, Delivery, Notice
from db.people import Identity, Silence, Subscription
from db.prepared import Prepared
from db.session import changed, vault_in
from services import arrivals
from services.delivery import FETCHED, DeliveryStatus, of
from services.messaging import Message
from services.wire import unpack

_BIT = 2_000  # rows that expire in one transaction: answers wait no longer than for that
_QUEUED = Delivery.status == DeliveryStatus.QUEUED.value
_delivery = table(Delivery)
_told = ("status", "outcome", "message_id", "attempts")
_in_hand_now = update(_delivery).where(_delivery.c.id == bindparam("number"), SENDING)
_SETTLE = Prepared(_in_hand_now, (*_told, "settled_at"))
_QUEUE_AGAIN = Prepared(_in_hand_now, (*_told, "due_at"))


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
    on a day off single notices too.
    """
    if quiet and channel != FETCHED:
        return []
    expire(session, channel, now)
    due = (Delivery.channel == channel, Delivery.due_at <= now)
    ids = _some(session, select(Delivery.id).where(*due, SINGLE), limit)
    if not resting or channel == FETCHED:
        for reason, subject in _broadcasts(session) if len(ids) < limit else ():
            queued = select(Delivery.id).where(of(reason, subject), *due, _QUEUED)
            ids += _some(session, queued, limit - len(ids))
    if not ids:
        return []
    mine = update(Delivery).where(Delivery.id.in_(ids), _QUEUED)
    session.execute(mine.values(status=DeliveryStatus.SENDING.value, claimed_by=worker))
    return _in_hand(session, ids, worker, now)


def settle(session: Session, outcomes: Iterable[Settled], now: datetime) -> None:
    """Only what is still `sending` changes: an outcome comes once."""
    over: list[dict[str, object]] = []
    again: list[dict[str, object]] = []
    named = []
    for one in outcomes:
        row = {
            "number": one.id,
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
    for statement, rows in ((_SETTLE, over), (_QUEUE_AGAIN, again)):
        if rows:
            statement.many(session, rows)
    if named:
        arrivals.catch_up(session, named, now)


def recover(session: Session, channel: str, now: datetime) -> int:
    """What a sender that died had in hand: perhaps sent. Called by the one that takes its place."""
    left = update(Delivery).where(
        Delivery.channel == channel, Delivery.status == DeliveryStatus.SENDING.value
    )
    unconfirmed = {"status": DeliveryStatus.UNCONFIRMED.value, "outcome": "interrupted", "settled_at": now}
    return changed(session.execute(left.values(unconfirmed)))


def expire(session: Session, channel: str, now: datetime) -> int:
    """Some at a time: whatever is past its use is not claimed in any case."""
    some = select(Delivery.id).where(Delivery.channel == channel, Delivery.useful_until < now, LATE)
    late = update(Delivery).where(Delivery.id.in_(some.limit(_BIT).scalar_subquery()), _QUEUED)
    return changed(session.execute(late.values(status=DeliveryStatus.EXPIRED.value, settled_at=now)))


def mark_left(session: Session, identity_id: int, now: datetime) -> None:
    """The platform says that this person cannot be reached any more."""
    session.execute(update(Identity).where(Identity.id == identity_id).values(left_at=now))


def _some(session: Session, due: Select[int], limit: int) -> list[int]:
    """In the order in which they fell due; those that another sender looks at right now are passed over."""
    if limit <= 0:
        return []
    found = due.order_by(Delivery.due_at).limit(limit).with_for_update(skip_locked=True, of=Delivery)
    return list(session.execute(found).scalars())


def _broadcasts(session: Session) -> list[tuple[str, str]]:
    going = select(Broadcast.reason, Broadcast.subject).where(
        Broadcast.paused_at.is_(None), Broadcast.closed_at.is_(None)
    )
    return [(row[0], row[1]) for row in session.execute(going.order_by(Broadcast.opened_at)).all()]


def _in_hand(session: Session, ids: Sequence[int], worker: str, now: datetime) -> list[Claimed]:
    rows = session.execute(
        select(
            Delivery.id,
            Delivery.identity_id,
            Delivery.bulk,
            Delivery.attempts,
            Identity.sealed_address,
            Identity.left_at,
            Delivery.notice_id,
            Delivery.reason,
            Delivery.subject,
            _unwanted().label("unwanted"),
            _late(now).label("late"),
        )
        .join(Identity, Identity.id == Delivery.identity_id)
        .outerjoin(Broadcast, _of_broadcast())
        .where(
            Delivery.id.in_(ids),
            Delivery.status == DeliveryStatus.SENDING.value,
            Delivery.claimed_by == worker,
        )
        .order_by(Delivery.due_at)
    ).all()
    kept_in = {row.id: settled for row in rows if (settled := _kept_in(row))}
    settle(session, kept_in.values(), now)
    messages = _messages(session, {row.notice_id for row in rows})
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
        for row in rows
        if row.id not in kept_in
    ]


def _kept_in(row: Any) -> Settled | None:
    """What speaks against sending it now, whatever was so when it was queued."""
    if row.late:
        return Settled(row.id, DeliveryStatus.EXPIRED)
    if row.left_at is not None:
        return Settled(row.id, DeliveryStatus.SKIPPED, "left")
    return Settled(row.id, DeliveryStatus.SKIPPED, "unsubscribed") if row.unwanted else None


def _of_broadcast() -> ColumnElement[bool]:
    return and_(Delivery.bulk, Broadcast.reason == Delivery.reason, Broadcast.subject == Delivery.subject)


def _unwanted() -> ColumnElement[bool]:
    """The consent that a broadcast needs is not there any more."""
    silent = exists().where(Silence.person_id == Identity.person_id)
    subscribed = exists().where(
        Subscription.person_id == Identity.person_id,
        Subscription.topic == Broadcast.topic,
        Subscription.withdrawn_at.is_(None),
    )
    return and_(Delivery.bulk, or_(silent, and_(Broadcast.topic != "", ~subscribed)))


def _late(now: datetime) -> ColumnElement[bool]:
    return func.coalesce(Delivery.useful_until < now, false())


def _messages(session: Session, notices: set[int]) -> dict[int, Message]:
    vault = vault_in(session)
    rows = session.execute(select(Notice.id, Notice.sealed_message).where(Notice.id.in_(notices))).all()
    return {number: unpack(vault.open_json(sealed)) for number, sealed in rows}
