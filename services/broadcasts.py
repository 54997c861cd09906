"""Broadcasts in the ledger: opened, paused, resumed, withdrawn bit by bit, closed when none of their rows is open."""

from datetime import datetime

from sqlalchemy import ColumnElement, Update, and_, exists, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.delivery import Broadcast, Delivery
from db.people import Identity
from db.session import changed
from services.delivery import OPEN, DeliveryStatus, of

_BIT = 5_000  # rows settled in one transaction: answers wait no longer than for that
_broadcast, _delivery = table(Broadcast), table(Delivery)


def open_broadcast(
    session: Session, reason: str, subject: str, notice_id: int, topic: str, now: datetime
) -> None:
    row = {"reason": reason, "subject": subject, "notice_id": notice_id, "topic": topic, "opened_at": now}
    session.execute(insert(_broadcast), row)


def pause(session: Session, reason: str, subject: str, now: datetime) -> bool:
    """Nothing of it is claimed from here on."""
    running = _this(reason, subject).where(_broadcast.c.paused_at.is_(None))
    return changed(session.execute(running.values(paused_at=now))) == 1


def resume(session: Session, reason: str, subject: str) -> None:
    session.execute(_this(reason, subject).values(paused_at=None))


def reopen(session: Session, reason: str, subject: str) -> None:
    """Some of its rows wait again."""
    session.execute(_this(reason, subject).values(closed_at=None, paused_at=None))


def withdraw(session: Session, reason: str, subject: str, now: datetime) -> None:
    """What has not gone out stays in; its rows are settled by `withdraw_some`."""
    session.execute(_this(reason, subject).values(withdrawn_at=now, paused_at=now))


def withdraw_some(session: Session, reason: str, subject: str, now: datetime) -> int:
    queued = of(reason, subject) & (Delivery.status == DeliveryStatus.QUEUED.value)
    some = select(Delivery.id).where(queued).limit(_BIT).scalar_subquery()
    values = {"status": DeliveryStatus.SKIPPED.value, "outcome": "cancelled", "settled_at": now}
    still = _delivery.c.status == DeliveryStatus.QUEUED.value
    return changed(session.execute(update(_delivery).where(_delivery.c.id.in_(some), still).values(values)))


def keep_until(
    session: Session, reason: str, subject: str, until: datetime | None, begins: int, ends: int
) -> None:
    """Another last useful time, of the people after `begins` up to `ends`; what had expired waits again.

    Hidden behind an empty word, the broadcast is no way to its rows: all of them would be read for each bit.
    """
    unsent = [status.value for status in (DeliveryStatus.QUEUED, DeliveryStatus.EXPIRED)]
    theirs = select(Identity.id).where(Identity.person_id > begins, Identity.person_id <= ends)
    there = update(_delivery).where(
        _delivery.c.identity_id.in_(theirs),
        _delivery.c.reason.concat("") == reason,
        _delivery.c.subject == subject,
        _delivery.c.status.in_(unsent),
        _delivery.c.useful_until.is_distinct_from(until),
    )
    waits = {"status": DeliveryStatus.QUEUED.value, "settled_at": None, "useful_until": until}
    session.execute(there.values(waits))


def is_open(session: Session, reason: str, subject: str) -> bool:
    some = select(Delivery.id).where(
        of(reason, subject), Delivery.status.in_([status.value for status in OPEN])
    )
    return bool(session.execute(select(exists(some))).scalar())


def close(session: Session, reason: str, subject: str, now: datetime) -> None:
    session.execute(_this(reason, subject).values(closed_at=now))


def _this(reason: str, subject: str) -> Update:
    here: ColumnElement[bool] = and_(_broadcast.c.reason == reason, _broadcast.c.subject == subject)
    return update(_broadcast).where(here)


def notice_of(session: Session, reason: str, subject: str) -> int:
    found = select(_broadcast.c.notice_id).where(
        _broadcast.c.reason == reason, _broadcast.c.subject == subject
    )
    return int(session.execute(found).scalar_one())
