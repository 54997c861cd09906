"""Puts a backup where the service will find it: everything in its place by one last step, or nothing changed.

What was there is kept aside: SQLite's file under another name, PostgreSQL's tables in a schema of their own.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, inspect, text

from db import lines as rows_of
from db.backup import Backup, Told
from db.engines import APPLICATION, file_of, postgresql_engine, sqlite_engine
from db.files import settle
from db.holding import Hold, Occupied
from db.migrate import line_up, upgrade
from db.tables import metadata

Finish = Callable[[Connection], None]  # what still has to be written, as the rows are there
Around = AbstractContextManager[None]  # what has to happen with the last step, or be undone
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BESIDE = ("-wal", "-shm")


class Place(Protocol):
    """Where the service's database stands, or will. `with` keeps others out; it raises Occupied."""

    def __enter__(self) -> "Place": ...
    def __exit__(self, *_: object) -> None: ...

    def taken(self) -> bool:
        """Whether there is one that has to go aside."""
        ...

    def put(self, backup: Backup, stamp: str, told: Told, finish: Finish, around: Around) -> str:
        """Where the one before is kept now; the name ends in `stamp`."""
        ...


def place(url: str) -> Place:
    return SqlitePlace(file_of(url)) if url.startswith("sqlite") else PostgresPlace(url)


class SqlitePlace:
    def __init__(self, file: Path):
        self._file = file

    def __enter__(self) -> "SqlitePlace":
        self._hold = Hold(self._file, alone=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._hold.close()

    def taken(self) -> bool:
        return self._file.exists()

    def put(self, backup: Backup, stamp: str, told: Told, finish: Finish, around: Around) -> str:
        fresh = _beside(self._file, ".new")
        _remove(fresh)  # of a restore that was killed
        try:
            self._fill(fresh, backup, told, finish)
            return self._replace(fresh, _beside(self._file, f".{stamp}"), around)
        except BaseException:
            _remove(fresh)
            raise

    def _fill(self, fresh: Path, backup: Backup, told: Told, finish: Finish) -> None:
        engine = sqlite_engine(f"sqlite:///{fresh}")
        try:
            with engine.begin() as connection:
                _refill(connection, backup, told)
                finish(connection)
        finally:
            engine.dispose()
        _fold(fresh)
        os.chmod(fresh, 0o600)

    def _replace(self, fresh: Path, aside: Path, around: Around) -> str:
        taken = self.taken()
        if taken:
            self._put_aside(aside)
        try:
            with around:
                os.replace(fresh, self._file)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        settle(self._file.parent)
        return str(aside) if taken else ""

    def _put_aside(self, aside: Path) -> None:
        """As one whole file; one that is broken as it is."""
        try:
            _fold(self._file)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in _BROKEN:
                raise
            for name in _BESIDE:
                if _beside(self._file, name).exists():
                    os.replace(_beside(self._file, name), _beside(aside, name))
        os.link(self._file, aside)


class PostgresPlace:
    def __init__(self, url: str):
        self._engine = postgresql_engine(url, pool=1)

    def __enter__(self) -> "PostgresPlace":
        with self._engine.begin() as connection:
            _be_alone(connection)
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def taken(self) -> bool:
        with self._engine.begin() as connection:
            return bool(_ours(connection))

    def put(self, backup: Backup, stamp: str, told: Told, finish: Finish, around: Around) -> str:
        schema = f"youcai_{stamp.replace('-', '_')}"
        with self._engine.connect() as connection, connection.begin() as transaction:
            line_up(connection)
            _be_alone(connection)
            ours = _ours(connection)
            if ours:
                connection.execute(text(f'CREATE SCHEMA "{schema}"'))
            for name in ours:
                connection.execute(text(f'ALTER TABLE "{name}" SET SCHEMA "{schema}"'))
            _refill(connection, backup, told)
            finish(connection)
            with around:
                transaction.commit()
        return f"schema {schema}" if ours else ""


def _refill(connection: Connection, backup: Backup, told: Told) -> None:
    """The tables of its time, their rows, and then whatever later versions changed about them."""
    upgrade(connection, backup.revision)
    done = 0
    for rows in backup.tables:
        for count in rows_of.fill(connection, rows.shape, backup.lines(rows)):
            done += count
            told(done, backup.count)
        rows_of.continue_counting(connection, rows.shape, rows.last_id)
    upgrade(connection)


def _be_alone(connection: Connection) -> None:
    others = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = :us AND pid <> pg_backend_pid()"
    )
    if connection.execute(others, {"us": APPLICATION}).scalar_one():
        raise Occupied


def _ours(connection: Connection) -> list[str]:
    """A shared database may have tables of somebody else's."""
    return sorted({*metadata.tables, "alembic_version"} & {*inspect(connection).get_table_names()})


def _fold(file: Path) -> None:
    """All of it into the one file. Waits for nobody."""
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _remove(fresh: Path) -> None:
    for file in (fresh, *(_beside(fresh, name) for name in _BESIDE)):
        file.unlink(missing_ok=True)
