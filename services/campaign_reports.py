"""How a campaign goes and how it went: counted from its rows whenever somebody asks."""

import csv
import io
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.base import table
from db.campaigns import Campaign, CampaignTap
from db.delivery import Delivery
from db.events import Signup
from db.people import Identity, Person
from db.session import vault_in
from db.upsert import dialect_of, upsert
from services import audit, campaigns
from services.campaign_terms import REASON, CampaignDesk
from services.delivery import OPEN, DeliveryStatus, counts, of
from services.event_terms import SignupStatus
from services.texts import Texts

_PACE_OVER = timedelta(seconds=60)
_tap = table(CampaignTap)


@dataclass(frozen=True, slots=True)
class Progress:
    """`left` is the time that the rest takes at the pace of the last minute; None when nothing moves."""

    counts: dict[str, int]
    done: int
    total: int
    per_second: float
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class Report:
    """From everybody selected to everybody who came."""

    targeted: int
    excluded: dict[str, int]
    counts: dict[str, int]
    why: dict[str, int]  # outcome words of what was not sent
    blocked: int
    tapped: int
    signed_up: int
    attended: int


def progress(session: Session, campaign_id: int, now: datetime) -> Progress:
    counted = counts(session, REASON, str(campaign_id))
    total = sum(counted.values())
    waiting = sum(counted[status] for status in OPEN)
    since = now - _PACE_OVER
    moved = select(func.count(), func.min(Delivery.settled_at)).where(
        of(REASON, str(campaign_id)), Delivery.settled_at >= since, Delivery.settled_at <= now
    )
    number, first = session.execute(moved).one()
    seconds = max((now - first).total_seconds(), 1.0) if first else 1.0
    pace = number / seconds
    left = timedelta(seconds=waiting / pace) if pace and waiting else None
    return Progress(counted, total - waiting, total, pace, left)


def report(session: Session, campaign_id: int) -> Report:
    campaign, mine = campaigns.find(session, campaign_id), of(REASON, str(campaign_id))
    counted = counts(session, REASON, str(campaign_id))
    unsent = (Delivery.outcome != "", Delivery.status != DeliveryStatus.SENT.value)
    words = select(Delivery.outcome, func.count()).where(mine, *unsent).group_by(Delivery.outcome)
    why = {row[0]: row[1] for row in session.execute(words).all()}
    taps = select(func.count()).where(_tap.c.campaign_id == campaign_id)
    came = select(func.count()).where(Signup.campaign_id == campaign_id)
    return Report(
        sum(counted.values()),
        dict(campaign.excluded or {}),
        counted,
        why,
        why.get("blocked", 0),
        session.execute(taps).scalar_one(),
        session.execute(came.where(Signup.status.in_([one for one in SignupStatus if one.has_place]))).scalar_one(),
        session.execute(came.where(Signup.status == SignupStatus.ATTENDED)).scalar_one(),
    )  # fmt: skip


def tapped(session: Session, campaign_id: int, person_id: int, now: datetime) -> bool:
    """Whoever got it; a number that somebody made up counts nothing, and is told by False."""
    theirs = (
        select(Delivery.id)
        .join(Identity, Identity.id == Delivery.identity_id)
        .where(Identity.person_id == person_id, of(REASON, str(campaign_id)))
    )
    if session.execute(theirs.limit(1)).scalar() is None:
        return False
    row = {"campaign_id": campaign_id, "person_id": person_id, "tapped_at": now}
    session.execute(upsert(dialect_of(session), CampaignTap).on_conflict_do_nothing(), row)
    return True


def unconfirmed(
    session: Session, texts: Texts, campaign_id: int, by: str, now: datetime, limit: int = 50
) -> list[str]:
    """By name, since somebody may call them; who has none is named by channel and number."""
    audit.record(session, by, "campaign.read_names", f"campaign:{campaign_id}", now)
    rows = session.execute(
        select(Identity.channel, Identity.person_id, Person.sealed_name)
        .select_from(Delivery)
        .join(Identity, Identity.id == Delivery.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .where(of(REASON, str(campaign_id)), Delivery.status == DeliveryStatus.UNCONFIRMED.value)
        .order_by(Delivery.id)
        .limit(limit)
    ).all()
    vault = vault_in(session)
    return [
        vault.open(name) if name else f"{texts.label(f'linking/channel_{channel}')} {person} 号"
        for channel, person, name in rows
    ]


def queued_outside(session: Session, campaign_id: int, channels: Container[str]) -> dict[str, int]:
    """How many wait for each other channel."""
    waiting = (of(REASON, str(campaign_id)), Delivery.status == DeliveryStatus.QUEUED.value)
    rows = session.execute(select(Delivery.channel, func.count()).where(*waiting).group_by(Delivery.channel))
    return {row[0]: row[1] for row in rows.all() if row[0] not in channels}


def tapped_by(session: Session, person_id: int) -> list[dict[str, Any]]:
    """Everything that is kept of a person's taps, as JSON values."""
    rows = select(Campaign.title, CampaignTap.tapped_at).join(
        Campaign, Campaign.id == CampaignTap.campaign_id
    )
    found = session.execute(rows.where(CampaignTap.person_id == person_id).order_by(CampaignTap.tapped_at))
    return [{"title": title, "at": at.isoformat()} for title, at in found.all()]


def as_csv(session: Session, desk: CampaignDesk, campaign_id: int) -> Iterator[str]:
    """One line a delivery, in words, without names or addresses."""
    say = cache(desk.texts.say)
    rows = session.execute(
        select(
            Identity.person_id,
            Delivery.channel,
            Delivery.status,
            Delivery.outcome,
            Delivery.attempts,
            Delivery.settled_at,
        )
        .join(Identity, Identity.id == Delivery.identity_id)
        .where(of(REASON, str(campaign_id)))
        .order_by(Delivery.id)
        .execution_options(yield_per=1_000)
    )
    yield say("command/campaign_columns") + "\r\n"
    for person, channel, status, outcome, attempts, settled_at in rows:
        where = say(f"linking/channel_{channel}")
        result = say("command/campaign_counted", status=status)
        why = say("campaign/why", why=outcome) if outcome else ""
        at = f"{settled_at.astimezone(desk.zone):%Y-%m-%d %H:%M:%S}" if settled_at else ""
        yield _line((person, where, result, why, attempts, at))


def _line(values: tuple[object, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()
