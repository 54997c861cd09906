"""An exact pace for calls: an even row of starts, and in no second more of them than the rate allows.

A peer counts the calls of a second that moves along with them, as they arrive. So a call waits for its place in the
row, and until a whole second has passed since the call that lies a second's number before it has arrived: how late that
was is told from how late its answer came. Lost time is made up for only within a bound: more would be a burst.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.messaging import Channel, Message, Sent

SPARE = 0.002  # of every second: clocks differ
CAUGHT_UP = 0.1  # seconds of lost time
_ANSWERS = 100  # the last ones: they show what is usual
_LATE, _VERY_LATE = (
    0.02,
    0.1,
)  # seconds of lateness on the way that are allowed for: of any call, of an unusual one


@dataclass(slots=True)
class _Call:
    arrived: float  # as far as we know


class Pace:
    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ):
        """`rate`: calls a second."""
        number = math.ceil(rate)
        self._span = number / rate * (1 + SPARE)  # seconds in which so many may start
        self._gap = self._span / number
        self._calls = deque([_Call(clock() - self._span)] * number, maxlen=number)
        self._due = clock()  # the place in the row of the next one
        self._line = asyncio.Lock()
        self._waiting = 0
        self._took = deque([0.0] * _ANSWERS, maxlen=_ANSWERS)  # nothing is usual yet, so any call may be late
        self._clock, self._sleep = clock, sleep

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Begins at the moment to make the call, and ends with its answer. Who asks first goes first."""
        self._waiting += 1
        try:
            async with self._line:
                await self._until(self._opens_at)
                began = self._clock()
                self._due = max(self._due, began - CAUGHT_UP) + self._gap
                call = _Call(began)
                self._calls.append(call)
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            took = self._clock() - began
            self._took.append(took)
            call.arrived = began + self._late(took)

    def rested(self) -> None:
        """There was nothing to do: the time until now is not lost."""
        self._due = max(self._due, self._clock())

    async def near(self, ahead: float) -> None:
        """Returns `ahead` seconds before the next free turn, for what has to be made ready until then."""
        await self._until(lambda: self._opens_at(self._waiting) - ahead)

    def room(self, ahead: float, most: int) -> int:
        """How many turns are free within so many seconds."""
        until = self._clock() + ahead
        return sum(self._opens_at(self._waiting + number) <= until for number in range(most))

    def _opens_at(self, before: int = 0) -> float:
        """When the one may start that has so many before it in line."""
        due = max(self._due, self._clock() - CAUGHT_UP) + before * self._gap
        return max(due, self._calls[min(before, len(self._calls) - 1)].arrived + self._span)

    def _late(self, took: float) -> float:
        """Within what is usual most of it may be the peer's own time; beyond that all of it may be the way there."""
        usual = sorted(self._took)
        beyond = max(0.0, took - usual[len(usual) * 9 // 10])
        return min(took - usual[0], _LATE) + min(beyond, _VERY_LATE)

    async def _until(self, moment: Callable[[], float]) -> None:
        while (wait := moment() - self._clock()) > 0:
            await self._sleep(wait)


class Paced:
    """A channel that makes one call for each notice, and so has a turn for each."""

    def __init__(self, channel: Channel, pace: Pace):
        self._channel, self._pace = channel, pace
        self.name, self.abilities = channel.name, channel.abilities

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        async with self._pace.turn():
            return await self._channel.send(address, message, bulk=bulk)
