"""INSERT ... ON CONFLICT, which both databases spell alike and SQLAlchemy keeps per dialect."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base, table

DIALECTS = ("sqlite", "postgresql")


def upsert(dialect: str, declared: type[Base]) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that offers `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if dialect == "postgresql":
        return postgresql.insert(table(declared))
    return sqlite.insert(table(declared))


def dialect_of(session: Session) -> str:
    return session.get_bind().dialect.name
