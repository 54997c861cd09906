"""Statements of the hot path: compiled once for each driver, then handed to it as they are.

Compiling is all they need of SQLAlchemy; its bookkeeping around each execution costs ten times what SQLite does.
What the driver raises reaches people as `db/faults.py` tells it, as everywhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import ClauseElement

_Ready = tuple[str, tuple[str, ...], bool, dict[str, Any]]


class Prepared:
    """`columns` are the values that rows bring to an INSERT or UPDATE; all of them, since no default is filled in."""

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None):
        self._statement, self._columns = statement, columns
        self._ready: dict[str, _Ready] = {}

    def one(self, session: Session, values: Mapping[str, Any]) -> Any:
        """The first row, as the driver gives it, or None."""
        cursor, sql, bound = self._cursor(session, (values,))
        try:
            cursor.execute(sql, bound[0])
            return cursor.fetchone()
        finally:
            cursor.close()

    def many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        cursor, sql, bound = self._cursor(session, rows)
        try:
            cursor.executemany(sql, bound)
        finally:
            cursor.close()

    def _cursor(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> tuple[Any, str, list[Any]]:
        connection = session.connection()
        sql, names, positional, processors = self._for(connection.dialect)
        bound: list[Any] = []
        for row in rows:
            values = [processors[name](row[name]) if name in processors else row[name] for name in names]
            bound.append(values if positional else dict(zip(names, values, strict=True)))
        return connection.connection.cursor(), sql, bound

    def _for(self, dialect: Dialect) -> _Ready:
        found = self._ready.get(dialect.name)
        if found is None:
            compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
            names = tuple(compiled.positiontup or compiled.bind_names.values())
            processors = {
                name: one
                for name, one in compiled._bind_processors.items()
                if callable(one)
                and not isinstance(compiled.binds[name].type, LargeBinary)  # bytes are as they are
            }
            found = self._ready[dialect.name] = (str(compiled), names, bool(compiled.positional), processors)
        return found
