"""People: who talks to us, at which address of which channel, and what they want to hear of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class Person(Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary)  # as the office's own lists have it


class PersonTag(Base):
    """A word of the office's lists that segments can select by."""

    __tablename__ = "person_tag"
    __table_args__ = (Index("ix_person_tag_tag_person_id", "tag", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)


class Silence(Base):
    """Somebody wants no broadcast at all, whatever the topic; what concerns only themselves still comes."""

    __tablename__ = "silence"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(Moment)


class Identity(Base):
    """One person's address on one channel. `address_mark` finds it, `sealed_address` reaches it."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("channel", "address_mark"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    address_mark: Mapped[str] = mapped_column(String(40))
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(
        Moment
    )  # blocked us or unfollowed; writing to us ends it


class Subscription(Base):
    """Consent to a topic, with when it was given, on which channel, and when it was taken back."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index(
            "uq_subscription_open",
            "person_id",
            "topic",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_subscription_topic_person_id", "topic", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(16))
    given_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
