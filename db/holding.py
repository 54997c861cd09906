"""Who is at work on a SQLite file: all who use it hold its lock together; whoever replaces it holds it alone."""

import fcntl
import os
from pathlib import Path


class Occupied(Exception):
    """Others are at work on the database. Nothing was done."""


class Hold:
    """Given back by `close`, or by the death of the process. Raises Occupied."""

    def __init__(self, database: Path, *, alone: bool = False):
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._file: int | None = file
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise Occupied from None

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
