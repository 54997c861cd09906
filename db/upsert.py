"""INSERT ... ON CONFLICT, which both databases spell alike and SQLAlchemy keeps per dialect."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

DIALECTS = ("sqlite", "postgresql")


def upsert(dialect: str, table: Any) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that offers `on_conflict_do_nothing` and `on_conflict_do_update`."""
    target: Table = getattr(table, "__table__", table)
    return postgresql.insert(target) if dialect == "postgresql" else sqlite.insert(target)


def dialect_of(session: Session) -> str:
    return session.get_bind().dialect.name
