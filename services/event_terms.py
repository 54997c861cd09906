"""The office's words around events: where an event and somebody's place in it stand, and the ways it says no."""

from enum import StrEnum


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
    """Every place is taken; there is a line."""


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
