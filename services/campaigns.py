"""Campaigns up to their start: drafted, submitted, reviewed and approved by different accounts, scheduled.

An approval is bound to a hash of all that would go out, to whom and when: any edit leaves it behind.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import table
from db.campaigns import Campaign, CampaignReview
from db.insert import insert_once
from db.locks import line_up
from db.session import changed
from services import audit, hands, segments
from services.campaign_terms import (
    BEFORE,
    BadContent,
    CampaignDesk,
    CampaignStatus,
    ContentChanged,
    NoSuchCampaign,
    NotInThatState,
    RoleTooLow,
    SameAccount,
)
from services.messaging import Attachment, Button, Message
from services.segments import Criteria, Preview
from services.staff import Colleague, Role
from services.wire import pack, unpack

COMMAND = "command"  # whoever works on the machine itself
TICK = "tick"
MOST_IN_TITLE, MOST_CHARACTERS = 120, 1_500
_MOST_BUTTONS, _MOST_BYTES = 6, 2_000_000
_campaign, _review = table(Campaign), table(CampaignReview)


@dataclass(frozen=True)
class Draft:
    title: str
    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    topic: str = ""
    criteria: Criteria = field(default_factory=dict)
    send_at: datetime | None = None  # None: when somebody starts it
    useful_until: datetime | None = None
    join_until: datetime | None = None


def create(
    session: Session, draft: Draft, author: str, now: datetime, origin: str | None = None
) -> int | None:
    """Its number; None when that origin has one already."""
    values = {"status": CampaignStatus.DRAFT, "author": author, "created_at": now, "origin": origin}
    made = insert_once(session, _campaign, **values, **_values(draft))
    if made is not None:
        audit.record(session, author, "campaign.create", f"campaign:{made}", now)
    return made


def edit(session: Session, campaign_id: int, draft: Draft, by: str, now: datetime) -> None:
    """Back to a draft: whatever was approved was something else."""
    before = update(_campaign).where(_campaign.c.id == campaign_id, _campaign.c.status.in_(BEFORE))
    values = {**_values(draft), "status": CampaignStatus.DRAFT}
    if changed(session.execute(before.values(**values))) == 0:
        raise NotInThatState
    hands.note(session, f"campaign:{campaign_id}", by)
    audit.record(session, by, "campaign.edit", f"campaign:{campaign_id}", now)


def reword(session: Session, desk: CampaignDesk, campaign_id: int, draft: Draft, now: datetime) -> None:
    """One that a tick made: what it speaks of was approved anew just now. Where it stands stays as it is."""
    session.execute(update(_campaign).where(_campaign.c.id == campaign_id).values(**_values(draft)))
    found = content_hash(find(session, campaign_id))
    row = {"campaign_id": campaign_id, "content_hash": found, "step": desk.steps, "by": TICK, "at": now}
    insert_once(session, _review, **row)
    audit.record(session, TICK, "campaign.reword", f"campaign:{campaign_id}", now)


def find(session: Session, campaign_id: int) -> Campaign:
    found = session.get(Campaign, campaign_id, populate_existing=True)
    if found is None:
        raise NoSuchCampaign
    return found


def latest(session: Session, limit: int = 10) -> list[Campaign]:
    return list(session.execute(select(Campaign).order_by(Campaign.id.desc()).limit(limit)).scalars())


def message_of(campaign: Campaign) -> Message:
    """As drafted, for a look at it."""
    packed = {"text": campaign.text, "buttons": campaign.buttons, "attachments": campaign.attachments}
    return unpack(packed)


def content_hash(campaign: Campaign) -> str:
    times = (campaign.send_at, campaign.useful_until, campaign.join_until)
    content = {
        "title": campaign.title,
        "text": campaign.text,
        "buttons": campaign.buttons,
        "attachments": campaign.attachments,
        "topic": campaign.topic,
        "criteria": campaign.criteria,
        "times": [one.isoformat() if one else "" for one in times],
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def preview(session: Session, campaign_id: int, now: datetime) -> Preview:
    campaign = find(session, campaign_id)
    return segments.preview(session, campaign.criteria, campaign.topic, now)


def submit(session: Session, desk: CampaignDesk, campaign_id: int, by: Colleague, now: datetime) -> Campaign:
    """The first of the three looks: whoever submits stands for it."""
    campaign = _locked(session, campaign_id)
    if not by.role.at_least(Role.EDITOR):
        raise RoleTooLow
    if campaign.status != CampaignStatus.DRAFT:
        raise NotInThatState
    return _step(session, desk, campaign, 0, by.ref, now)


def approve(
    session: Session, desk: CampaignDesk, campaign_id: int, by: Colleague, seen: str, now: datetime
) -> Campaign:
    """The next look, by another account. `seen` is the hash of what was shown to it, or how that begins."""
    campaign = _locked(session, campaign_id)
    if not by.role.at_least(Role.REVIEWER):
        raise RoleTooLow
    if campaign.status not in (CampaignStatus.SUBMITTED, CampaignStatus.REVIEWED):
        raise NotInThatState
    found = content_hash(campaign)
    if len(seen) < 8 or not found.startswith(seen):
        raise ContentChanged
    if by.ref in had_a_hand(session, campaign):
        raise SameAccount
    return _step(session, desk, campaign, len(reviews(session, campaign_id, found)), by.ref, now)


def approve_at_once(
    session: Session, desk: CampaignDesk, campaign_id: int, by: str, now: datetime
) -> Campaign:
    """By whoever works on the machine itself, or by a tick whose words were approved with the release."""
    return _step(session, desk, _locked(session, campaign_id), desk.steps, by, now)


def send_back(session: Session, campaign_id: int, by: Colleague, now: datetime) -> None:
    """Not like this: a draft again, to be submitted anew once it is another one."""
    if not by.role.at_least(Role.REVIEWER):
        raise RoleTooLow
    waits = (CampaignStatus.SUBMITTED, CampaignStatus.REVIEWED)
    before = update(_campaign).where(_campaign.c.id == campaign_id, _campaign.c.status.in_(waits))
    if changed(session.execute(before.values(status=CampaignStatus.DRAFT))) == 0:
        raise NotInThatState
    audit.record(session, by.ref, "campaign.send_back", f"campaign:{campaign_id}", now)


def start_now(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    """For one that was approved without a time."""
    approved = update(_campaign).where(
        _campaign.c.id == campaign_id, _campaign.c.status == CampaignStatus.APPROVED
    )
    if changed(session.execute(approved.values(status=CampaignStatus.SCHEDULED, halted_for=""))) == 0:
        raise NotInThatState
    audit.record(session, by, "campaign.start", f"campaign:{campaign_id}", now)


def reviews(session: Session, campaign_id: int, of_content: str) -> list[CampaignReview]:
    found = select(CampaignReview).where(
        CampaignReview.campaign_id == campaign_id, CampaignReview.content_hash == of_content
    )
    return list(session.execute(found.order_by(CampaignReview.step)).scalars())


def had_a_hand(session: Session, campaign: Campaign) -> set[str]:
    """Who wrote on it or looked at it: the next look is somebody else's."""
    looked = {one.by for one in reviews(session, campaign.id, content_hash(campaign))}
    return looked | {campaign.author} | hands.of(session, f"campaign:{campaign.id}")


def is_approved(session: Session, desk: CampaignDesk, campaign: Campaign) -> bool:
    """All looks were at exactly what would go out now; asked once more when it starts."""
    done = reviews(session, campaign.id, content_hash(campaign))
    return bool(done) and done[-1].step >= desk.steps


def _step(
    session: Session, desk: CampaignDesk, campaign: Campaign, step: int, by: str, now: datetime
) -> Campaign:
    seen = {"campaign_id": campaign.id, "content_hash": content_hash(campaign)}
    if insert_once(session, _review, **seen, step=step, by=by, at=now) is None:
        raise SameAccount
    if step >= desk.steps:
        status = CampaignStatus.SCHEDULED if campaign.send_at else CampaignStatus.APPROVED
    else:
        status = CampaignStatus.REVIEWED if step else CampaignStatus.SUBMITTED
    as_it_was = update(_campaign).where(_campaign.c.id == campaign.id, _campaign.c.status == campaign.status)
    if changed(session.execute(as_it_was.values(status=status))) == 0:
        raise NotInThatState  # edited or cancelled at this very moment
    audit.record(session, by, "campaign.approve", f"campaign:{campaign.id}", now, {"step": step})
    return find(session, campaign.id)


def _locked(session: Session, campaign_id: int) -> Campaign:
    line_up(session, f"campaign {campaign_id}")
    return find(session, campaign_id)


def _values(draft: Draft) -> Mapping[str, Any]:
    _check(draft)
    packed = pack(Message(draft.text, draft.buttons, draft.attachments))
    return {
        "title": "".join(filter(str.isprintable, " ".join(draft.title.split()))),
        "text": draft.text,
        "buttons": packed.get("buttons", []),
        "attachments": packed.get("attachments", []),
        "topic": draft.topic,
        "criteria": dict(segments.checked(draft.criteria)),
        "send_at": draft.send_at,
        "useful_until": draft.useful_until,
        "join_until": draft.join_until,
    }


def _check(draft: Draft) -> None:
    if not draft.text.strip() or not draft.title.strip():
        raise BadContent("empty")
    if len(draft.text) > MOST_CHARACTERS or len(draft.title) > MOST_IN_TITLE:
        raise BadContent("too_long")
    if len(draft.buttons) > _MOST_BUTTONS or any(len(one.choice.encode()) > 40 for one in draft.buttons):
        raise BadContent("label")
    if sum(len(one.content) for one in draft.attachments) > _MOST_BYTES:
        raise BadContent("file")
    if not all(one.content for one in draft.attachments):
        raise BadContent("no_file")
    times = (draft.join_until, draft.send_at)
    if draft.useful_until and any(one and one > draft.useful_until for one in times):
        raise BadContent("too_late")
