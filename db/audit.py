"""The audit trail: who did what to whom, each entry chained to the one before."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Json, Moment


class AuditEntry(Base):
    """`seal` is a keyed hash over the entry and the seal before it: a changed or missing entry shows."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    details: Mapped[Any] = mapped_column(Json)
    seal: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last number and seal. Its row is updated first, so that two writers line up."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(BigId)
    seal: Mapped[str] = mapped_column(String(64))
