"""Campaigns that a restored backup finds on their way: whom they reached after it was made, nobody knows any more."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from db.campaigns import Campaign
from services import audit, broadcasts
from services.campaign_runs import move
from services.campaign_terms import REASON, CampaignStatus

_WHY = "restored"


def hold_back(session: Session, now: datetime) -> list[str]:
    """They go on when staff say so: what was going out is paused, what should have begun waits to be started.

    Their titles.
    """
    unsure = or_(
        Campaign.status == CampaignStatus.RUNNING,
        and_(Campaign.status == CampaignStatus.SCHEDULED, Campaign.send_at <= now),
    )
    found = session.execute(select(Campaign).where(unsure).order_by(Campaign.id)).scalars().all()
    for campaign in found:
        if move(session, campaign.id, (CampaignStatus.RUNNING,), CampaignStatus.PAUSED, _WHY):
            broadcasts.pause(session, REASON, str(campaign.id), now)
        else:
            move(session, campaign.id, (CampaignStatus.SCHEDULED,), CampaignStatus.APPROVED, _WHY)
        audit.record(session, "command", "campaign.hold_back", f"campaign:{campaign.id}", now)
    return [campaign.title for campaign in found]
