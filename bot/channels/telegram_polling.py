"""Long polling, for a service without a public address: by one process, confirming only what is done."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import structlog
from telegram.error import Conflict, TelegramError

from bot.channels.telegram_answers import Answers
from bot.channels.telegram_calls import Calls
from bot.channels.telegram_updates import WANTED

AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between tries when Telegram cannot be reached
_SECONDS = 25  # that Telegram waits for the first update
_LOOK = 0.5  # seconds after which new updates are asked for while some are at work
_WINDOW = 100  # updates in one answer, the unconfirmed among them
_AT_ONCE = 20  # at work: what a kill among them may have said already is said again

log = structlog.get_logger(__name__)


class PollingSeat(Protocol):
    """The seat of whoever polls: Telegram serves one only, and throws the other out."""

    held: bool

    async def take(self) -> bool: ...
    async def give_up(self) -> None: ...


class Polling:
    def __init__(
        self,
        calls: Calls,
        answers: Answers,
        seat: PollingSeat,
        news: Callable[[str], None],
        reason: Callable[[TelegramError], str],
    ):
        self._calls, self._answers, self._seat = calls, answers, seat
        self._news, self._reason = news, reason
        self._offset, self._failed = 0, 0
        self._open: dict[int, dict[str, Any]] = {}  # brought, and not confirmed yet

    async def run(self) -> None:
        """For ever. Whatever goes wrong is told, and tried again."""
        while True:
            try:
                await self._seat.take()
                if self._seat.held:
                    await self._round()
                    self._failed = 0
                else:
                    self._news("")
                    await asyncio.sleep(1)
            except TelegramError as error:
                self._news("another polls" if isinstance(error, Conflict) else self._reason(error))
                await self._rest()
            except Exception as error:
                log.exception("polling stumbled")
                self._news(type(error).__name__)
                await self._rest()

    async def close(self) -> None:
        """Confirms what was done since the last look, so that the next process does not say it again."""
        with suppress(TelegramError):
            if self._open:
                self._settle()
                await self._calls.updates(self._offset, WANTED, 0)
        await self._seat.give_up()

    async def _round(self) -> None:
        self._settle()
        brought = await self._calls.updates(self._offset, WANTED, 0 if self._open else _SECONDS)
        self._news("")
        for raw in brought:
            self._open.setdefault(raw["update_id"], raw)
        ready = [
            number
            for number in sorted(self._open)
            if not self._answers.done(number) and self._answers.ready(number)
        ]
        working = [self._answers.take(number, self._open[number]) for number in ready[:_AT_ONCE]]
        if working:
            await asyncio.wait(working, timeout=_LOOK)
        elif len(brought) >= _WINDOW and not self._answers.done(min(self._open)):
            self._answers.give_up(min(self._open), "in the way")
        elif self._open:
            await asyncio.sleep(_LOOK)

    def _settle(self) -> None:
        """Moves on to the first update that is not done: asking from there confirms all before it."""
        for number in sorted(self._open):
            if not self._answers.done(number):
                self._offset = number
                break
            self._offset = number + 1
            del self._open[number]

    async def _rest(self) -> None:
        await asyncio.sleep(AGAIN[min(self._failed, len(AGAIN) - 1)])
        self._failed += 1
