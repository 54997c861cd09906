"""Answers in time: one computation per update however often the platform repeats it, and a promise when it is late."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.channels.wechat_updates import Heard
from db.session import Unavailable
from services.messaging import Reply, Update
from services.wechat.waiting import Settled

LATE = Settled("", False)
LATE_AFTER = 4.0  # seconds; the platform hangs up after five
_STOPPING = 5.0


@dataclass(frozen=True, slots=True)
class Work:
    """What a turn is made of; `settle(heard, reply, listening)` says who gets the Reply."""

    dispatch: Callable[[Update], Awaitable[Reply]]
    owe: Callable[[Heard], Coroutine[Any, Any, None]]
    settle: Callable[[Heard, Reply, bool], Awaitable[Settled]]


class _Turn:
    """One update at work. `listening` counts the requests that still wait for it."""

    def __init__(self, heard: Heard, work: Work):
        self._heard, self._work = heard, work
        self.listening = 0
        self._decided = False  # who gets the Reply: the requests, or the pieces
        self._owed: asyncio.Task[None] | None = None
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> Settled:
        reply = await self._work.dispatch(self._heard.update)
        promised = self._owed is not None and await self._promised()
        self._decided = True
        return await self._work.settle(self._heard, reply, self.listening > 0 or not promised)

    async def wait(self, seconds: float) -> Settled:
        """What to answer: nothing when it is too late for one, and the Reply will follow."""
        self.listening += 1
        try:
            done, _ = await asyncio.wait({self.task}, timeout=max(seconds, 0))
            if done or self._decided:
                return await asyncio.shield(self.task)
        finally:
            self.listening -= 1
        return LATE if await self._promised() else await asyncio.shield(self.task)

    async def _promised(self) -> bool:
        """Kept in the database before the platform hears that all is well. If it cannot be, it hears nothing."""
        self._owed = self._owed or asyncio.create_task(self._work.owe(self._heard))
        try:
            await asyncio.shield(self._owed)
        except Unavailable:
            return False
        return True


class Turns:
    def __init__(self, work: Work, late_after: float = LATE_AFTER):
        self._work, self._late_after = work, late_after
        self._at_work: dict[tuple[str, str], _Turn] = {}

    async def answer(self, heard: Heard, arrived: float) -> Settled:
        """`arrived` by the loop's clock. Raises Unavailable."""
        key = (heard.update.address, heard.update.update_id)
        turn = self._at_work.get(key)
        if turn is None:
            turn = self._at_work[key] = _Turn(heard, self._work)
            turn.task.add_done_callback(lambda task: self._over(key, task))
        return await turn.wait(arrived + self._late_after - asyncio.get_running_loop().time())

    @property
    def at_work(self) -> int:
        return len(self._at_work)

    async def finish(self) -> None:
        """Waits a little for what is at work; what is owed then is taken up by the next start."""
        tasks = {turn.task for turn in self._at_work.values()}
        if tasks:
            await asyncio.wait(tasks, timeout=_STOPPING)
        for task in tasks:
            task.cancel()

    def _over(self, key: tuple[str, str], task: "asyncio.Task[Settled]") -> None:
        del self._at_work[key]
        if not task.cancelled():
            task.exception()  # looked at, in case no request waits any more
