"""What is taken up again after an end or a fault, and what is forgotten: with the person, or in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.session import changed, vault_in
from db.wechat import WeChatFile, WeChatWaiting, WeChatWindow
from services.wechat.waiting import Status, move

OWED_ALONE_AFTER = timedelta(minutes=1)  # nobody is at work on it any more
KEPT_FOR = timedelta(days=1)  # what is done, so that late repeats are known
DONE = (Status.PAID, Status.ANSWERED, Status.SENT, Status.CARRIED)


def left_behind(session: Session, now: datetime, limit: int = 100) -> list[tuple[str, dict[str, Any]]]:
    """Claims what is owed and at which nobody works any more: addresses and what was heard, to be answered again."""
    before = now - OWED_ALONE_AFTER
    found = session.execute(
        select(WeChatWaiting)
        .where(WeChatWaiting.status == Status.OWED, WeChatWaiting.changed_at < before)
        .order_by(WeChatWaiting.changed_at)
        .limit(limit)
    ).scalars()
    return [_owed(session, row) for row in list(found) if move(session, row, Status.OWED, now)]


def reachable(session: Session, now: datetime, limit: int = 100) -> list[str]:
    """Addresses with something waiting whose window is open."""
    found = session.execute(
        select(WeChatWaiting.address_mark, WeChatWaiting.sealed)
        .join(WeChatWindow, WeChatWindow.address_mark == WeChatWaiting.address_mark)
        .where(
            WeChatWaiting.status == Status.WAITING,
            WeChatWindow.ends_at > now,
            WeChatWindow.messages_left > 0,
        )
        .order_by(WeChatWaiting.id)
        .limit(limit)
    ).all()
    by_mark = {row.address_mark: row.sealed for row in found}
    return [vault_in(session).open_json(sealed)["address"] for sealed in by_mark.values()]


def forget(session: Session, marks: Sequence[str]) -> None:
    """Whatever is kept of these addresses."""
    for table in (WeChatWaiting, WeChatWindow, WeChatFile):
        session.execute(delete(table).where(table.address_mark.in_(marks)))


def forget_done(session: Session, now: datetime, waiting_before: datetime) -> int:
    """What is done, what waited in vain for longer than conversations are kept, and files past their links."""
    done = delete(WeChatWaiting).where(
        WeChatWaiting.status.in_(DONE), WeChatWaiting.changed_at < now - KEPT_FOR
    )
    in_vain = delete(WeChatWaiting).where(WeChatWaiting.changed_at < waiting_before)
    files = delete(WeChatFile).where(WeChatFile.kept_until < now)
    return sum(changed(session.execute(one)) for one in (done, in_vain, files))


def _owed(session: Session, row: WeChatWaiting) -> tuple[str, dict[str, Any]]:
    opened = vault_in(session).open_json(row.sealed)
    return opened["address"], opened["heard"]
