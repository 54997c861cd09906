"""The office's words around events: what it needs to hold them, where one and a place in it stand, how it says no."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.booking_desk import Announce
from services.campaign_terms import CampaignDesk
from services.quiet_hours import NIGHT, QuietHours
from services.texts import Texts


@dataclass(frozen=True)
class EventDesk:
    """`campaigns` tells subscribers of what is published; its number of looks holds for events, too."""

    announce: Announce
    campaigns: CampaignDesk = field(default_factory=CampaignDesk)
    offer_minutes: int = 120  # a freed place is kept so long for the next in line
    quiet: QuietHours | None = NIGHT  # they do not count
    yearly_goal: int = 12  # events to hold in a year
    doors: timedelta = timedelta(hours=1)  # before and after it: checking in
    base_url: str = ""  # where our own pages are reached; '' for nowhere

    def page_of(self, event_id: int) -> str:
        return f"{self.base_url}/events/{event_id}" if self.base_url else ""

    @property
    def zone(self) -> ZoneInfo:
        return self.campaigns.zone

    @property
    def texts(self) -> Texts:
        return self.campaigns.texts


class EventStatus(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    HELD = "held"


class SignupStatus(StrEnum):
    SIGNED_UP = "signed_up"
    WAITING = "waiting"
    OFFERED = "offered"  # a freed place is kept for them
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # let the offer pass
    ATTENDED = "attended"
    MISSED = "missed"

    @property
    def has_place(self) -> bool:
        return self in (SignupStatus.SIGNED_UP, SignupStatus.OFFERED, SignupStatus.ATTENDED)


class EventRefused(Exception):
    """The office says no; nothing was changed. The kinds below say why."""


class EventFull(EventRefused):
    """Every place is taken, or somebody waits for the next one; there is a line."""


class SignupOver(EventRefused):
    """Past the deadline, or the event is over or cancelled."""


class NoSuchEvent(EventRefused):
    """Unknown, or not public."""


class NotSignedUp(EventRefused):
    """There is no place of this person to speak of."""


class PlaceGone(EventRefused):
    """The offered place was passed on."""


class NotNow(EventRefused):
    """Checking in has not begun, or is over."""


class EventChanged(EventRefused):
    """What was shown is not what holds now, or is not in a state for it."""


class NotYours(EventRefused):
    """This account may not do that: its role is too low, or it did the step before."""


class BadEvent(EventRefused):
    """What is wrong with it is `.args[0]`: title, place, audience, text (empty or too long), series,
    times, past, deadline, capacity, link, poster."""
