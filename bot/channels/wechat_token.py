"""The account's access token: fetched when needed, kept in memory and, sealed, where all processes find it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from db.session import Database, Unavailable
from services.wechat import access

EARLY = timedelta(minutes=5)  # the old token stays good this long beside the new one
_FORCED_APART = timedelta(seconds=60)  # the platform refuses more, and only 20 a day


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    good_until: datetime


Fetch = Callable[[bool], Awaitable[Token]]


class SharedToken:
    """`fetch(force)` asks the platform; without force it gives everybody the same token."""

    def __init__(self, database: Database, app_id: str, fetch: Fetch, clock: Callable[[], datetime]):
        self._database, self._app_id, self._fetch, self._clock = database, app_id, fetch, clock
        self._token: Token | None = None
        self._forced_at: datetime | None = None
        self._one = asyncio.Lock()

    async def get(self) -> str:
        async with self._one:
            if not self._good(self._token):
                self._token = await self._shared()
            if self._token is None or not self._good(self._token):
                self._token = await self._fetched(force=False)
            return self._token.text

    async def replace(self, stale: str) -> str:
        """The platform refused `stale`: whatever others have by now, else a new one."""
        async with self._one:
            for another in (self._in_memory, self._shared, partial(self._fetched, force=False), self._forced):
                self._token = await another()
                if self._token is not None and self._token.text != stale:
                    break
            return self._token.text if self._token else stale

    async def _in_memory(self) -> Token | None:
        return self._token

    async def _shared(self) -> Token | None:
        try:
            found = await self._database.read(partial(access.token_of, app_id=self._app_id))
        except Unavailable:
            return None
        token = Token(*found) if found else None
        return token if self._good(token) else None

    async def _forced(self) -> Token | None:
        now = self._clock()
        if self._forced_at is not None and now - self._forced_at < _FORCED_APART:
            return self._token
        self._forced_at = now
        return await self._fetched(force=True)

    async def _fetched(self, force: bool) -> Token:
        token = await self._fetch(force)
        keep = partial(access.keep, app_id=self._app_id, token=token.text, good_until=token.good_until)
        with suppress(
            Unavailable
        ):  # ours is good all the same; the others fetch their own, which is the same
            await self._database.run(keep)
        return token

    def _good(self, token: Token | None) -> bool:
        return token is not None and self._clock() < token.good_until - EARLY
