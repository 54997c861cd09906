"""Units of work that share one transaction of SQLite: run one after the other, committed together, told together."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from db import later

MOST = 64  # units in one commit


@dataclass(slots=True)
class Unit:
    work: Callable[[Session], Any]
    future: "asyncio.Future[Any] | Future[Any]"
    loop: asyncio.AbstractEventLoop | None  # None: the future is a thread's
    result: Any = None
    error: Exception | None = None


class Spoilt(Exception):
    """A unit failed half-way, so the transaction that it shared must be undone."""


def run_all(units: Sequence[Unit], connection: Connection, info: dict[str, Any]) -> None:
    """Runs them in the transaction of `connection`, up to its commit. Raises Spoilt."""
    driver = connection.connection.driver_connection
    session = Session(connection, info=info, join_transaction_mode="rollback_only", expire_on_commit=False)
    for unit in units:
        _run(unit, session, driver)
    later.write(session)
    session.close()


def _run(unit: Unit, session: Session, driver: Any) -> None:
    """A unit that fails before it wrote anything leaves nothing to undo; any other spoils what is shared."""
    kept, changes = later.kept(session), driver.total_changes
    try:
        unit.result = unit.work(session)
        session.flush()
    except Exception as error:
        unit.error = error
        if not session.is_active or not driver.in_transaction or driver.total_changes != changes:
            raise Spoilt from error
        later.forget(session, kept)
    if session.identity_map:
        session.expunge_all()


def settle(units: Sequence[Unit]) -> None:
    """Wakes each loop once, however many of its units are done."""
    by_loop: defaultdict[asyncio.AbstractEventLoop | None, list[Unit]] = defaultdict(list)
    for unit in units:
        by_loop[unit.loop].append(unit)
    for loop, done in by_loop.items():
        if loop is None:
            _tell(done)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_tell, done)


def _tell(units: Sequence[Unit]) -> None:
    for unit in units:
        if unit.future.done():
            continue  # nobody waits any more; what was committed stays
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)
