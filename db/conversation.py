"""Conversations: where each dialogue stands, every update that was answered, and what we said unasked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class Conversation(Base):
    """One identity's dialogue: the open step, what was collected, the choices offered last, the question before."""

    __tablename__ = "conversation"

    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), default="")
    sealed_state: Mapped[bytes | None] = mapped_column(LargeBinary)  # as services/conversations.py packs it
    changed_at: Mapped[datetime] = mapped_column(Moment)


class SeenUpdate(Base):
    """An update that was answered, with its Reply: the same one again gets this and does nothing twice."""

    __tablename__ = "seen_update"
    __table_args__ = (
        UniqueConstraint("identity_id", "update_id"),
        Index("ix_seen_update_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    update_id: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(Moment)
    sealed_turn: Mapped[bytes] = mapped_column(LargeBinary)  # what was said or tapped, and the Reply


class PushedMessage(Base):
    """A message on a channel whose people fetch it (the web chat): notices, answers of staff."""

    __tablename__ = "pushed_message"
    __table_args__ = (Index("ix_pushed_message_identity_id_id", "identity_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    pushed_at: Mapped[datetime] = mapped_column(Moment)
    sealed_message: Mapped[bytes] = mapped_column(LargeBinary)
