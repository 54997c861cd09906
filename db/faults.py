"""What goes wrong with a database, told apart: it is gone, a race was lost, or a statement of ours is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, TimeoutError

FAULTS = (DBAPIError, TimeoutError, sqlite3.Error, psycopg.Error)  # the drivers' own come from db/prepared.py
_LOST_RACES = ("40001", "40P01")  # serialization failure, deadlock: the same work may be tried again
_GONE = (sqlite3.OperationalError, psycopg.OperationalError, psycopg.InterfaceError, TimeoutError)


class Unavailable(Exception):
    """The database cannot be reached or cannot write (down, full, locked for too long). Nothing was changed."""


def lost_race(error: Exception) -> bool:
    return getattr(_of_driver(error), "sqlstate", None) in _LOST_RACES


@contextmanager
def told_apart() -> Iterator[None]:
    """For whoever works on a connection of their own."""
    try:
        yield
    except FAULTS as error:
        raise spoken(error) from error


def spoken(error: Exception) -> Exception:
    """Unavailable where that is so, else the error itself."""
    cause = _of_driver(error)
    if getattr(cause, "sqlite_errorname", "") == "SQLITE_ERROR":
        return error  # a wrong statement, which SQLite's driver calls operational too
    if isinstance(cause, _GONE) or getattr(error, "connection_invalidated", False):
        return Unavailable(str(cause).strip().splitlines()[0])
    return error


def _of_driver(error: Exception) -> BaseException:
    return getattr(error, "orig", None) or error
