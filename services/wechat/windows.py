"""How many customer-service messages a person still allows us, and until when; shared by all processes.

What a person does opens a window: writing opens the long one, tapping, following or scanning the one of a minute.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from db.later import later
from db.prepared import Prepared
from db.session import changed, vault_in
from db.upsert import DIALECTS, dialect_of, upsert
from db.wechat import WeChatWindow

TAPPED_LASTS, TAPPED_QUOTA = timedelta(minutes=1), 3


class WindowKind(StrEnum):
    TAPPED = "tapped"  # used up first: it closes first
    WRITTEN = "written"


def _opening(dialect: str) -> Prepared:
    insert = upsert(dialect, WeChatWindow)
    new = {"ends_at": insert.excluded.ends_at, "messages_left": insert.excluded.messages_left}
    later_one = WeChatWindow.ends_at < insert.excluded.ends_at
    opening = insert.on_conflict_do_update(index_elements=["address_mark", "kind"], set_=new, where=later_one)
    return Prepared(opening, ("address_mark", "kind", "ends_at", "messages_left"))


_OPEN = {dialect: _opening(dialect) for dialect in DIALECTS}
_LEFT = select(func.coalesce(func.sum(WeChatWindow.messages_left), 0)).where(
    WeChatWindow.address_mark == bindparam("mark"), WeChatWindow.ends_at > bindparam("now")
)
_OF = (WeChatWindow.address_mark == bindparam("mark"), WeChatWindow.kind == bindparam("of_kind"))


def mark_of(session: Session, address: str) -> str:
    return vault_in(session).mark(f"wechat:{address}")


def open_window(session: Session, mark: str, kind: WindowKind, ends_at: datetime, quota: int) -> None:
    """The same event again, or an older one, opens nothing. Written with the commit."""
    row = {"address_mark": mark, "kind": kind, "ends_at": ends_at, "messages_left": quota}
    later(session, _OPEN[dialect_of(session)], row)


def left(session: Session, mark: str, now: datetime) -> int:
    return int(session.execute(_LEFT, {"mark": mark, "now": now}).scalar_one())


def take(session: Session, mark: str, count: int, now: datetime, spare: int = 0) -> WindowKind | None:
    """Takes `count` messages out of one window that has `spare` more; says out of which."""
    for kind in WindowKind:
        taken = (
            update(WeChatWindow)
            .where(*_OF, WeChatWindow.ends_at > now, WeChatWindow.messages_left >= count + spare)
            .values(messages_left=WeChatWindow.messages_left - count)
        )
        if changed(session.execute(taken, {"mark": mark, "of_kind": kind})):
            return kind
    return None


def give_back(session: Session, mark: str, kind: WindowKind, count: int = 1) -> None:
    """The platform took none of them."""
    back = update(WeChatWindow).where(*_OF).values(messages_left=WeChatWindow.messages_left + count)
    session.execute(back, {"mark": mark, "of_kind": kind})


def close(session: Session, mark: str) -> None:
    """The platform says there is no window, or nothing left in it; it knows better than we do."""
    session.execute(delete(WeChatWindow).where(WeChatWindow.address_mark == mark))


def forget_closed(session: Session, before: datetime) -> int:
    return changed(session.execute(delete(WeChatWindow).where(WeChatWindow.ends_at < before)))
