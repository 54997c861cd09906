"""One Update in, one Reply out, in one transaction: whatever happens, people get an answer, and get it once."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from db.session import Database, Unavailable
from handlers.routes import house_routes
from handlers.routing import Routes
from handlers.turn import Desk, ReadFirst, Turn
from services import conversations
from services.conversations import Stand
from services.masking import hide_numbers
from services.messaging import Message, Reply, Update, UpdateKind
from services.people import identity_at
from services.staff import hide_token

log = structlog.get_logger(__name__)


class Dispatch:
    """`reply = await dispatch(update)`. Raises `Unavailable` when the database is gone, and nothing else."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        routes: Routes | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self._database, self._desk, self._clock = database, desk, clock
        self._routes = routes or house_routes()
        self._queues = Queues()

    async def __call__(self, update: Update) -> Reply:
        async with self._queues.turn_of(f"{update.channel}:{update.address}"):
            try:
                return await self._run(update)
            except Unavailable:
                raise
            except Exception:
                return await self._apologise(update)

    async def _run(self, update: Update) -> Reply:
        readings: list[Any] = []
        while True:
            try:
                return await self._database.run(partial(self._answer, update, readings), brief=True)
            except ReadFirst as wanted:
                readings.append(await self._database.read(wanted.work))

    def _answer(self, update: Update, readings: list[Any], session: Session) -> Reply:
        if update.kind is UpdateKind.LEAVE and identity_at(session, update.channel, update.address) is None:
            return Reply()  # nobody we know, or somebody who had themselves forgotten
        stand = conversations.stand(session, update)
        if stand.answered is not None:
            return stand.answered
        self._note_presence(session, stand, update)
        text = _readable(update)
        turn = Turn(
            session, update, stand, self._desk, self._clock(), text, topic=stand.topic, readings=[*readings]
        )
        reply = self._routes.answer(turn)
        if "*" in text and text != update.text:
            reply = self._with(reply, "privacy/number_hidden")
        told = turn.greeted or turn.forgotten or update.kind is UpdateKind.LEAVE
        if stand.new and not (update.public or told):
            reply = self._with(reply, "privacy/notice")
        if not turn.forgotten:
            said = _said(session, stand, update, text)
            conversations.remember(session, stand, update, said, reply, turn.topic)
        return reply

    async def _apologise(self, update: Update) -> Reply:
        """The fault is logged with its trace under a reference that people can quote."""
        reference = secrets.token_hex(3).upper()
        log.exception("a handler failed", reference=reference, channel=update.channel, kind=update.kind.value)
        buttons = (self._desk.button("handoff"), self._desk.button("menu"))
        reply = Reply((Message(self._desk.say("errors/fault", reference=reference), buttons),))
        try:
            await self._database.run(partial(self._keep, update, reply))
        except Unavailable:
            raise
        except Exception:
            log.exception("an apology could not be kept", reference=reference)
        return reply

    def _keep(self, update: Update, reply: Reply, session: Session) -> None:
        stand = conversations.stand(session, update)
        if stand.answered is None:
            text = _readable(update)
            said = _said(session, stand, update, text)
            conversations.remember(session, stand, update, said, reply, stand.topic)

    def _note_presence(self, session: Session, stand: Stand, update: Update) -> None:
        if update.kind is UpdateKind.LEAVE:
            conversations.leave(session, stand, update.received_at)
        elif stand.left:
            conversations.come_back(session, stand)

    def _with(self, reply: Reply, name: str) -> Reply:
        told = Message(self._desk.say(name, office=self._desk.office, days=self._desk.conversation_days))
        return replace(reply, messages=(*reply.messages, told))


class Queues:
    """One line per person: who writes twice is answered in order; nobody else waits."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def turn_of(self, key: str) -> "_Line":
        """`async with queues.turn_of(key): ...`"""
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = _Line(self._lines, key)
        line.waiting += 1
        return line


class _Line:
    """Forgotten when nobody waits in it any more."""

    __slots__ = ("_key", "_lines", "_lock", "waiting")

    def __init__(self, lines: "dict[str, _Line]", key: str):
        self._lines, self._key, self._lock, self.waiting = lines, key, asyncio.Lock(), 0

    async def __aenter__(self) -> None:
        try:
            await self._lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
        self._leave()

    def _leave(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            del self._lines[self._key]


def _readable(update: Update) -> str:
    """Whole characters only; of what was typed, no number that does not belong in a chat."""
    text = update.text.encode("utf-8", "replace").decode()
    return hide_numbers(text) if update.kind is UpdateKind.TEXT else text


def _said(session: Session, stand: Stand, update: Update, text: str) -> dict[str, str] | None:
    """How the update shows in the log."""
    if update.kind in (UpdateKind.TEXT, UpdateKind.MEDIA):
        return {"text": hide_token(text)}
    if update.kind is not UpdateKind.CHOICE or text == "start":
        return None
    label = conversations.label_of(session, stand, text)
    return {"choice": text, "label": label} if label else None
