"""A campaign on its way gets other words: whoever has not got it yet gets these, nobody gets it twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.base import table
from db.campaigns import Campaign
from db.locks import line_up
from services import broadcasts, campaigns, delivery
from services.campaign_notices import worded
from services.campaign_terms import REASON, STARTED, CampaignDesk, CampaignStatus
from services.campaigns import Draft

_campaign = table(Campaign)


def reword(session: Session, desk: CampaignDesk, campaign_id: int, draft: Draft, now: datetime) -> None:
    """One that a tick made. What staff took in hand, or stopped, is theirs."""
    line_up(session, "campaigns")
    before = campaigns.find(session, campaign_id)
    status, until, join_until = before.status, before.useful_until, before.join_until
    if status not in (CampaignStatus.SCHEDULED, *STARTED, CampaignStatus.FINISHED):
        return
    campaigns.reword(session, desk, campaign_id, draft, now)
    if status == CampaignStatus.SCHEDULED:
        return
    notice = broadcasts.notice_of(session, REASON, str(campaign_id))
    delivery.rewrite_notice(session, notice, worded(desk, campaigns.find(session, campaign_id)), now)
    if (draft.useful_until, draft.join_until) != (until, join_until):
        _walk_again(session, campaign_id, CampaignStatus(status), now)


def _walk_again(session: Session, campaign_id: int, status: CampaignStatus, now: datetime) -> None:
    """Its rows get their new last useful time by the next walk, bit by bit, and who came to match meanwhile a row."""
    values: dict[str, Any] = {"expanded_to": 0, "expanded_at": now}
    if status is CampaignStatus.FINISHED:
        values |= {"status": CampaignStatus.RUNNING, "finished_at": None}
        broadcasts.reopen(session, REASON, str(campaign_id))
    session.execute(update(_campaign).where(_campaign.c.id == campaign_id).values(**values))
