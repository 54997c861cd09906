"""Two persons become one: of a broadcast they get one notice, not one for each of them."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import table
from db.campaigns import Campaign
from db.delivery import Delivery
from db.locks import line_up
from db.people import Identity
from services.delivery import FETCHED, DeliveryStatus

_BEST_FIRST = (
    DeliveryStatus.SENT,
    DeliveryStatus.SENDING,
    DeliveryStatus.UNCONFIRMED,
    DeliveryStatus.QUEUED,
    DeliveryStatus.FAILED,
    DeliveryStatus.EXPIRED,
)
_MAY_STILL_GO = (DeliveryStatus.QUEUED, DeliveryStatus.FAILED, DeliveryStatus.EXPIRED)
_campaign, _delivery = table(Campaign), table(Delivery)


def keep_one_notice_each(session: Session, leaving: int, staying: int, now: datetime) -> None:
    """What came on one channel, or may have, does not come on another as well. While no campaign is being written."""
    line_up(session, "campaigns")
    double = {"status": DeliveryStatus.SKIPPED.value, "outcome": "linked", "settled_at": now}
    there = update(_delivery).where(
        _delivery.c.id.in_(_second_ones(session, leaving, staying)), _delivery.c.status.in_(_MAY_STILL_GO)
    )
    session.execute(there.values(double))
    passed = _campaign.c.expanded_to.between(staying, leaving - 1)  # the one, and not yet the other
    session.execute(update(_campaign).where(passed).values(expanded_to=staying - 1))


def _second_ones(session: Session, leaving: int, staying: int) -> list[int]:
    """Of two that wait, the first one is on a channel that rings, else the newer one."""
    rows = session.execute(
        select(Delivery.id, Delivery.reason, Delivery.subject, Delivery.status)
        .join(Identity, Identity.id == Delivery.identity_id)
        .where(Identity.person_id.in_((leaving, staying)), Delivery.bulk, Delivery.status.in_(_BEST_FIRST))
        .order_by(Delivery.channel == FETCHED, Delivery.id.desc())
    ).all()
    first: dict[tuple[str, str], int] = {}
    for row in sorted(rows, key=lambda row: _BEST_FIRST.index(row.status)):
        first.setdefault((row.reason, row.subject), row.id)
    return [row.id for row in rows if row.id not in first.values()]
