"""SQLite's one writer: commits whatever waits in one go; a unit of work that fails half-way is undone alone.

A durable commit costs one wait for the disk; shared by all that came in meanwhile, it costs each of them little.
Two lanes take turns. Brief units (dispatch) run on the event loop that called them, and only their commit waits in a
thread: handing every statement from thread to thread of one interpreter costs more than the statements do. All other
units run in the writer's own thread.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from db.batch import MOST, Unit, run_all, settle

T = TypeVar("T")


class Writer:
    def __init__(self, engine: Engine, info: dict[str, Any]):
        self._engine, self._info = engine, info
        self._turn = threading.Lock()  # who holds it has the transaction
        self._waiting: SimpleQueue[Unit | None] = SimpleQueue()
        self._brief: deque[Unit] = deque()
        self._connection: Connection | None = None  # of the brief lane
        self._closed = False
        self._commits: SimpleQueue[tuple[Connection, list[Unit]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=work, name=f"database-{name}", daemon=True)
            for name, work in (("writer", self._write), ("commit", self._commit_briefs))
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[Session], T], *, brief: bool = False) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        unit = Unit(work, future, loop)
        self._check_open()
        if brief:
            self._brief.append(unit)
            if len(self._brief) == 1:
                loop.call_soon(self._run_brief)
        else:
            self._waiting.put(unit)
        return await future

    def run_now(self, work: Callable[[Session], T]) -> T:
        self._check_open()
        future: Future[T] = Future()
        self._waiting.put(Unit(work, future, None))
        return future.result()

    def close(self) -> None:
        """Finishes what waits."""
        if self._closed:
            return
        self._closed = True
        self._waiting.put(None)
        self._threads[0].join()
        with self._turn:
            self._commit_and_tell([self._brief.popleft() for _ in range(len(self._brief))])
            self._commits.put(None)
            self._threads[1].join()
            if self._connection is not None:
                self._connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the database is closed")

    # The brief lane

    def _run_brief(self) -> None:
        """Runs what has come in by now, unless somebody else has the turn: they come back to us when done."""
        if not self._brief or not self._turn.acquire(blocking=False):
            return
        units = [self._brief.popleft() for _ in range(min(MOST, len(self._brief)))]
        try:
            connection = self._brief_connection()
            connection.begin()
            run_all(units, connection, self._info)
        except (
            Exception
        ):  # another process writes just now, or a unit failed half-way: the thread can wait, and retry
            self._hand_over(units)
        else:
            self._commits.put((connection, units))

    def _commit_briefs(self) -> None:
        while (ready := self._commits.get()) is not None:
            self._commit_brief(*ready)

    def _commit_brief(self, connection: Connection, units: list[Unit]) -> None:
        try:
            connection.commit()
        except Exception:
            self._hand_over(units)
        else:
            settle(units)
            self._pass_turn()

    def _hand_over(self, units: list[Unit]) -> None:
        if self._connection is not None:
            self._connection.rollback()
        for unit in units:
            unit.result = unit.error = None
            self._waiting.put(unit)
        self._pass_turn()

    def _pass_turn(self) -> None:
        self._turn.release()
        try:
            loop = self._brief[0].loop
        except IndexError:
            return
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._run_brief)

    def _brief_connection(self) -> Connection:
        """Never waits for another process, since the event loop would wait with it."""
        if self._connection is None or self._connection.closed or self._connection.invalidated:
            self._connection = self._engine.connect()
            driver: Any = self._connection.connection.driver_connection
            driver.execute("PRAGMA busy_timeout = 0")
        return self._connection

    # The thread's lane

    def _write(self) -> None:
        last = False
        while not last and (first := self._waiting.get()) is not None:
            units, last = self._more(first)
            self._turn.acquire()
            self._commit_and_tell(units)
            self._pass_turn()

    def _more(self, first: Unit) -> tuple[list[Unit], bool]:
        """Everything that waits by now, and whether we were closed meanwhile."""
        units = [first]
        while len(units) < MOST:
            try:
                unit = self._waiting.get_nowait()
            except Empty:
                break
            if unit is None:
                return units, True
            units.append(unit)
        return units, False

    def _commit_and_tell(self, units: list[Unit]) -> None:
        self._commit(units)
        settle(units)

    def _commit(self, units: list[Unit]) -> None:
        try:
            with self._engine.connect() as connection, connection.begin():
                run_all(units, connection, self._info)
        except Exception as error:
            if len(units) == 1:
                units[0].error = units[0].error or error
                return
            for unit in units:  # each alone: what spoilt the shared transaction spoils only its own
                unit.result = unit.error = None
                self._commit([unit])
