"""The settings that campaigns and events run by."""

from datetime import time

from bot.config import Settings
from services.booking_desk import Announce
from services.campaign_terms import CampaignDesk
from services.event_terms import EventDesk
from services.quiet_hours import QuietHours
from services.texts import Texts


def quiet_hours(settings: Settings) -> QuietHours | None:
    begin, _, end = settings.delivery.quiet_hours.partition("-")
    return QuietHours(time.fromisoformat(begin), time.fromisoformat(end), settings.zone) if begin else None


def campaign_desk(settings: Settings, texts: Texts | None = None) -> CampaignDesk:
    return CampaignDesk(settings.delivery.approval_steps, settings.zone, texts or Texts())


def event_desk(settings: Settings, announce: Announce, texts: Texts | None = None) -> EventDesk:
    section = settings.events
    return EventDesk(
        announce,
        campaign_desk(settings, texts),
        section.offer_minutes,
        quiet_hours(settings),
        section.yearly_goal,
        base_url=settings.service.base_url,
    )
