"""The office's words around campaigns: where one stands, what the office needs to run them, and the ways it says no."""

from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.texts import Texts

REASON = "campaign"  # of its deliveries in the ledger; their subject is the campaign's number


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    APPROVED = "approved"  # waits for somebody to start it
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


BEFORE = (
    CampaignStatus.DRAFT,
    CampaignStatus.SUBMITTED,
    CampaignStatus.REVIEWED,
    CampaignStatus.APPROVED,
    CampaignStatus.SCHEDULED,
)
STARTED = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)


@dataclass(frozen=True)
class CampaignDesk:
    """`steps`: how many accounts beside the submitting one look at a campaign before it may go out."""

    steps: int = 2
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    texts: Texts = field(default_factory=Texts)


class CampaignRefused(Exception):
    """The office says no; nothing was changed. The kinds below say why."""


class NoSuchCampaign(CampaignRefused):
    """Unknown."""


class NotInThatState(CampaignRefused):
    """It stands where that cannot be done."""


class ContentChanged(CampaignRefused):
    """What was looked at is not what would go out."""


class SameAccount(CampaignRefused):
    """Whoever did a step before may not do the next one."""


class RoleTooLow(CampaignRefused):
    """This account may not do that."""


class BadContent(CampaignRefused):
    """Its text is `.args[0]`: empty, too_long, too_late, button, label, file, no_file."""
