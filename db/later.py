"""Rows that nobody reads before the commit: kept back, and written many at a time with the rest of a shared commit.

One statement with thirty rows costs a fraction of thirty statements; that is most of what a message costs.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm import Session

_KEPT = "later"


def later(session: Session, statement: Executable, row: Mapping[str, Any]) -> None:
    """`statement` is built once and for all: rows are put together by its identity."""
    session.info.setdefault(_KEPT, []).append((statement, row))


def kept(session: Session) -> int:
    return len(session.info.get(_KEPT, ()))


def forget(session: Session, since: int) -> None:
    """What a unit of work kept that is undone."""
    del session.info.get(_KEPT, [])[since:]


def write(session: Session) -> None:
    rows: dict[int, tuple[Executable, list[Mapping[str, Any]]]] = {}
    for statement, row in session.info.pop(_KEPT, ()):
        rows.setdefault(id(statement), (statement, []))[1].append(row)
    for statement, together in rows.values():
        session.connection().execute(statement, together)
