"""Answers on Telegram: one task for each update, in order for each chat, its Reply said to the end or tried again.

An update is done when its Reply went out whole, or never can. Only then is it confirmed to Telegram, so what a killed
process had in hand is brought again; dispatch then gives the same Reply, and the worst is that it is read twice.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
import telegram

from bot.channels.telegram_patience import Patience, insist
from bot.channels.telegram_speech import Speech
from bot.channels.telegram_text import pieces
from bot.channels.telegram_updates import CHANNEL, Incoming, incoming
from db.session import Unavailable
from handlers.dispatch import Queues
from services.messaging import DeliveryError, Reply, Update, UpdateKind

MOST = 200  # updates at work at once; more are sent back for later
_REMEMBERED = 20_000  # updates known to be done

log = structlog.get_logger(__name__)


class NotSaid(Exception):
    """A Reply that did not go out for now: its update is to be brought again."""


@dataclass(slots=True)
class Unfinished:
    """How far an update has come that was put back."""

    chat: int
    since: float
    pieces: int = 0  # of its Reply that have gone out
    times: int = 0
    not_before: float = 0.0


class Answers:
    """`unsaid` hears the reason for each Reply that will never go out, `news` how Telegram is ("" for well)."""

    def __init__(
        self,
        dispatch: Callable[[Update], Awaitable[Reply]],
        speech: Speech,
        bot: telegram.Bot,
        clock: Callable[[], datetime],
        unsaid: Callable[[str], None],
        news: Callable[[str], None],
        patience: Patience,
    ):
        self._dispatch, self._speech, self._bot, self._clock = dispatch, speech, bot, clock
        self._unsaid, self._news, self._patience = unsaid, news, patience
        self._chats = Queues()
        self._at_work: dict[int, asyncio.Task[None]] = {}
        self._unfinished: dict[int, Unfinished] = {}
        self._done: OrderedDict[int, None] = OrderedDict()
        self._taps: set[asyncio.Task[None]] = set()
        self.me: telegram.User | None = None

    def done(self, number: int) -> bool:
        return number in self._done

    def ready(self, number: int) -> bool:
        """Whether it can be taken now: there is room, and a pause that was asked for is over."""
        if self.me is None:
            return False
        put_back = self._unfinished.get(number)
        if put_back is not None and time.monotonic() < put_back.not_before:
            return False
        return number in self._at_work or len(self._at_work) < MOST

    def take(self, number: int, raw: dict[str, Any]) -> "asyncio.Task[None]":
        """The one task for this update, however often it is brought. Raises NotSaid or Unavailable, nothing else."""
        task = self._at_work.get(number)
        if task is None:
            task = self._at_work[number] = asyncio.create_task(self._answer(number, raw))
            task.add_done_callback(lambda ended: self._ended(number, ended))
        return task

    def give_up(self, number: int, reason: str) -> None:
        log.error("a reply was given up", update=number, reason=reason)
        self._unsaid(reason)
        self._close(number)

    async def finish(self, seconds: float) -> None:
        """Waits for what is at work."""
        if tasks := [*self._at_work.values(), *self._taps]:
            await asyncio.wait(tasks, timeout=seconds)

    def _ended(self, number: int, task: "asyncio.Task[None]") -> None:
        del self._at_work[number]
        if not task.cancelled() and task.exception() is None:
            self._close(number)

    def _close(self, number: int) -> None:
        self._unfinished.pop(number, None)
        self._done[number] = None
        if len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)

    async def _answer(self, number: int, raw: dict[str, Any]) -> None:
        found = self._read(number, raw)
        if found is None:
            return
        if found.callback:
            tap = asyncio.create_task(self._speech.acknowledge(found.callback))
            self._taps.add(tap)
            tap.add_done_callback(self._taps.discard)
        try:
            async with self._chats.turn_of(str(found.place.chat)):
                self._keep_order(number, found.place.chat)
                with self._speech.typing(found.place):
                    reply = await self._dispatch(found.update)
                    await self._say(number, found, reply)
                self._unfinished.pop(number, None)
        except (NotSaid, Unavailable):
            raise
        except Exception:
            log.exception("an update was not answered", update=number)
            self._unsaid("fault")

    def _read(self, number: int, raw: dict[str, Any]) -> Incoming | None:
        assert self.me is not None
        try:
            update = telegram.Update.de_json(raw, self._bot)
            return incoming(update, self.me, self._clock())
        except Exception:
            log.exception("an update could not be read", update=number)
            return None

    async def _say(self, number: int, found: Incoming, reply: Reply) -> None:
        """Goes on where it stopped when this update was put back."""
        told = [piece for message in reply.messages for piece in pieces(message)]
        begun = self._unfinished.get(number)
        for place, piece in enumerate(told):
            if begun is not None and place < begun.pieces:
                continue
            try:
                await insist(
                    partial(self._speech.say, piece, found.place), self._patience.pauses, self._clock
                )
            except DeliveryError as failed:
                if not failed.permanent:
                    self._put_back(number, found.place.chat, place, failed)
                    return
                log.warning("a reply was refused", update=number, reason=failed.reason)
                self._unsaid(failed.reason)
                if failed.reason == "blocked":
                    await self._left(found)
                    return
        if told:
            self._news("")

    def _keep_order(self, number: int, chat: int) -> None:
        """Raises NotSaid while something before it in its chat was put back, and is still to be expected."""
        now = time.monotonic()
        before = [
            other.not_before
            for earlier, other in self._unfinished.items()
            if other.chat == chat and earlier < number and now < other.not_before + self._patience.seconds
        ]
        if before:
            self._unfinished.setdefault(number, Unfinished(chat, now)).not_before = max(before)
            raise NotSaid

    def _put_back(self, number: int, chat: int, said: int, failed: DeliveryError) -> None:
        """Raises NotSaid, unless that has gone on for too long."""
        now = time.monotonic()
        put_back = self._unfinished.setdefault(number, Unfinished(chat, now))
        put_back.pieces, put_back.times = said, put_back.times + 1
        if put_back.times >= self._patience.times and now - put_back.since >= self._patience.seconds:
            self.give_up(number, failed.reason)
            return
        wait = (failed.retry_at - self._clock()).total_seconds() if failed.retry_at else self._patience.rest
        put_back.not_before = now + wait
        if len(self._unfinished) > _REMEMBERED:  # Telegram forgets those that it brought a day ago
            del self._unfinished[next(iter(self._unfinished))]
        if failed.reason != "busy":  # one chat that is told to wait is no trouble of the channel's
            self._news(failed.reason)
        log.warning("a reply did not go out yet", update=number, reason=failed.reason, again_in=round(wait))
        raise NotSaid

    async def _left(self, found: Incoming) -> None:
        """Blocked between question and answer. The answer stays in the log, and waits in the dialogue."""
        update = found.update
        if not update.public:
            gone = Update(
                CHANNEL, update.address, f"left-{update.update_id}", self._clock(), UpdateKind.LEAVE
            )
            await self._dispatch(gone)
