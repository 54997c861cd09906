"""Linking codes: how somebody shows on one channel that they are who they are on another."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class LinkCode(Base):
    """Good once, for minutes. Only its mark is kept."""

    __tablename__ = "link_code"

    code_mark: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class LinkTry(Base):
    """A wrong code: too many of them, and whoever guesses has to wait."""

    __tablename__ = "link_try"
    __table_args__ = (Index("ix_link_try_identity_id_tried_at", "identity_id", "tried_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    tried_at: Mapped[datetime] = mapped_column(Moment)
