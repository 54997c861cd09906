"""Deliveries: one notice to one identity each, from the moment it was decided until its outcome is known."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class Notice(Base):
    """What is said, once for however many people."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sealed_message: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime] = mapped_column(Moment)


class Delivery(Base):
    """`reason` and `subject` say what it is about (booking.remind_day, appointment:12:3): each goes out once."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("reason", "subject", "identity_id"),
        Index("ix_delivery_channel_status_due_at", "channel", "status", "due_at"),
        Index("ix_delivery_reason_subject_status", "reason", "subject", "status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reason: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(60))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(
        String(24), default=""
    )  # one word: blocked, window_over, timeout, ...
    bulk: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime] = mapped_column(Moment)
    useful_until: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str] = mapped_column(String(40), default="")
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    message_id: Mapped[str] = mapped_column(String(64), default="")


class DeliveryPause(Base):
    """Nothing of this reason and subject goes out while this stands."""

    __tablename__ = "delivery_pause"

    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    paused_at: Mapped[datetime] = mapped_column(Moment)
