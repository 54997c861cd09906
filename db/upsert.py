"""INSERT ... ON CONFLICT, which both databases spell alike and SQLAlchemy keeps per dialect."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def upserting(session: Session, table: Any) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that offers `on_conflict_do_nothing` and `on_conflict_do_update`."""
    target: Table = getattr(table, "__table__", table)
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(target)
    return sqlite.insert(target)
