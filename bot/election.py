"""A seat that one process holds at a time: by a PostgreSQL lock that its death gives back. SQLite has one process."""

import asyncio
import hashlib
import time
from contextlib import suppress

from sqlalchemy import Connection, text

from db.session import Database

_LOOK = 1.0  # seconds between looks whether the seat is free, or still ours


class Seat:
    def __init__(self, database: Database, name: str):
        self._database = database
        self._key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        self._connection: Connection | None = None
        self._looked_at = 0.0
        self.held = False

    async def take(self) -> bool:
        """True once, when the seat has just become ours. Notices when it was lost with its connection."""
        if self._database.dialect == "sqlite":
            taken, self.held = not self.held, True
            return taken
        if time.monotonic() - self._looked_at < _LOOK:
            return False
        self._looked_at = time.monotonic()
        return await asyncio.to_thread(self._take)

    async def give_up(self) -> None:
        self.held = False
        if self._connection is not None:
            await asyncio.to_thread(self._close)

    def _take(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._database.engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                )
            if self.held:
                self._connection.execute(text("SELECT 1"))
                return False
            self.held = self._ask(self._connection)
            return self.held
        except Exception:
            self.held = False
            self._close()
            raise

    def _ask(self, connection: Connection) -> bool:
        return bool(
            connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}).scalar()
        )

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()  # not back into the pool: the lock hangs on it
                connection.close()
