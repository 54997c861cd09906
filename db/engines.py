"""How each database is opened: the settings under which it loses nothing and waits in line instead of failing."""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url

APPLICATION = "youcai"  # by this name PostgreSQL knows our connections
_BUSY_MS = 15_000  # how long one process waits for another one's commit


def file_of(url: str) -> Path:
    """Of a SQLite database."""
    file = make_url(url).database
    if not file or file == ":memory:":
        raise ValueError("a database in memory would lose everything; name a file")
    return Path(file)


def sqlite_engine(url: str, *, read_only: bool = False) -> Engine:
    file_of(url).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url, json_serializer=_json, connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def opened(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not at the first write
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -32000")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")  # an answered message survives a power cut

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Once for the file. Changing it does not wait for others by itself, whatever `busy_timeout` says."""
    for _ in range(_BUSY_MS // 50):
        with suppress(sqlite3.OperationalError):
            if connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",):
                return
        time.sleep(0.05)
    raise sqlite3.OperationalError("database is locked")


def postgresql_engine(url: str, pool: int) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        json_serializer=_json,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": APPLICATION,
            # jit off: compiling takes longer than any statement of ours gains by it
            "options": "-c timezone=UTC -c jit=off -c lock_timeout=15000 -c idle_in_transaction_session_timeout=60000",
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        },
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
