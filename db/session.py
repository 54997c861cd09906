"""The bridge between async code and transactions: `Database.run(work)` carries a unit of work into a thread.

`work(session)` is an ordinary function; what it returns comes back after the commit, what it raises undoes it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import CursorResult, Engine, Result
from sqlalchemy.orm import Session

from db.engines import file_of, postgresql_engine, sqlite_engine
from db.faults import FAULTS, Unavailable, lost_race, spoken
from db.holding import Hold
from db.threads import Threads
from db.vault import Vault
from db.writer import Writer

__all__ = ["Database", "Unavailable", "changed", "inserted", "vault_in"]

T = TypeVar("T")
Work = Callable[[Session], T]

_TRIES = 4


def vault_in(session: Session) -> Vault:
    """The vault that seals and opens what this session's database holds."""
    vault: Vault = session.info["vault"]
    return vault


def changed(result: Result[Any]) -> int:
    """How many rows a guarded UPDATE or DELETE took hold of."""
    assert isinstance(result, CursorResult)
    return result.rowcount


def inserted(result: Result[Any]) -> int:
    """The id of the one row that an INSERT made."""
    assert isinstance(result, CursorResult)
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


class _Lane(Protocol):
    """A way to carry units of work: one writer with group commit, or as many threads as connections."""

    async def run(self, work: Work[T], *, brief: bool = False) -> T: ...
    def run_now(self, work: Work[T]) -> T: ...
    def close(self) -> None: ...


class Database:
    """`url` is SQLAlchemy's. SQLite: one writer thread and a few readers; PostgreSQL: `pool` threads for both.

    Raises Occupied while a SQLite file is being replaced.
    """

    def __init__(self, url: str, vault: Vault, *, pool: int = 10):
        self.vault = vault
        sqlite = url.startswith("sqlite")
        self._hold = Hold(file_of(url)) if sqlite else None
        self.engine: Engine = sqlite_engine(url) if sqlite else postgresql_engine(url, pool)
        info = {"vault": vault}
        self._read_engine = sqlite_engine(url, read_only=True) if sqlite else self.engine
        self._readers: _Lane = Threads(self._read_engine, info, 4 if sqlite else pool)
        self._writers: _Lane = Writer(self.engine, info) if sqlite else self._readers

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    async def run(self, work: Work[T], *, brief: bool = False) -> T:
        """One transaction. Raises what `work` raises, or `Unavailable`.

        `brief`: at most a few milliseconds of work; SQLite then runs it right here instead of in a thread.
        """
        for tries in range(1, _TRIES + 1):
            try:
                return await self._writers.run(work, brief=brief)
            except FAULTS as error:
                if lost_race(error) and tries < _TRIES:
                    continue
                raise spoken(error) from error
        raise AssertionError("not reached")

    async def read(self, work: Work[T]) -> T:
        """Like `run`, beside the writer; on SQLite it cannot write."""
        try:
            return await self._readers.run(work)
        except FAULTS as error:
            raise spoken(error) from error

    def run_now(self, work: Work[T]) -> T:
        """For commands and start-up, where no loop runs."""
        try:
            return self._writers.run_now(work)
        except FAULTS as error:
            raise spoken(error) from error

    def read_now(self, work: Work[T]) -> T:
        """Like `run_now`, beside the writer: however long it takes, nobody waits for it."""
        try:
            return self._readers.run_now(work)
        except FAULTS as error:
            raise spoken(error) from error

    async def close(self) -> None:
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """Finishes what is under way first."""
        self._writers.close()
        self._readers.close()
        self.engine.dispose()
        self._read_engine.dispose()
        if self._hold is not None:
            self._hold.close()
