"""SQLite's one writer: a thread that commits whatever waits in one go, each unit of work in a savepoint of its own.

A durable commit costs one wait for the disk; shared by all that came in meanwhile, it costs each of them little.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

T = TypeVar("T")
_MOST = 64  # units in one commit


@dataclass(slots=True)
class _Unit:
    work: Callable[[Session], Any]
    future: "asyncio.Future[Any] | Future[Any]"
    loop: asyncio.AbstractEventLoop | None  # None: the future is a thread's
    result: Any = None
    error: Exception | None = None


class _Spoilt(Exception):
    """The shared transaction is gone: a flush failed in it, or SQLite gave it up."""


class Writer:
    def __init__(self, engine: Engine, info: dict[str, Any]):
        self._engine, self._info = engine, info
        self._waiting: SimpleQueue[_Unit | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="database-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Session], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Unit(work, future, loop))
        return await future

    def run_now(self, work: Callable[[Session], T]) -> T:
        future: Future[T] = Future()
        self._put(_Unit(work, future, None))
        return future.result()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _put(self, unit: _Unit) -> None:
        if self._closed:
            raise RuntimeError("the database is closed")
        self._waiting.put(unit)

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            units, last = self._more(first)
            self._commit(units)
            _settle(units)
            if last:
                return

    def _more(self, first: _Unit) -> tuple[list[_Unit], bool]:
        """Everything that waits by now, and whether we were closed meanwhile."""
        units = [first]
        while len(units) < _MOST:
            try:
                unit = self._waiting.get_nowait()
            except Empty:
                break
            if unit is None:
                return units, True
            units.append(unit)
        return units, False

    def _commit(self, units: list[_Unit]) -> None:
        try:
            self._together(units)
        except Exception as error:
            if len(units) == 1:
                units[0].error = units[0].error or error
                return
            for unit in units:  # each alone: what spoilt the shared transaction spoils only its own
                unit.result = unit.error = None
                self._commit([unit])

    def _together(self, units: list[_Unit]) -> None:
        with self._engine.connect() as connection, connection.begin():
            session = self._session(connection)
            for unit in units:
                self._do(unit, session, connection)
            session.close()

    def _do(self, unit: _Unit, session: Session, connection: Connection) -> None:
        connection.exec_driver_sql("SAVEPOINT unit")
        try:
            unit.result = unit.work(session)
            session.flush()
        except Exception as error:
            unit.error = error
            if not (session.is_active and connection.in_transaction() and _in_transaction(connection)):
                raise _Spoilt from error
            connection.exec_driver_sql("ROLLBACK TO unit")
        connection.exec_driver_sql("RELEASE unit")
        session.expunge_all()

    def _session(self, connection: Connection) -> Session:
        return Session(
            connection, info=self._info, join_transaction_mode="rollback_only", expire_on_commit=False
        )


def _in_transaction(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    assert driver is not None
    return bool(driver.in_transaction)


def _settle(units: list[_Unit]) -> None:
    """Wakes each loop once, however many of its units are done."""
    by_loop: defaultdict[asyncio.AbstractEventLoop | None, list[_Unit]] = defaultdict(list)
    for unit in units:
        by_loop[unit.loop].append(unit)
    for loop, done in by_loop.items():
        if loop is None:
            _tell(done)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_tell, done)


def _tell(units: list[_Unit]) -> None:
    for unit in units:
        if unit.future.done():
            continue  # nobody waits any more; what was committed stays
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)
