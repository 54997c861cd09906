"""Policy documents with their clauses, and the questions that were asked about them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Json, Moment


class Document(Base):
    """Policy text with its number and validity. Answers come only from published ones that are not withdrawn."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    number: Mapped[str] = mapped_column(String(100), default="")
    effective_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    added_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class Clause(Base):
    """The smallest citable unit, with its printed label."""

    __tablename__ = "clause"
    __table_args__ = (UniqueConstraint("document_id", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    headings: Mapped[Any] = mapped_column(Json)
    text: Mapped[str] = mapped_column(Text)
    milestone: Mapped[str] = mapped_column(Text, default="")
    deadline: Mapped[str] = mapped_column(String(200), default="")
    units: Mapped[Any] = mapped_column(Json)


class Question(Base):
    """What was asked and how it was answered: the unanswered list, and what people thought of the answer."""

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_outcome_asked_at", "outcome", "asked_at"),
        Index("ix_question_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(24), default="")
    labels: Mapped[Any] = mapped_column(Json)  # the labels cited
    rating: Mapped[str] = mapped_column(String(16), default="")
    rating_reason: Mapped[str] = mapped_column(String(24), default="")
