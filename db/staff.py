"""Staff: those of the office who work here, their role, the one-time way in, and what they had a hand in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class Staff(Base):
    """`person_id` is who they are in the chat, once they came in by their link."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), unique=True)
    added_at: Mapped[datetime] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)


class StaffInvitation(Base):
    """A one-time link: only its mark is kept."""

    __tablename__ = "staff_invitation"

    token_mark: Mapped[str] = mapped_column(String(40), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Hand(Base):
    """Somebody changed what is to go out: a campaign or an event."""

    __tablename__ = "hand"

    subject: Mapped[str] = mapped_column(String(60), primary_key=True)  # campaign:3, event:5
    by: Mapped[str] = mapped_column(String(40), primary_key=True)  # staff:2, command
