"""WeChat: how many messages a person still allows us, what waits for the next word, files to fetch, the token."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Moment


class WeChatWindow(Base):
    """Opened by what a person does; `kind` is `written` (two days) or `tapped` (one minute)."""

    __tablename__ = "wechat_window"
    __table_args__ = (
        CheckConstraint("messages_left >= 0", name="left"),
        Index("ix_wechat_window_ends_at", "ends_at"),
    )

    address_mark: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    messages_left: Mapped[int]


class WeChatWaiting(Base):
    """One piece of a Reply that did not go out at once. Piece 0 stands for the Reply that is owed as a whole."""

    __tablename__ = "wechat_waiting"
    __table_args__ = (
        UniqueConstraint("address_mark", "update_id", "piece"),
        Index("ix_wechat_waiting_status_changed_at", "status", "changed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    address_mark: Mapped[str] = mapped_column(String(40))
    update_id: Mapped[str] = mapped_column(String(80))
    piece: Mapped[int]
    status: Mapped[str] = mapped_column(String(8))
    carried_by: Mapped[str] = mapped_column(
        String(80), default=""
    )  # the update whose answer it went along with
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # the address, and the Update or the Message
    changed_at: Mapped[datetime] = mapped_column(Moment)


class WeChatFile(Base):
    """A file that no chat message carries, until its link is over. A broadcast's belongs to nobody: its mark is ''."""

    __tablename__ = "wechat_file"
    __table_args__ = (
        UniqueConstraint("address_mark", "content_mark"),
        Index("ix_wechat_file_kept_until", "kept_until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    address_mark: Mapped[str] = mapped_column(String(40))
    content_mark: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # name, type, content
    kept_until: Mapped[datetime] = mapped_column(Moment)


class WeChatToken(Base):
    __tablename__ = "wechat_token"

    app_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed_token: Mapped[bytes] = mapped_column(LargeBinary)
    good_until: Mapped[datetime] = mapped_column(Moment)
