"""Deliveries: one notice to one identity each, from the moment it was decided until its outcome is known."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment

# Conditions of partial indexes: a million rows of a broadcast cost nothing to those who look for something else.
SINGLE = text("status = 'queued' AND NOT bulk")
LATE = text("status = 'queued' AND useful_until IS NOT NULL")
SENDING = text("status = 'sending'")


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
        UniqueConstraint("identity_id", "reason", "subject"),
        Index("ix_delivery_single", "channel", "due_at", sqlite_where=SINGLE, postgresql_where=SINGLE),
        Index("ix_delivery_late", "channel", "useful_until", sqlite_where=LATE, postgresql_where=LATE),
        Index("ix_delivery_sending", "channel", sqlite_where=SENDING, postgresql_where=SENDING),
        Index("ix_delivery_broadcast", "reason", "subject", "channel", "status", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reason: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(60))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
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


class EarlyArrival(Base):
    """What a platform told of a message before the sender had written the message's id into its row."""

    __tablename__ = "early_arrival"

    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    arrival: Mapped[str] = mapped_column(String(24))
    told_at: Mapped[datetime] = mapped_column(Moment)


class Broadcast(Base):
    """One notice to many, its rows marked `bulk`: whether they go out now, and the consent that each of them needs."""

    __tablename__ = "broadcast"

    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    topic: Mapped[str] = mapped_column(String(40), default="")  # '': whoever did not ask for silence
    opened_at: Mapped[datetime] = mapped_column(Moment)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)  # what still waits is settled bit by bit
    closed_at: Mapped[datetime | None] = mapped_column(Moment)  # nothing of it is open any more
