"""The statements that the sender repeats all day, put together once: that costs more than most of them take."""

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from db.base import table
from db.delivery import LATE, SENDING, SINGLE, Broadcast, Delivery, Notice
from db.people import Identity, Silence, Subscription
from db.prepared import Prepared
from db.types import Moment
from services.delivery import ASKED_FOR, DeliveryStatus

_BIT = 2_000  # rows that expire in one transaction: answers wait no longer than for that

_delivery, _identity, _broadcast, _notice = table(Delivery), table(Identity), table(Broadcast), table(Notice)
_silence, _subscription = table(Silence), table(Subscription)
_row = _delivery.c
_now = bindparam("now", type_=Moment)
_lane = _row.channel == bindparam("lane")
_due = and_(_lane, _row.due_at <= _now)
_queued = _row.status == DeliveryStatus.QUEUED.value


def _first(*which: ColumnElement[bool] | TextClause) -> Select[int]:
    """In the order in which they fell due; those that another sender looks at right now are passed over."""
    found = select(_row.id).where(*which).order_by(_row.due_at).limit(bindparam("most"))
    return found.with_for_update(skip_locked=True, of=_delivery)


def _unwanted() -> ColumnElement[bool]:
    """The consent that a broadcast needs is not there any more."""
    silent = exists().where(_silence.c.person_id == _identity.c.person_id)
    subscribed = exists().where(
        _subscription.c.person_id == _identity.c.person_id,
        _subscription.c.topic == _broadcast.c.topic,
        _subscription.c.withdrawn_at.is_(None),
    )
    about = func.coalesce(_broadcast.c.topic, "")
    return and_(_row.bulk, or_(and_(about == "", silent), and_(about != "", ~subscribed)))


_late = select(_row.id).where(_lane, _row.useful_until < _now, LATE).limit(_BIT).scalar_subquery()
EXPIRE = (
    update(_delivery)
    .where(_row.id.in_(_late), _queued)
    .values(status=DeliveryStatus.EXPIRED.value, settled_at=_now)
)
SINGLES = _first(_due, SINGLE)
ASKED = _first(_due, SINGLE, _row.reason.in_(ASKED_FOR))
BROADCASTS = (
    select(_broadcast.c.reason, _broadcast.c.subject)
    .where(_broadcast.c.paused_at.is_(None), _broadcast.c.closed_at.is_(None))
    .order_by(_broadcast.c.opened_at)
)
OF_BROADCAST = _first(_row.reason == bindparam("why"), _row.subject == bindparam("what"), _due, _queued)
# By number, never by way of a status: before PostgreSQL has counted a new broadcast, it takes all of it for a few rows.
_status = _row.status.concat("")
TAKE = (
    update(_delivery)
    .where(_row.id.in_(bindparam("ids", expanding=True)), _status == DeliveryStatus.QUEUED.value)
    .values(status=DeliveryStatus.SENDING.value, claimed_by=bindparam("worker"))
)
IN_HAND = (
    select(
        _row.id,
        _row.identity_id,
        _row.bulk,
        _row.attempts,
        _identity.c.sealed_address,
        _identity.c.left_at,
        _row.notice_id,
        _row.reason,
        _row.subject,
        _unwanted().label("unwanted"),
        func.coalesce(_row.useful_until < _now, false()).label("late"),
    )
    .join_from(_delivery, _identity, _identity.c.id == _row.identity_id)
    .outerjoin(
        _broadcast, and_(_row.bulk, _broadcast.c.reason == _row.reason, _broadcast.c.subject == _row.subject)
    )
    .where(
        _row.id.in_(bindparam("ids", expanding=True)),
        _status == DeliveryStatus.SENDING.value,
        _row.claimed_by == bindparam("worker"),
    )
    .order_by(_row.due_at)
)
NOTICES = select(_notice.c.id, _notice.c.sealed_message).where(
    _notice.c.id.in_(bindparam("ids", expanding=True))
)

_told = ("status", "outcome", "message_id", "attempts")
_taken = update(_delivery).where(
    _row.id == bindparam("number"), SENDING, _row.claimed_by == bindparam("worker")
)
SETTLE = Prepared(_taken, (*_told, "settled_at"))
QUEUE_AGAIN = Prepared(_taken, (*_told, "due_at"))
