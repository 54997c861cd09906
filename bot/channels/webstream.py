"""Later messages on the web chat: open streams, woken when something is laid down for them, in any process."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress

import orjson
import structlog
from aiohttp import web

from bot.channels.webshapes import shown
from bot.errors import Refused
from db.session import Database, Unavailable
from services import chatlog

LOOK = 1.0  # seconds between looks at what other processes laid down
BREATH = 20.0  # seconds between signs of life: proxies close a silent connection
MOST_A_PERSON, MOST = 6, 5_000
_OVERLAP = 200  # numbers looked at again, since a lower one may be committed later

log = structlog.get_logger(__name__)


class Streams:
    def __init__(self, database: Database):
        self._database = database
        self._waiting: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._open: Counter[str] = Counter()
        self._look = asyncio.Event()
        self._closed = False
        self._recent: set[int] = set()

    async def __aenter__(self) -> "Streams":
        self._watching = asyncio.create_task(self._watch(await self._newest()))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ends every stream; pages open theirs again elsewhere."""
        self.close()
        await self._watching

    async def _watch(self, last: int) -> None:
        """Wakes whoever has a new message."""
        while not self._closed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK)
            self._look.clear()
            if self._waiting:
                last = await self._wake(last)

    def look(self) -> None:
        """Something was laid down in this process."""
        self._look.set()

    def close(self) -> None:
        self._closed = True
        self._look.set()
        for events in self._waiting.values():
            for event in events:
                event.set()

    async def serve(
        self, request: web.Request, address: str, find: Callable[[str], Awaitable[int | None]]
    ) -> web.StreamResponse:
        if self._open[address] >= MOST_A_PERSON or self._open.total() >= MOST:
            raise Refused(429, "too_many_pages", retry_after=10)
        self._open[address] += 1
        try:
            return await self._serve(request, address, find)
        finally:
            self._open[address] -= 1
            self._open += Counter()  # forgets those at zero

    async def _serve(
        self, request: web.Request, address: str, find: Callable[[str], Awaitable[int | None]]
    ) -> web.StreamResponse:
        last = _after(request)
        headers = {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(b"retry: 2000\n\n")
        while not self._closed and (identity := await find(address)) is None:
            await response.write(b": \n\n")
            await asyncio.sleep(LOOK)
        if self._closed or identity is None:
            return response
        woken = asyncio.Event()
        self._waiting[identity].add(woken)
        try:
            while not self._closed:
                woken.clear()
                if await find(address) != identity:
                    break  # had themselves forgotten: the number may be somebody else's by now
                last = await self._write(response, identity, last)
                try:
                    await asyncio.wait_for(woken.wait(), BREATH)
                except TimeoutError:
                    await response.write(b": \n\n")
        except (ConnectionError, Unavailable):
            pass  # the page opens a new one from the last message it saw
        finally:
            self._waiting[identity].discard(woken)
            if not self._waiting[identity]:
                del self._waiting[identity]
        return response

    async def _write(self, response: web.StreamResponse, identity: int, last: int) -> int:
        after = last
        for number, message in await self._database.read(lambda s: chatlog.pushed_after(s, identity, after)):
            told = orjson.dumps(shown((message,), chatlog.pushed_id(number))[0])
            await response.write(b"id: %d\nevent: message\ndata: %b\n\n" % (number, told))
            last = number
        return last

    async def _newest(self) -> int:
        try:
            return await self._database.read(chatlog.newest_pushed)
        except Unavailable:
            return 0

    async def _wake(self, last: int) -> int:
        try:
            rows = await self._database.read(lambda s: chatlog.pushed_since(s, last - _OVERLAP))
        except Unavailable:
            return last
        for number, identity in rows:
            if number not in self._recent:
                for event in self._waiting.get(identity, ()):
                    event.set()
        self._recent = {number for number, _ in rows}
        return max((last, *self._recent))


def _after(request: web.Request) -> int:
    written = request.headers.get("Last-Event-ID") or request.query.get("after") or "0"
    return int(written) if written.isascii() and written.isdigit() and len(written) < 18 else 0
