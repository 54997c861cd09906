"""Handoffs: conversations that a person asked to go on with a colleague."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class Handoff(Base):
    __tablename__ = "handoff"
    __table_args__ = (Index("ix_handoff_status_asked_at", "status", "asked_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    sealed_about: Mapped[bytes] = mapped_column(LargeBinary)  # the question before, and what was added
