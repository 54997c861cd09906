"""Deliveries on their way out: claimed by one sender, settled once, and what a dead sender had in hand told openly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.orm import Session

from db.delivery import Delivery, DeliveryPause, Notice
from db.people import Identity
from db.session import changed, vault_in
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
    session: Session, channel: str, now: datetime, limit: int, worker: str, *, quiet: bool = False
) -> list[Claimed]:
    """Takes what is due, single notices before bulk; what is too late or unreachable is settled on the way.

    `quiet`: it is night for people; only channels that nobody hears are claimed from then.
    """
    if quiet and channel != FETCHED:
        return []
    expire(session, channel, now)
    ids = list(session.execute(_due(channel, now, limit)).scalars())
    if not ids:
        return []
    mine = update(Delivery).where(Delivery.id.in_(ids), Delivery.status == DeliveryStatus.QUEUED.value)
    session.execute(mine.values(status=DeliveryStatus.SENDING.value, claimed_by=worker))
    return _in_hand(session, ids, worker, now)


def settle(session: Session, outcomes: Iterable[Settled], now: datetime) -> None:
    """Only what is still `sending` changes: an outcome comes once."""
    for one in outcomes:
        row = update(Delivery).where(Delivery.id == one.id, Delivery.status == DeliveryStatus.SENDING.value)
        values: dict[str, object] = {
            "status": one.status.value,
            "outcome": one.outcome,
            "message_id": one.message_id[:64],
            "attempts": one.attempts,
            "settled_at": None if one.due_at else now,
        }
        if one.due_at:
            values["due_at"] = one.due_at
        session.execute(row.values(values))


def recover(session: Session, channel: str, now: datetime) -> int:
    """What a sender that died had in hand: perhaps sent. Called by the one that takes its place."""
    left = update(Delivery).where(
        Delivery.channel == channel, Delivery.status == DeliveryStatus.SENDING.value
    )
    unconfirmed = {"status": DeliveryStatus.UNCONFIRMED.value, "outcome": "interrupted", "settled_at": now}
    return changed(session.execute(left.values(unconfirmed)))


def expire(session: Session, channel: str, now: datetime) -> int:
    late = update(Delivery).where(
        Delivery.channel == channel,
        Delivery.status == DeliveryStatus.QUEUED.value,
        Delivery.useful_until < now,
    )
    return changed(session.execute(late.values(status=DeliveryStatus.EXPIRED.value, settled_at=now)))


def mark_left(session: Session, identity_id: int, now: datetime) -> None:
    """The platform says that this person cannot be reached any more."""
    session.execute(update(Identity).where(Identity.id == identity_id).values(left_at=now))


def _due(channel: str, now: datetime, limit: int) -> Select[int]:
    paused = exists().where(
        DeliveryPause.reason == Delivery.reason, DeliveryPause.subject == Delivery.subject
    )
    return (
        select(Delivery.id)
        .where(
            Delivery.channel == channel,
            Delivery.status == DeliveryStatus.QUEUED.value,
            Delivery.due_at <= now,
            ~paused,
        )
        .order_by(Delivery.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
    )


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
        )
        .join(Identity, Identity.id == Delivery.identity_id)
        .where(
            Delivery.id.in_(ids),
            Delivery.status == DeliveryStatus.SENDING.value,
            Delivery.claimed_by == worker,
        )
        .order_by(Delivery.due_at)
    ).all()
    left = [row.id for row in rows if row.left_at is not None]
    settle(session, (Settled(one, DeliveryStatus.SKIPPED, "left") for one in left), now)
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
        )
        for row in rows
        if row.left_at is None
    ]


def _messages(session: Session, notices: set[int]) -> dict[int, Message]:
    vault = vault_in(session)
    rows = session.execute(select(Notice.id, Notice.sealed_message).where(Notice.id.in_(notices))).all()
    return {number: unpack(vault.open_json(sealed)) for number, sealed in rows}


def notices_of(session: Session, person_id: int) -> list[int]:
    theirs = select(Delivery.notice_id).join(Identity, Identity.id == Delivery.identity_id)
    return list(session.execute(theirs.where(Identity.person_id == person_id).distinct()).scalars())


def forget_notices(session: Session, notices: Sequence[int]) -> None:
    """Those that no delivery speaks of any more."""
    spoken = exists().where(Delivery.notice_id == Notice.id)
    session.execute(delete(Notice).where(Notice.id.in_(notices), ~spoken))


def forget_settled(session: Session, before: datetime) -> int:
    """Rows that have been over for long, with their notices."""
    over = Delivery.settled_at < before
    gone = changed(session.execute(delete(Delivery).where(over)))
    spoken = exists().where(Delivery.notice_id == Notice.id)
    session.execute(delete(Notice).where(Notice.written_at < before, ~spoken))
    return gone
