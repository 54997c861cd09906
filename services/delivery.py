"""The ledger of deliveries: announced once, claimed by one, settled with an outcome, never sent again silently."""

from collections.abc import Container, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.conversation import Conversation
from db.delivery import Delivery, Notice
from db.people import Identity
from db.session import changed, inserted, vault_in
from db.upsert import dialect_of, upsert
from services.messaging import Message
from services.wire import pack

FETCHED = "web"  # a channel whose people fetch: a notice laid down there disturbs nobody


WATCH, TEST = "campaign.watch", "campaign.test"  # reasons
ASKED_FOR = (WATCH, TEST)  # by a colleague a moment ago: that disturbs nobody, at night either


class DeliveryStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # handed to the platform, or about to be: written before the call
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"  # no way to this person now: left, no window, no consent
    EXPIRED = "expired"  # its last useful time passed
    UNCONFIRMED = "unconfirmed"  # perhaps sent: nobody can tell, so it is shown to staff and not repeated


OPEN = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)


def announce(
    session: Session,
    *,
    reason: str,
    subject: str,
    person_id: int,
    message: Message,
    due_at: datetime,
    useful_until: datetime | None,
    now: datetime,
) -> None:
    """Queues it for the channel the person used last, and lays it down in their web chat too.

    The same reason and subject again changes nothing, whichever channel they use by then.
    """
    identities = _reachable(session, person_id)
    if not identities or _announced(session, reason, subject, person_id):
        return
    notice = write_notice(session, message, now)
    rows = [
        {
            "reason": reason,
            "subject": subject,
            "identity_id": identity,
            "channel": channel,
            "notice_id": notice,
            "status": DeliveryStatus.QUEUED.value,
            "due_at": due_at,
            "useful_until": useful_until,
        }
        for identity, channel in identities
    ]
    statement = upsert(dialect_of(session), Delivery).on_conflict_do_nothing()
    for row in rows:
        session.execute(statement, row)


def reaches(session: Session, person_id: int, here: str, channels: Container[str]) -> bool:
    """Whether a notice would go to one of `channels`, for somebody who is on `here` just now."""
    if here != FETCHED:
        return here in channels
    return any(channel in channels for _, channel in _reachable(session, person_id))


def write_notice(session: Session, message: Message, now: datetime) -> int:
    sealed = vault_in(session).seal_json(pack(message))
    return inserted(session.execute(insert(table(Notice)), {"sealed_message": sealed, "written_at": now}))


def rewrite_notice(session: Session, notice_id: int, message: Message, now: datetime) -> None:
    """Whoever is still to get it gets this."""
    sealed = vault_in(session).seal_json(pack(message))
    notice = table(Notice)
    values = {"sealed_message": sealed, "written_at": now}
    session.execute(update(notice).where(notice.c.id == notice_id).values(values))


def written_at(session: Session, notice_id: int) -> datetime:
    moment: datetime = session.execute(select(Notice.written_at).where(Notice.id == notice_id)).scalar_one()
    return moment


def withdraw(session: Session, reason: str, subject: str, now: datetime, outcome: str = "withdrawn") -> int:
    """What has not gone out stays in."""
    queued = of(reason, subject) & (Delivery.status == DeliveryStatus.QUEUED.value)
    values = {"status": DeliveryStatus.SKIPPED.value, "outcome": outcome, "settled_at": now}
    return changed(session.execute(update(Delivery).where(queued).values(values)))


def withdraw_from(session: Session, identity_id: int, now: datetime, outcome: str) -> int:
    """Nothing more goes there of what was decided so far."""
    queued = (Delivery.identity_id == identity_id) & (Delivery.status == DeliveryStatus.QUEUED.value)
    values = {"status": DeliveryStatus.SKIPPED.value, "outcome": outcome, "settled_at": now}
    return changed(session.execute(update(Delivery).where(queued).values(values)))


def send_again(
    session: Session, reason: str, subject: str, statuses: Sequence[DeliveryStatus], now: datetime
) -> int:
    """Only when staff say so: failed or unconfirmed ones."""
    again = of(reason, subject) & Delivery.status.in_([status.value for status in statuses])
    values = {
        "status": DeliveryStatus.QUEUED.value,
        "outcome": "",
        "due_at": now,
        "settled_at": None,
        "attempts": 0,
    }
    return changed(session.execute(update(Delivery).where(again).values(values)))


def told_of(session: Session, person_id: int) -> list[dict[str, Any]]:
    """Everything that is kept of a person's notices, as JSON values."""
    rows = session.execute(
        select(Delivery, Notice.sealed_message)
        .join(Notice, Notice.id == Delivery.notice_id)
        .join(Identity, Identity.id == Delivery.identity_id)
        .where(Identity.person_id == person_id)
        .order_by(Delivery.id)
    ).all()
    return [
        {
            "channel": one.channel,
            "due_at": one.due_at.isoformat(),
            "status": one.status,
            "settled_at": one.settled_at.isoformat() if one.settled_at else None,
            "text": vault_in(session).open_json(sealed)["text"],
        }
        for one, sealed in rows
    ]


def counts(session: Session, reason: str, subject: str) -> dict[str, int]:
    """Every status with its number, counted now."""
    rows = session.execute(
        select(Delivery.status, func.count()).where(of(reason, subject)).group_by(Delivery.status)
    ).all()
    found = {row[0]: row[1] for row in rows}
    return {status.value: found.get(status.value, 0) for status in DeliveryStatus}


def of(reason: str, subject: str) -> ColumnElement[bool]:
    return and_(Delivery.reason == reason, Delivery.subject == subject)


def _reachable(session: Session, person_id: int) -> list[tuple[int, str]]:
    """The web chat, and of the other channels the one that was used last."""
    rows = session.execute(
        select(Identity.id, Identity.channel)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .where(Identity.person_id == person_id, Identity.left_at.is_(None))
        .order_by(Conversation.changed_at.desc())
    ).all()
    fetched = [(row[0], row[1]) for row in rows if row[1] == FETCHED]
    pushed = [(row[0], row[1]) for row in rows if row[1] != FETCHED]
    return pushed[:1] + fetched


def _announced(session: Session, reason: str, subject: str, person_id: int) -> bool:
    theirs = select(Identity.id).where(Identity.person_id == person_id)
    known = select(Delivery.id).where(Delivery.identity_id.in_(theirs), of(reason, subject))
    return session.execute(known.limit(1)).scalar() is not None
