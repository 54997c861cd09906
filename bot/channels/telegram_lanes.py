"""Two lanes to Telegram: answers, and notices. A pause asked for in one never holds up the other."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.pace import Pace

NOTICE = "notice"
PATIENCE = 45.0  # seconds that an answer waits in all; after that its update is brought again
_CHATS = 5_000  # pauses remembered


class Lanes(BaseRateLimiter[str]):
    """Notices keep a pace, call by call, and pause as a whole; who comes during the pause is told how long.

    Answers are not paced (people ask one by one); a pause holds only for the chat that was told to wait.
    """

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic):
        os.environ.setdefault(
            "PTB_TIMEDELTA", "1"
        )  # the library's own switch: pauses as timedeltas, no warnings
        self._pace, self._clock = pace, clock
        self._notices_until = 0.0
        self._chat_until: dict[object, float] = {}

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> Any:
        def call() -> Coroutine[Any, Any, Any]:
            return callback(*args, **kwargs)

        return await self.through(call, data.get("chat_id", endpoint), notice=rate_limit_args == NOTICE)

    async def through(
        self, call: Callable[[], Coroutine[Any, Any, Any]], chat: object, *, notice: bool = False
    ) -> Any:
        return await (self._notice(call) if notice else self._answer(call, chat))

    async def _notice(self, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        self._tell_pause()
        async with self._pace.turn():
            self._tell_pause()
            try:
                return await call()
            except RetryAfter as told:
                self._notices_until = max(self._notices_until, self._clock() + _seconds(told))
                raise

    def _tell_pause(self) -> None:
        left = self._notices_until - self._clock()
        if left > 0:
            raise RetryAfter(timedelta(seconds=left))

    async def _answer(self, call: Callable[[], Coroutine[Any, Any, Any]], chat: object) -> Any:
        """Waits where that is short enough; who is to wait longer is told, and nobody is asked before its end."""
        until = self._clock() + PATIENCE
        while True:
            resume = self._chat_until.get(chat, 0.0)
            if resume > until:
                raise RetryAfter(timedelta(seconds=resume - self._clock()))
            if (wait := resume - self._clock()) > 0:
                await asyncio.sleep(wait)
            try:
                return await call()
            except RetryAfter as told:
                self._pause(chat, self._clock() + _seconds(told))

    def _pause(self, chat: object, until: float) -> None:
        if len(self._chat_until) >= _CHATS:
            now = self._clock()
            self._chat_until = {one: at for one, at in self._chat_until.items() if at > now}
        self._chat_until[chat] = until


def _seconds(told: RetryAfter) -> float:
    after = told.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else after
