"""Inserting what may be there already, without a failed statement: that would spoil the whole transaction."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_once(session: Session, table: Table, **values: Any) -> int | None:
    """The new row's id, or None when a unique constraint says that it exists."""
    dialect = session.get_bind().dialect.name
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table).values(**values)
    found = session.execute(statement.on_conflict_do_nothing().returning(table.c.id)).scalar_one_or_none()
    return None if found is None else int(found)
