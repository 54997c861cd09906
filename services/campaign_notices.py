"""What campaigns say: the notice with its ways on and out, and what staff are told of them."""

from collections.abc import Container
from datetime import datetime

from sqlalchemy.orm import Session

from db.campaigns import Campaign
from services import campaigns
from services.campaign_terms import CampaignDesk
from services.messaging import Button, Message
from services.staff import Role
from services.staff_notices import tell_colleagues


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
) -> int:
    """How many of them are told."""
    look = Button(desk.texts.label("buttons/campaign_show"), f"staff.campaign:{campaign.id}")
    text = desk.texts.say(f"campaign/{said}", title=campaign.title, why=campaign.halted_for)
    reason, about = f"campaign.{said}", f"campaign:{campaign.id}"
    message = Message(text, (look,))
    return tell_colleagues(session, message, reason=reason, about=about, now=now, role=role, but=but)
