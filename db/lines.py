"""Rows as lines of JSON that either engine gives and takes: how what is kept leaves one database for another."""

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    LargeBinary,
    TableClause,
    column,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeEngine

from db.tables import metadata
from db.types import Json, Moment

_BIT = 1000  # rows that are in memory at a time
_KINDS: dict[str, TypeEngine[Any]] = {
    "moment": Moment(),
    "date": Date(),
    "bytes": LargeBinary(),
    "json": Json,
    "truth": Boolean(),
    "plain": NullType(),  # numbers and text
}
_FROM_JSON: dict[str, Callable[[str], Any]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as it was when its rows were written down: later versions may have other columns."""

    name: str
    columns: tuple[tuple[str, str], ...]  # name and kind

    @property
    def table(self) -> TableClause:
        return table(self.name, *(column(name, _KINDS[kind]) for name, kind in self.columns))


def shapes() -> list[Shape]:
    """Of every table. None comes before one that its rows point at."""
    return [
        Shape(one.name, tuple((each.name, _kind(each.type)) for each in one.columns))
        for one in metadata.sorted_tables
    ]


def count(session: Session, shape: Shape) -> int:
    return session.execute(select(func.count()).select_from(shape.table)).scalar_one()


def lines(session: Session, shape: Shape) -> Iterator[list[bytes]]:
    """Some at a time, however many there are."""
    found = session.execute(select(shape.table).execution_options(yield_per=_BIT))
    for rows in found.partitions():
        yield [orjson.dumps(tuple(row), _as_text, orjson.OPT_APPEND_NEWLINE) for row in rows]


def fill(connection: Connection, shape: Shape, written: Iterable[bytes]) -> Iterator[int]:
    """Puts rows into their table, some at a time; yields how many."""
    statement, left = insert(shape.table), iter(written)
    while bit := list(islice(left, _BIT)):
        connection.execute(statement, [_row(shape, line) for line in bit])
        yield len(bit)


def last_id(session: Session, shape: Shape) -> int | None:
    """The last id that PostgreSQL gave out, though its row may be gone: no later row may be taken for that one."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    sequence = func.pg_get_serial_sequence(shape.name, shape.columns[0][0])
    number: int | None = session.execute(select(func.pg_sequence_last_value(sequence))).scalar()
    return number


def continue_counting(connection: Connection, shape: Shape, last: int | None) -> None:
    """New rows get ids after those that are there. SQLite sees to it by itself."""
    if connection.dialect.name != "postgresql":
        return
    name = shape.columns[0][0]
    sequence = connection.execute(select(func.pg_get_serial_sequence(shape.name, name))).scalar()
    if sequence is not None:
        highest = connection.execute(select(func.max(column(name))).select_from(shape.table)).scalar()
        if reached := max(highest or 0, last or 0):
            connection.execute(select(func.setval(sequence, reached)))


def _row(shape: Shape, line: bytes) -> dict[str, Any]:
    values = orjson.loads(line)
    return {
        name: _FROM_JSON[kind](value) if kind in _FROM_JSON and value is not None else value
        for (name, kind), value in zip(shape.columns, values, strict=True)
    }


def _kind(declared: TypeEngine[Any]) -> str:
    kinds = (name for name, one in _KINDS.items() if isinstance(declared, type(one)))
    return next(kinds, "plain")


def _as_text(value: bytes) -> str:
    return base64.b64encode(value).decode()
