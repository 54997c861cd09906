"""What goes wrong with a database, told apart: it is gone, a race was lost, or a statement of ours is wrong."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

_LOST_RACES = ("40001", "40P01")  # serialization failure, deadlock: the same work may be tried again


class Unavailable(Exception):
    """The database cannot be reached or cannot write (down, full, locked for too long). Nothing was changed."""


def lost_race(error: Exception) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _LOST_RACES


def spoken(error: DBAPIError | TimeoutError) -> Exception:
    if getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_ERROR":
        return error  # a wrong statement, which SQLite's driver calls operational too
    if isinstance(error, (OperationalError, InterfaceError, TimeoutError)) or error.connection_invalidated:
        return Unavailable(str(getattr(error, "orig", None) or error).strip().splitlines()[0])
    return error
