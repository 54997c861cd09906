"""Backups of the whole service: made while it runs, put back where it stands still. Both stand in the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from db import backup
from db.backup import Backup, Told
from db.files import whole
from db.locks import one_moment
from db.refill import Around, Place
from db.session import Database
from db.vault import Vault
from services import audit
from services.held_back import hold_back


def make(database: Database, keys: Sequence[str], file: Path, now: datetime, told: Told) -> int:
    """Everything as of one moment, and the keys that open it. Nobody waits meanwhile. How many rows."""
    database.run_now(lambda session: audit.record(session, "command", "backup.make", "backup", now))

    def write(session: Session) -> int:
        one_moment(session)
        return backup.write(session, keys, opened, now, told)

    with whole(file) as opened:
        return database.read_now(write)


@dataclass(frozen=True, slots=True)
class PutBack:
    """`aside`: where the database before is kept now, or nothing."""

    aside: str
    held_back: list[str]  # titles of campaigns that wait for a word of staff


def put_back(place: Place, kept: Backup, around: Around, stamp: str, now: datetime, told: Told) -> PutBack:
    """`around`: see Place."""
    titles = []

    def note(connection: Connection) -> None:
        with Session(connection, info={"vault": Vault(kept.keys)}) as session:
            details = {"made_at": kept.made_at.isoformat(), "rows": kept.count}
            audit.record(session, "command", "backup.restore", "backup", now, details)
            titles.extend(hold_back(session, now))

    return PutBack(place.put(kept, stamp, told, note, around), titles)
