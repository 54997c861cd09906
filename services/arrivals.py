"""What a platform says later of a message that it took: noted once, whether our own row was written by then or not."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.delivery import Delivery, EarlyArrival
from db.people import Identity
from db.prepared import Prepared
from db.session import changed
from db.upsert import dialect_of, upsert
from services.delivery import DeliveryStatus
from services.people import identity_at

_early = table(EarlyArrival)
_ANY = Prepared(select(exists(select(_early.c.identity_id))))  # nearly never: senders ask with every batch
_KEPT_FOR = timedelta(days=1)  # a platform tells within seconds, a sender writes within its retries


class Arrival(StrEnum):
    """The word that stands beside the status from then on."""

    ARRIVED = "arrived"  # it stays `sent`
    BLOCKED = "blocked"  # the person takes nothing from us: `failed`
    REFUSED = "refused"  # the platform took it and did not deliver it: `failed`


def note(
    session: Session, channel: str, address: str, message_id: str, arrival: Arrival, now: datetime
) -> None:
    """The first word on a message counts; one on a message that is not ours changes nothing.

    While something to this person is still `sending`, its id is not known here: the word then waits for `catch_up`.
    Rows in hand are locked first. Whoever writes one down comes before, and its id is found, or after, and finds this.
    """
    identity_id = identity_at(session, channel, address)
    if identity_id is None:
        return
    in_hand = (
        select(Delivery.id)
        .where(Delivery.identity_id == identity_id, Delivery.status == DeliveryStatus.SENDING.value)
        .order_by(Delivery.id)
        .with_for_update()
    )
    waits = session.execute(in_hand).first() is not None
    if _written(session, identity_id, message_id, arrival, now) or not waits:
        return
    early = {
        "identity_id": identity_id,
        "message_id": message_id,
        "arrival": arrival.value,
        "told_at": now,
    }
    session.execute(upsert(dialect_of(session), EarlyArrival).values(early).on_conflict_do_nothing())


def catch_up(session: Session, deliveries: Collection[int], now: datetime) -> None:
    """For rows just written as `sent`: what was told of them before."""
    if not _ANY.one(session, {})[0]:
        return
    same = (Delivery.identity_id == _early.c.identity_id) & (Delivery.message_id == _early.c.message_id)
    told = select(_early.c.identity_id, _early.c.message_id, _early.c.arrival).join(Delivery, same)
    for identity_id, message_id, arrival in session.execute(told.where(Delivery.id.in_(deliveries))).all():
        _written(session, identity_id, message_id, Arrival(arrival), now)
        noted = (_early.c.identity_id == identity_id) & (_early.c.message_id == message_id)
        session.execute(delete(_early).where(noted))


def forget(session: Session, now: datetime) -> int:
    """Words on messages that never came to be ours."""
    return changed(session.execute(delete(_early).where(_early.c.told_at < now - _KEPT_FOR)))


def _written(session: Session, identity_id: int, message_id: str, arrival: Arrival, now: datetime) -> bool:
    """`settled_at` stays: it went out when it went out."""
    untold = (
        Delivery.identity_id == identity_id,
        Delivery.message_id == message_id,
        Delivery.status == DeliveryStatus.SENT.value,
        Delivery.outcome == "",
    )
    status = DeliveryStatus.SENT if arrival is Arrival.ARRIVED else DeliveryStatus.FAILED
    values = {"status": status.value, "outcome": arrival.value}
    if not changed(session.execute(update(Delivery).where(*untold).values(values))):
        return False
    if arrival is Arrival.BLOCKED:
        session.execute(update(Identity).where(Identity.id == identity_id).values(left_at=now))
    return True
