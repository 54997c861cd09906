"""What campaigns say: the notice with its ways on and out, and what staff are told of them."""

from collections.abc import Container
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db.campaigns import Campaign
from services import campaigns, staff
from services.campaign_terms import CampaignDesk
from services.delivery import announce
from services.messaging import Button, Message
from services.staff import Role

_USEFUL = timedelta(days=3)


def worded(desk: CampaignDesk, campaign: Campaign) -> Message:
    """Taps are counted by the campaign that they came from; leaving is one tap away in every notice."""
    drafted = campaigns.message_of(campaign)
    own = tuple(Button(one.label, f"go:{campaign.id}:{one.choice}") for one in drafted.buttons)
    out = Button(desk.texts.label("buttons/unsubscribe"), f"unsubscribe:{campaign.topic}".rstrip(":"))
    text = desk.texts.say("campaign/notice", text=drafted.text, topic=campaign.topic)
    return Message(text, (*own, out), drafted.attachments)


def tell_staff(
    session: Session,
    desk: CampaignDesk,
    campaign: Campaign,
    said: str,
    now: datetime,
    role: Role = Role.EDITOR,
    but: Container[str] = (),
) -> None:
    """Those of that role and above who came in by their link, but for some accounts."""
    look = Button(desk.texts.label("buttons/campaign_show"), f"staff.campaign:{campaign.id}")
    text = desk.texts.say(f"campaign/{said}", title=campaign.title, why=campaign.halted_for)
    for colleague in staff.reachable(session, role):
        assert colleague.person_id is not None
        if colleague.ref in but:
            continue
        announce(
            session,
            reason=f"campaign.{said}",
            subject=f"campaign:{campaign.id}:{int(now.timestamp())}",
            person_id=colleague.person_id,
            message=Message(text, (look,)),
            due_at=now,
            useful_until=now + _USEFUL,
            now=now,
        )
