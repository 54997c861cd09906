"""Appointments: openings and their seats, who holds, waits, is offered and has booked one, and what happened to it.

A seat is taken exactly once: `slot.booked` counts its live holds, open offers and appointments that were not cancelled.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Json, Moment


def _only_one(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class BookingCycle(Base):
    """One biweekly opening. `nominal_on` is the day in the rhythm, `opens_on` the day it moved to."""

    __tablename__ = "booking_cycle"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    nominal_on: Mapped[date] = mapped_column(Date, unique=True)
    opens_on: Mapped[date] = mapped_column(Date)
    opens_at: Mapped[datetime] = mapped_column(Moment, index=True)
    days: Mapped[Any] = mapped_column(Json)  # its service days, ISO
    provisional: Mapped[bool]
    unsettled: Mapped[Any] = mapped_column(Json)  # those of its days that are not firm yet, ISO
    drawn_from: Mapped[str] = mapped_column(String(64))  # changes when plan or calendar give other seats
    told_at: Mapped[datetime | None] = mapped_column(
        Moment
    )  # those who asked to be told were, or it is no news any more


class RouteDay(Base):
    """One team's day: how many visits it can make, over all its intervals."""

    __tablename__ = "route_day"
    __table_args__ = (
        UniqueConstraint("cycle_id", "place", "day"),
        CheckConstraint("booked BETWEEN 0 AND capacity", name="booked"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("booking_cycle.id"))
    place: Mapped[str] = mapped_column(String(40))
    day: Mapped[date] = mapped_column(Date)
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)


class Slot(Base):
    """An interval at a counter or of a team. Without `opens_at` (a provisional day) nobody can take it."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("service", "place", "starts_at"),
        CheckConstraint("booked BETWEEN 0 AND capacity", name="booked"),
        Index("ix_slot_service_day", "service", "day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("booking_cycle.id"), index=True)
    route_day_id: Mapped[int | None] = mapped_column(ForeignKey("route_day.id"))
    service: Mapped[str] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(40))
    day: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    opens_at: Mapped[datetime | None] = mapped_column(Moment)
    book_until: Mapped[datetime] = mapped_column(Moment)
    change_until: Mapped[datetime] = mapped_column(Moment)
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)  # its day turned out to be a day off


class Hold(Base):
    """A seat kept for minutes while details are filled in: live, then booked, released or expired."""

    __tablename__ = "hold"
    __table_args__ = (
        _only_one("uq_hold_live", "person_id", where="status = 'live'"),
        Index("ix_hold_status_expires_at", "status", "expires_at"),
        Index("ix_hold_slot_id", "slot_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    tier: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    held_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    sealed_details: Mapped[bytes | None] = mapped_column(LargeBinary)


class Appointment(Base):
    """A booked slot. `version` counts its changes: what was shown before can be told from what holds now."""

    __tablename__ = "appointment"
    __table_args__ = (
        _only_one("uq_appointment_open", "person_id", where="status IN ('booked', 'checked_in')"),
        Index("ix_appointment_slot_id", "slot_id"),
        Index("ix_appointment_status_issued_on", "status", "issued_on"),
        Index("ix_appointment_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    tier: Mapped[str] = mapped_column(String(16))
    tier_confirmed: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)
    booked_at: Mapped[datetime] = mapped_column(Moment)
    consented_at: Mapped[datetime] = mapped_column(Moment)
    sealed_details: Mapped[bytes | None] = mapped_column(LargeBinary)  # None once erased
    sealed_lacking: Mapped[bytes | None] = mapped_column(LargeBinary)  # which documents are missing
    sealed_card_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    issued_on: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)


class AppointmentEvent(Base):
    """One thing that happened to an appointment: who, when, what. Never changed, never deleted."""

    __tablename__ = "appointment_event"
    __table_args__ = (UniqueConstraint("appointment_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    happened: Mapped[str] = mapped_column(String(24))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    tier: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))


class WaitlistEntry(Base):
    """A place in line for a full day: waiting, offered, then served, lapsed, left or closed. The id is the order."""

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        _only_one(
            "uq_waitlist_entry_live", "person_id", "service", "day", where="status IN ('waiting', 'offered')"
        ),
        Index("ix_waitlist_entry_line", "service", "day", "status", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    service: Mapped[str] = mapped_column(String(16))
    day: Mapped[date] = mapped_column(Date)
    tier: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    joined_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)


class Offer(Base):
    """A freed seat kept for the first in line until `expires_at`: open, then accepted, declined or expired."""

    __tablename__ = "offer"
    __table_args__ = (
        _only_one("uq_offer_open", "entry_id", where="status = 'open'"),
        Index("ix_offer_status_expires_at", "status", "expires_at"),
        Index("ix_offer_slot_id", "slot_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist_entry.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    status: Mapped[str] = mapped_column(String(16))
    offered_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)


class Reminder(Base):
    """A reminder to be queued once, for the slot it speaks of: due, then queued or dropped."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("appointment_id", "slot_id", "kind"),
        Index("ix_reminder_status_due_at", "status", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    kind: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime] = mapped_column(Moment)
    useful_until: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[str] = mapped_column(String(16))
