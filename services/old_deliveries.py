"""Deliveries that are over: what is forgotten of them, with a person or in time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from db.campaigns import CampaignTap
from db.delivery import Broadcast, Delivery, Notice
from db.people import Identity
from db.session import changed


def notices_of(session: Session, person_id: int) -> list[int]:
    theirs = select(Delivery.notice_id).join(Identity, Identity.id == Delivery.identity_id)
    return list(session.execute(theirs.where(Identity.person_id == person_id).distinct()).scalars())


def forget_notices(session: Session, notices: Sequence[int]) -> None:
    """Those that no delivery speaks of any more."""
    session.execute(delete(Notice).where(Notice.id.in_(notices), ~_spoken_of()))


def forget_settled(session: Session, before: datetime) -> int:
    """Rows that have been over for long, with their notices, and taps. Those of a broadcast go with it, all together:
    while it is open, they tell who has it."""
    session.execute(delete(Broadcast).where(Broadcast.closed_at < before))
    kept = exists().where(Broadcast.reason == Delivery.reason, Broadcast.subject == Delivery.subject)
    gone = changed(session.execute(delete(Delivery).where(Delivery.settled_at < before, ~kept)))
    gone += changed(session.execute(delete(CampaignTap).where(CampaignTap.tapped_at < before)))
    session.execute(delete(Notice).where(Notice.written_at < before, ~_spoken_of()))
    return gone


def _spoken_of() -> ColumnElement[bool]:
    return or_(
        exists().where(Delivery.notice_id == Notice.id), exists().where(Broadcast.notice_id == Notice.id)
    )
