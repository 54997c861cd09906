"""A seat that one process holds at a time, given back by its death: a lock of PostgreSQL, or of a file by SQLite's."""

import asyncio
import fcntl
import hashlib
import os
import time
from contextlib import suppress
from typing import Protocol

from sqlalchemy import Connection, text

from db.session import Database

_LOOK = 1.0  # seconds between looks whether the seat is free, or still ours


class _Lock(Protocol):
    def take(self) -> bool:
        """Whether it is ours now. Raises when it was lost."""
        ...

    def give_up(self) -> None: ...


class Seat:
    def __init__(self, database: Database, name: str):
        self._lock: _Lock = (
            _FileLock(database, name) if database.dialect == "sqlite" else _ServerLock(database, name)
        )
        self._looked_at = 0.0
        self.held = False

    async def take(self) -> bool:
        """True once, when the seat has just become ours. Notices when it was lost with its connection."""
        if time.monotonic() - self._looked_at < _LOOK:
            return False
        self._looked_at = time.monotonic()
        return await asyncio.to_thread(self._take)

    async def give_up(self) -> None:
        self.held = False
        await asyncio.to_thread(self._lock.give_up)

    def _take(self) -> bool:
        try:
            before, self.held = self.held, self._lock.take()
            return self.held and not before
        except Exception:
            self.held = False
            self._lock.give_up()
            raise


class _FileLock:
    def __init__(self, database: Database, name: str):
        self._path = f"{database.engine.url.database}.{name.replace(' ', '-')}.lock"
        self._file: int | None = None

    def take(self) -> bool:
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def give_up(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


class _ServerLock:
    def __init__(self, database: Database, name: str):
        self._database = database
        self._key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        self._connection: Connection | None = None
        self._ours = False

    def take(self) -> bool:
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if self._ours:
            self._connection.execute(text("SELECT 1"))
            return True
        asked = self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key})
        self._ours = bool(asked.scalar())
        return self._ours

    def give_up(self) -> None:
        connection, self._connection, self._ours = self._connection, None, False
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()  # not back into the pool: the lock hangs on it
                connection.close()
