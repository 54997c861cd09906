"""Campaigns on their way: started when due, written into the ledger bit by bit, paused, halted, cancelled, finished."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, String, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.base import table
from db.campaigns import Campaign
from db.delivery import Delivery
from db.locks import line_up
from db.people import Identity, Person
from db.session import changed
from db.types import BigId, Moment
from db.upsert import dialect_of, upsert
from services import audit, broadcasts, campaigns, segments
from services.campaign_notices import tell_staff, worded
from services.campaign_terms import BEFORE, REASON, STARTED, CampaignDesk, CampaignStatus, NotInThatState
from services.delivery import DeliveryStatus, send_again, write_notice, written_at

LOOK_AGAIN = timedelta(minutes=1)  # how often those who came to match are looked for, for each of
_LOOKED_AT = 100_000  # people: a look takes a second of the writer's for so many
_BIT = 5_000  # people looked at in one transaction: answers wait no longer than for that
_campaign = table(Campaign)
_COLUMNS = (
    "reason", "subject", "identity_id", "channel", "notice_id", "status", "outcome", "bulk", "due_at",
    "useful_until", "attempts", "claimed_by", "message_id",
)  # fmt: skip


def advance(session: Session, desk: CampaignDesk, now: datetime) -> bool:
    """Whatever campaigns do by themselves, a bit of it. True: there is more to do at once."""
    start_due(session, desk, now)
    look_for_joiners(session, now)
    more = expand_some(session, now)
    more = sweep_cancelled(session, now) > 0 or more
    finish_done(session, now)
    return more


def uncounted(session: Session) -> int | None:
    """One that has started, and of which nobody has counted yet who is left out."""
    found = select(_campaign.c.id).where(_campaign.c.status.in_(STARTED), _campaign.c.excluded.is_(None))
    return session.execute(found.limit(1)).scalar()


def note_excluded(session: Session, campaign_id: int, excluded: dict[str, int]) -> None:
    session.execute(update(_campaign).where(_campaign.c.id == campaign_id).values(excluded=excluded))


def start_due(session: Session, desk: CampaignDesk, now: datetime) -> int:
    """Those whose time has come. One whose last useful time has passed meanwhile does not go out any more."""
    line_up(session, "campaigns")
    due = select(Campaign).where(
        Campaign.status == CampaignStatus.SCHEDULED, or_(Campaign.send_at.is_(None), Campaign.send_at <= now)
    )
    started = 0
    for campaign in session.execute(due.order_by(Campaign.id)).scalars().all():
        if campaign.useful_until and campaign.useful_until <= now:
            move(session, campaign.id, (CampaignStatus.SCHEDULED,), CampaignStatus.CANCELLED, "too_late")
            tell_staff(session, desk, campaign, "too_late", now)
        elif not campaigns.is_approved(session, desk, campaign):
            move(session, campaign.id, (CampaignStatus.SCHEDULED,), CampaignStatus.DRAFT)
        else:
            _start(session, desk, campaign, now)
            started += 1
    return started


def _start(session: Session, desk: CampaignDesk, campaign: Campaign, now: datetime) -> None:
    before = update(_campaign).where(
        _campaign.c.id == campaign.id, _campaign.c.status == CampaignStatus.SCHEDULED
    )
    values = {"status": CampaignStatus.RUNNING, "started_at": now, "expanded_to": 0}
    if changed(session.execute(before.values(**values))) == 0:
        return
    notice = write_notice(session, worded(desk, campaign), now)
    broadcasts.open_broadcast(session, REASON, str(campaign.id), notice, campaign.topic, now)
    audit.record(session, "tick", "campaign.begin", f"campaign:{campaign.id}", now)


def expand_some(session: Session, now: datetime) -> bool:
    """One bit of one campaign, by one INSERT ... SELECT. False: all of them stand in the ledger."""
    line_up(session, "campaigns")
    open_ones = select(Campaign).where(Campaign.status.in_(STARTED), Campaign.expanded_to.is_not(None))
    campaign = session.execute(open_ones.order_by(Campaign.id).limit(1)).scalar_one_or_none()
    if campaign is None:
        return False
    begins = campaign.expanded_to or 0
    ends = _bit_after(session, begins)
    if ends is not None:
        _write(session, campaign, begins, ends, now)
    values: dict[str, Any] = {"expanded_to": ends}
    if ends is None:
        values["expanded_at"] = now
    session.execute(update(_campaign).where(_campaign.c.id == campaign.id).values(**values))
    return True


def look_for_joiners(session: Session, now: datetime) -> int:
    """Who came to match since; once a minute, or once in ten among a million, until its deadline; in a pause, too."""
    line_up(session, "campaigns")
    known = session.execute(select(func.max(Person.id))).scalar() or 0
    last_look = now - LOOK_AGAIN * max(1, known / _LOOKED_AT)
    due = update(_campaign).where(
        _campaign.c.status.in_(STARTED),
        _campaign.c.expanded_to.is_(None),
        _campaign.c.join_until > now,
        _campaign.c.expanded_at <= last_look,
    )
    return changed(session.execute(due.values(expanded_to=0)))


def finish_done(session: Session, now: datetime) -> int:
    """Finished is one of which no row is open and to which nobody can be added any more."""
    line_up(session, "campaigns")
    done = select(_campaign.c.id).where(
        _campaign.c.status.in_((*STARTED, CampaignStatus.CANCELLED)),
        _campaign.c.started_at.is_not(None),
        _campaign.c.finished_at.is_(None),
        or_(_campaign.c.expanded_to.is_(None), _campaign.c.status == CampaignStatus.CANCELLED),
        or_(
            _campaign.c.join_until.is_(None),
            _campaign.c.join_until <= now,
            _campaign.c.status == CampaignStatus.CANCELLED,
        ),
    )
    finished = 0
    for campaign_id in session.execute(done).scalars().all():
        if broadcasts.is_open(session, REASON, str(campaign_id)):
            continue
        finished += move(session, campaign_id, STARTED, CampaignStatus.FINISHED)
        session.execute(update(_campaign).where(_campaign.c.id == campaign_id).values(finished_at=now))
        broadcasts.close(session, REASON, str(campaign_id), now)
    return finished


def sweep_cancelled(session: Session, now: datetime) -> int:
    """Some of the rows of cancelled ones that still wait. 0: there are none."""
    line_up(session, "campaigns")
    open_ones = select(_campaign.c.id).where(
        _campaign.c.status == CampaignStatus.CANCELLED,
        _campaign.c.started_at.is_not(None),
        _campaign.c.finished_at.is_(None),
    )
    ids = session.execute(open_ones).scalars().all()
    return sum(broadcasts.withdraw_some(session, REASON, str(one), now) for one in ids)


def pause(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    campaigns.find(session, campaign_id)
    if not move(session, campaign_id, (CampaignStatus.RUNNING,), CampaignStatus.PAUSED):
        raise NotInThatState
    broadcasts.pause(session, REASON, str(campaign_id), now)
    audit.record(session, by, "campaign.pause", f"campaign:{campaign_id}", now)


def resume(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    """Goes on exactly where it stood."""
    campaigns.find(session, campaign_id)
    if not move(session, campaign_id, (CampaignStatus.PAUSED,), CampaignStatus.RUNNING):
        raise NotInThatState
    broadcasts.resume(session, REASON, str(campaign_id))
    audit.record(session, by, "campaign.resume", f"campaign:{campaign_id}", now)


def cancel(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    line_up(session, "campaigns")
    campaigns.find(session, campaign_id)
    if not move(session, campaign_id, (*BEFORE, *STARTED), CampaignStatus.CANCELLED):
        raise NotInThatState
    broadcasts.withdraw(session, REASON, str(campaign_id), now)
    audit.record(session, by, "campaign.cancel", f"campaign:{campaign_id}", now)


def halt(session: Session, desk: CampaignDesk, subject: str, failure: str, now: datetime) -> None:
    """Too many failures: it pauses by itself, and staff are told."""
    campaign_id = int(subject)
    if move(session, campaign_id, (CampaignStatus.RUNNING,), CampaignStatus.PAUSED, failure):
        broadcasts.pause(session, REASON, subject, now)
        audit.record(session, "tick", "campaign.halt", f"campaign:{campaign_id}", now, {"failure": failure})
        tell_staff(session, desk, campaigns.find(session, campaign_id), "halted", now)


def retry(
    session: Session, campaign_id: int, statuses: tuple[DeliveryStatus, ...], by: str, now: datetime
) -> int:
    """Failed ones, or unconfirmed ones at staff's own risk, once more; in a pause when it ends."""
    line_up(session, "campaigns")
    if campaigns.find(session, campaign_id).status not in (CampaignStatus.FINISHED, *STARTED):
        raise NotInThatState
    again = send_again(session, REASON, str(campaign_id), statuses, now)
    if again:
        if move(session, campaign_id, (CampaignStatus.FINISHED,), CampaignStatus.RUNNING):
            session.execute(update(_campaign).where(_campaign.c.id == campaign_id).values(finished_at=None))
            broadcasts.reopen(session, REASON, str(campaign_id))
        details = {"statuses": [one.value for one in statuses], "number": again}
        audit.record(session, by, "campaign.retry", f"campaign:{campaign_id}", now, details)
    return again


def _bit_after(session: Session, begins: int) -> int | None:
    """The person with whom the next bit ends; None after the last."""
    bit = select(Person.id).where(Person.id > begins).order_by(Person.id).limit(_BIT).subquery()
    last = select(bit.c.id).order_by(bit.c.id.desc()).limit(1)
    return session.execute(last).scalar()


def _write(session: Session, campaign: Campaign, begins: int, ends: int, now: datetime) -> None:
    """All channels of a person at once: whichever they turn to meanwhile, it is decided for one of them."""
    people = segments.recipients(campaign.criteria, campaign.topic, now)
    people = people.where(Identity.person_id > begins, Identity.person_id <= ends, ~_told(campaign))
    notice = broadcasts.notice_of(session, REASON, str(campaign.id))
    if (
        campaign.expanded_at and written_at(session, notice) >= campaign.expanded_at
    ):  # reworded since the last walk
        broadcasts.keep_until(session, REASON, str(campaign.id), campaign.useful_until, begins, ends)
    rows = people.with_only_columns(
        literal(REASON, String), literal(str(campaign.id), String), Identity.id, Identity.channel,
        literal(notice, BigId), literal(DeliveryStatus.QUEUED.value, String), literal("", String),
        literal(True, Boolean), literal(now, Moment), literal(campaign.useful_until, Moment), literal(0),
        literal("", String), literal("", String),
    ).order_by(Identity.id)  # fmt: skip
    into = upsert(dialect_of(session), Delivery).from_select(_COLUMNS, rows)
    session.execute(into.on_conflict_do_nothing())


def _told(campaign: Campaign) -> Any:
    """Whoever has it on any channel has it: on a later look, or linked since an earlier bit.

    Through the identity's own rows. Hidden behind an empty word, the campaign is no way to them: all its rows would be
    read for each person, while PostgreSQL has not yet counted how many there are."""
    theirs = aliased(Identity)
    this = (Delivery.reason.concat("") == REASON) & (Delivery.subject == str(campaign.id))
    has_it = segments.any_of(select(Delivery.id).where(Delivery.identity_id == theirs.id, this))
    return segments.any_of(select(theirs.id).where(theirs.person_id == Identity.person_id, has_it))


def move(
    session: Session,
    campaign_id: int,
    was: tuple[CampaignStatus, ...],
    to: CampaignStatus,
    why: str = "",
) -> bool:
    """The one way its status changes once it is approved."""
    guarded = update(_campaign).where(_campaign.c.id == campaign_id, _campaign.c.status.in_(was))
    return changed(session.execute(guarded.values(status=to, halted_for=why[:40]))) == 1
