"""A seat that one process holds at a time and that its death gives back: a lock of PostgreSQL, or on a file."""

import asyncio
import fcntl
import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text

from db.session import Database

_LOOK = 1.0  # seconds between looks whether the seat is free, or still ours


class _Lock(Protocol):
    def take(self) -> bool:
        """Ours, or ours still. Raises when it was lost."""
        ...

    def give_up(self) -> None: ...


class Seat:
    def __init__(self, database: Database, name: str):
        self._lock: _Lock = (
            _FileLock(database, name) if database.dialect == "sqlite" else _RowLock(database, name)
        )
        self._looked_at = 0.0
        self.held = False

    async def take(self) -> bool:
        """True once, when the seat has just become ours. Notices when it was lost with its connection."""
        if time.monotonic() - self._looked_at < _LOOK:
            return False
        self._looked_at = time.monotonic()
        held = self.held
        try:
            self.held = await asyncio.to_thread(self._lock.take)
        except Exception:
            self.held = False
            raise
        return self.held and not held

    async def give_up(self) -> None:
        self.held = False
        await asyncio.to_thread(self._lock.give_up)


class _RowLock:
    """An advisory lock of a session: PostgreSQL frees it when the connection ends."""

    def __init__(self, database: Database, name: str):
        self._database = database
        self._key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        self._connection: Connection | None = None
        self._held = False

    def take(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._database.engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                )
            if self._held:
                self._connection.execute(text("SELECT 1"))
            else:
                self._held = self._ask(self._connection)
        except Exception:
            self.give_up()
            raise
        return self._held

    def give_up(self) -> None:
        self._held = False
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()  # not back into the pool: the lock hangs on it
                connection.close()

    def _ask(self, connection: Connection) -> bool:
        return bool(
            connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}).scalar()
        )


class _FileLock:
    """A file beside the database: the system unlocks it when the process ends, however it does."""

    def __init__(self, database: Database, name: str):
        self._file = Path(f"{database.engine.url.database}.{name.replace(' ', '-')}.lock")
        self._open: int | None = None

    def take(self) -> bool:
        if self._open is not None:
            return True
        opened = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return False
        self._open = opened
        return True

    def give_up(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            os.close(opened)
