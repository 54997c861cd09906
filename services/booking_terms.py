"""The office's words around appointments: tiers, kinds, where things stand, and the ways it says no."""

from enum import StrEnum

from services.cycles import Service


class Tier(StrEnum):
    DIAMOND = "diamond"
    GOLD = "gold"
    SILVER = "silver"

    @property
    def service(self) -> Service:
        """钻石卡、金卡上门办理，银卡持卡人到现场办理."""
        return Service.COUNTER if self is Tier.SILVER else Service.VISIT


class Kind(StrEnum):
    FIRST = "first"
    RENEWAL = "renewal"
    REPLACEMENT = "replacement"


class Standing(StrEnum):
    """What a holder is: 博士, 在站博士后 or 出站博士后."""

    DOCTOR = "doctor"
    IN_STATION = "in_station"
    OUT_OF_STATION = "out_of_station"


class HoldStatus(StrEnum):
    LIVE = "live"
    BOOKED = "booked"
    RELEASED = "released"
    EXPIRED = "expired"


class AppointmentStatus(StrEnum):
    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    LACKING = "lacking"  # was there; documents are missing
    ATTENDED = "attended"
    ISSUED = "issued"
    MISSED = "missed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        return self in (AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN)


class Happened(StrEnum):
    """What a line of an appointment's history tells."""

    BOOKED = "booked"
    MOVED = "moved"
    MOVED_BY_OFFICE = "moved_by_office"
    CANCELLED = "cancelled"
    CHECKED_IN = "checked_in"
    LACKING = "lacking"
    ATTENDED = "attended"
    MISSED = "missed"
    ISSUED = "issued"
    TIER_CONFIRMED = "tier_confirmed"
    ERASED = "erased"


class EntryStatus(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    SERVED = "served"  # took the seat that was offered
    LAPSED = "lapsed"  # let the offer pass, or declined it
    LEFT = "left"
    CLOSED = "closed"  # the day came first


class OfferStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class ReminderStatus(StrEnum):
    DUE = "due"
    QUEUED = "queued"
    DROPPED = "dropped"  # cancelled, moved, or too late to be of use


class Refused(Exception):
    """The office says no; nothing was changed. The kinds below say why."""


class SlotTaken(Refused):
    """Somebody else has the last seat, or those in line go first."""


class NotOpen(Refused):
    """Not yet open, or its day is not settled."""


class TooLate(Refused):
    """Past the last moment to do this without a colleague."""


class AlreadyBooked(Refused):
    """One open appointment per person."""


class HoldGone(Refused):
    """The minutes ran out, or it was given up."""


class OfferGone(Refused):
    """Accepted, declined or passed on already."""


class Changed(Refused):
    """What was shown is not what holds now: look again."""


class NotFound(Refused):
    """No such slot, appointment or entry of this person."""
