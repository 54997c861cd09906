"""Events of the office, and people's places in them.

`taken` counts the places of an event that are signed up or offered; it is changed by guarded UPDATEs only.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class Event(Base):
    """`version` counts its published changes: calendars replace what they have by it, notices go out once for each."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken"),
        Index("ix_event_status_starts_at", "status", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    series: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(120))
    map_url: Mapped[str] = mapped_column(String(300), default="")
    audience: Mapped[str] = mapped_column(String(120), default="")
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    sign_up_until: Mapped[datetime] = mapped_column(Moment)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    poster: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True
    )  # megabytes: read only to be shown
    poster_type: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    author: Mapped[str] = mapped_column(String(40))
    submitted_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)


class Signup(Base):
    """One person's place: signed up, waiting, offered, cancelled, lapsed, attended, missed. `waiting_since` orders."""

    __tablename__ = "signup"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        Index("ix_signup_event_id_status_waiting_since", "event_id", "status", "waiting_since"),
        Index("ix_signup_status_offer_until", "status", "offer_until"),
        Index("ix_signup_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(String(12))
    signed_at: Mapped[datetime] = mapped_column(Moment)
    waiting_since: Mapped[datetime | None] = mapped_column(Moment)
    offer_until: Mapped[datetime | None] = mapped_column(Moment)
    offers: Mapped[int] = mapped_column(default=0)  # how many offers there were: each is told once
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_in_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)  # how they liked it
    rating: Mapped[int | None]
    campaign_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaign.id")
    )  # the broadcast whose button led here
