"""The settings that campaigns run by."""

from bot.config import Settings
from services.campaign_terms import CampaignDesk
from services.texts import Texts


def campaign_desk(settings: Settings, texts: Texts | None = None) -> CampaignDesk:
    return CampaignDesk(settings.delivery.approval_steps, settings.zone, texts or Texts())
