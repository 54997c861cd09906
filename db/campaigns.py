"""Campaigns: what is broadcast to whom, who approved exactly that, and who tapped what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Json, Moment


class Segment(Base):
    """Stored criteria under a name. A campaign keeps its own copy: what was approved does not change with it."""

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    criteria: Mapped[Any] = mapped_column(Json)
    saved_at: Mapped[datetime] = mapped_column(Moment)


class Campaign(Base):
    """One broadcast. `expanded_to` is the person up to whom its deliveries are written; None before and after."""

    __tablename__ = "campaign"
    __table_args__ = (Index("ix_campaign_status_send_at", "status", "send_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    buttons: Mapped[Any] = mapped_column(Json)  # [[label, choice]]
    attachments: Mapped[Any] = mapped_column(Json)  # [[name, media type, base64]]
    topic: Mapped[str] = mapped_column(String(40), default="")
    criteria: Mapped[Any] = mapped_column(Json)
    send_at: Mapped[datetime | None] = mapped_column(Moment)  # None: when somebody starts it
    useful_until: Mapped[datetime | None] = mapped_column(Moment)
    join_until: Mapped[datetime | None] = mapped_column(Moment)  # who comes to match until then gets it, too
    origin: Mapped[str | None] = mapped_column(String(60), unique=True)  # what a tick made it from, once
    status: Mapped[str] = mapped_column(String(12))
    author: Mapped[str] = mapped_column(String(40))  # staff:3, command, tick
    created_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    expanded_to: Mapped[int | None] = mapped_column(BigId)
    expanded_at: Mapped[datetime | None] = mapped_column(Moment)
    excluded: Mapped[Any] = mapped_column(
        Json, nullable=True
    )  # {why: number} at the start; None: not counted yet
    halted_for: Mapped[str] = mapped_column(String(40), default="")  # why it stopped by itself
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class CampaignReview(Base):
    """One look at exactly this content: submitted, reviewed, approved or sent back."""

    __tablename__ = "campaign_review"
    __table_args__ = (
        UniqueConstraint("campaign_id", "content_hash", "step"),
        UniqueConstraint("campaign_id", "content_hash", "by"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    step: Mapped[int]  # 0: submitted by the author's side, 1: reviewed, 2: approved
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)


class CampaignTap(Base):
    """Somebody tapped a button of it; counted once."""

    __tablename__ = "campaign_tap"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    tapped_at: Mapped[datetime] = mapped_column(Moment)
