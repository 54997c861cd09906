"""Messages that go on showing how a campaign goes: sent once through the ledger, then changed in place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.delivery import Delivery
from db.people import Identity
from db.session import changed, vault_in
from db.upsert import dialect_of, upsert
from services.delivery import WATCH, DeliveryStatus, write_notice
from services.messaging import Message

LASTS = timedelta(hours=1)
EVERY = timedelta(seconds=3)
_USEFUL = timedelta(minutes=5)  # later than that nobody waits for it any more
_OVER = "over"  # it stands still from here on
_MOST = 20  # changed in one tick
_delivery = table(Delivery)


@dataclass(frozen=True, slots=True)
class Watched:
    """`ends`: this is the last time that it is changed."""

    id: int
    campaign_id: int
    channel: str
    address: str
    message_id: str
    ends: bool


def begin(
    session: Session, campaign_id: int, identity_id: int, channel: str, message: Message, now: datetime
) -> None:
    """Where it was asked for. An earlier one there stands still: there is one to look at."""
    earlier = and_(_going(), _delivery.c.identity_id == identity_id)
    session.execute(update(_delivery).where(earlier).values(outcome=_OVER))
    row = {
        "reason": WATCH,
        "subject": f"{campaign_id}:{int(now.timestamp())}",
        "identity_id": identity_id,
        "channel": channel,
        "notice_id": write_notice(session, message, now),
        "status": DeliveryStatus.QUEUED.value,
        "due_at": now,
        "useful_until": now + _USEFUL,
    }
    session.execute(upsert(dialect_of(session), Delivery).on_conflict_do_nothing(), row)


def some_due(session: Session, channels: Collection[str], now: datetime) -> bool:
    return bool(session.execute(select(exists().where(_due(channels, now)))).scalar())


def claim(session: Session, channels: Collection[str], now: datetime) -> list[Watched]:
    """Those to be changed now; `due_at` says when they are next, so of several processes one changes each."""
    rows = session.execute(
        select(
            _delivery.c.id,
            _delivery.c.subject,
            _delivery.c.channel,
            _delivery.c.message_id,
            _delivery.c.settled_at,
            Identity.sealed_address,
        )
        .join(Identity, Identity.id == _delivery.c.identity_id)
        .where(_due(channels, now))
        .order_by(_delivery.c.due_at)
        .limit(_MOST)
    ).all()
    vault = vault_in(session)
    return [
        Watched(
            row.id,
            int(row.subject.partition(":")[0]),
            row.channel,
            vault.open(row.sealed_address),
            row.message_id,
            row.settled_at + LASTS <= now,
        )
        for row in rows
        if _taken(session, row.id, channels, now)
    ]


def end_all(session: Session, person_id: int) -> None:
    """Somebody is no colleague any more."""
    theirs = select(Identity.id).where(Identity.person_id == person_id)
    watched = and_(_going(), _delivery.c.identity_id.in_(theirs))
    session.execute(update(_delivery).where(watched).values(outcome=_OVER))


def end(session: Session, delivery_id: int) -> None:
    session.execute(update(_delivery).where(_delivery.c.id == delivery_id).values(outcome=_OVER))


def put_off(session: Session, delivery_id: int, until: datetime) -> None:
    session.execute(update(_delivery).where(_delivery.c.id == delivery_id).values(due_at=until))


def _taken(session: Session, delivery_id: int, channels: Collection[str], now: datetime) -> bool:
    mine = update(_delivery).where(_delivery.c.id == delivery_id, _due(channels, now))
    return changed(session.execute(mine.values(due_at=now + EVERY))) == 1


def _due(channels: Collection[str], now: datetime) -> ColumnElement[bool]:
    there = and_(_delivery.c.channel.in_(channels), _delivery.c.message_id != "")
    return and_(_going(), there, _delivery.c.due_at <= now)


def _going() -> ColumnElement[bool]:
    sent = _delivery.c.status == DeliveryStatus.SENT.value
    return and_(_delivery.c.reason == WATCH, sent, _delivery.c.outcome == "")
