"""Named places where transactions line up. SQLite's one writer is such a line already."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def line_up(session: Session, name: str) -> None:
    """Waits until no other transaction holds `name`; it is given back with the commit."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))
