"""What could not be said at once: Replies that are owed, and pieces that wait for a person's next word. Never lost.

A Reply that comes too late for its update is owed; once it is there, it becomes pieces. A piece goes out by customer
service if the platform allows, else in front of the answer to the next update. The platform never tells whether a
passive answer arrived: what went along with one is kept a while, for the platform's repeats of the same update.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.prepared import Prepared
from db.session import changed, vault_in
from db.upsert import dialect_of, upsert
from db.wechat import WeChatWaiting
from services.messaging import Message
from services.wechat import windows
from services.wechat.windows import WindowKind
from services.wire import pack, unpack

UNCERTAIN_AFTER = timedelta(minutes=1)  # a piece that is being sent for so long was left behind by a process


class Status(StrEnum):
    OWED = "owed"  # `success` was answered; the Reply has to follow
    PAID = "paid"  # it became pieces
    ANSWERED = "answered"  # a repeat of the update took it after all
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CARRIED = "carried"


_waiting = table(WeChatWaiting)
_ANY = Prepared(select(_waiting.c.id).where(_waiting.c.address_mark == bindparam("mark")))
_OF = (
    select(
        _waiting.c.id,
        _waiting.c.update_id,
        _waiting.c.piece,
        _waiting.c.status,
        _waiting.c.carried_by,
        _waiting.c.changed_at,
        _waiting.c.sealed,
    )
    .where(_waiting.c.address_mark == bindparam("mark"))
    .order_by(_waiting.c.id)
)


class Spoken(Protocol):
    """A Reply as the channel says it."""

    def compose(self, in_front: Sequence[Message]) -> tuple[str, Sequence[Message]]:
        """The passive answer with what goes in front of it, and what does not fit."""
        ...

    def pieces(self) -> Sequence[Message]:
        """All of it in messages of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """One message on its way, and out of which window."""

    id: int
    message: Message
    taken_from: WindowKind


@dataclass(frozen=True, slots=True)
class Settled:
    """The passive answer, '' when there is none to give; and whether pieces of it wait to follow."""

    text: str
    more: bool


def owe(session: Session, address: str, update_id: str, heard: dict[str, Any], now: datetime) -> None:
    """Written before `success` is answered. Once is enough."""
    _put(
        session,
        address,
        windows.mark_of(session, address),
        update_id,
        0,
        Status.OWED,
        {"heard": heard},
        now,
    )


def settle(
    session: Session,
    address: str,
    mark: str,
    update_id: str,
    spoken: Spoken,
    *,
    listening: bool,
    now: datetime,
) -> Settled:
    """Who gets the Reply; `mark` is the address's. `listening`: the platform still waits for this answer."""
    rows = session.execute(_OF, {"mark": mark}).all() if _ANY.one(session, {"mark": mark}) else []
    own = next((row for row in rows if row.update_id == update_id and row.piece == 0), None)
    if not listening:
        if own is None or own.status != Status.OWED or not move(session, own, Status.PAID, now):
            return Settled("", False)
        pieces = spoken.pieces()
        _lay_down(session, address, mark, update_id, pieces, now)
        return Settled("", bool(pieces))
    if own is not None and own.status == Status.PAID:
        return Settled("", False)
    if own is not None and own.status == Status.OWED and not move(session, own, Status.ANSWERED, now):
        return Settled("", False)
    text, rest = spoken.compose(_in_front(session, rows, update_id, now) if rows else ())
    _lay_down(session, address, mark, update_id, rest, now)
    return Settled(text, bool(rest))


def lay_down(session: Session, address: str, name: str, messages: Sequence[Message], now: datetime) -> None:
    """Messages that wait for the person's next word; under one `name` they are laid down once."""
    _lay_down(session, address, windows.mark_of(session, address), name, messages, now)


def next_to_send(session: Session, address: str, now: datetime) -> Piece | None:
    """Claims the oldest piece, with one message of the person's window."""
    mark = windows.mark_of(session, address)
    for row in session.execute(_OF, {"mark": mark}).all():
        if row.status != Status.WAITING:
            continue
        kind = windows.take(session, mark, 1, now)
        if kind is None:
            return None
        if move(session, row, Status.SENDING, now):
            return Piece(row.id, _message(session, row), kind)
        windows.give_back(session, mark, kind)
    return None


def sent(session: Session, piece: int, now: datetime) -> None:
    _set(session, piece, Status.SENT, now)


def put_back(session: Session, piece: int, now: datetime) -> None:
    """It did not go out and waits again."""
    _set(session, piece, Status.WAITING, now)


def _in_front(session: Session, rows: Sequence[Any], update_id: str, now: datetime) -> tuple[Message, ...]:
    """What goes in front of this update's answer: the same pieces whenever the platform repeats it."""
    carried = []
    for row in rows:
        if row.update_id == update_id or row.piece == 0:
            continue
        again = row.status == Status.CARRIED and row.carried_by == update_id
        free = row.status == Status.WAITING or (
            row.status == Status.SENDING and row.changed_at < now - UNCERTAIN_AFTER
        )
        if again or (free and move(session, row, Status.CARRIED, now, update_id)):
            carried.append(_message(session, row))
    return tuple(carried)


def _lay_down(
    session: Session, address: str, mark: str, name: str, messages: Sequence[Message], now: datetime
) -> None:
    for piece, message in enumerate(messages, 1):
        _put(session, address, mark, name, piece, Status.WAITING, {"message": pack(message)}, now)


def _put(
    session: Session,
    address: str,
    mark: str,
    update_id: str,
    piece: int,
    status: Status,
    content: dict[str, Any],
    now: datetime,
) -> None:
    sealed = vault_in(session).seal_json({"address": address, **content})
    row = {
        "address_mark": mark,
        "update_id": update_id,
        "piece": piece,
        "status": status,
        "carried_by": "",
        "sealed": sealed,
        "changed_at": now,
    }
    session.execute(upsert(dialect_of(session), WeChatWaiting).values(**row).on_conflict_do_nothing())


def move(session: Session, row: Any, status: Status, now: datetime, carried_by: str = "") -> bool:
    """Guarded: whoever saw the row as it was may change it, once. What was heard is not kept longer than needed."""
    settled = {"sealed": b""} if status in (Status.PAID, Status.ANSWERED) else {}
    moved = (
        update(WeChatWaiting)
        .where(
            WeChatWaiting.id == row.id,
            WeChatWaiting.status == row.status,
            WeChatWaiting.changed_at == row.changed_at,
        )
        .values(status=status, changed_at=now, carried_by=carried_by, **settled)
    )
    return changed(session.execute(moved)) == 1


def _set(session: Session, piece: int, status: Status, now: datetime) -> None:
    """Only what is still being sent: meanwhile it may have gone along with an answer."""
    session.execute(
        update(WeChatWaiting)
        .where(WeChatWaiting.id == piece, WeChatWaiting.status == Status.SENDING)
        .values(status=status, changed_at=now)
    )


def _message(session: Session, row: Any) -> Message:
    return unpack(vault_in(session).open_json(row.sealed)["message"])
