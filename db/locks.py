"""What PostgreSQL must be told and SQLite does by itself: transactions that line up, and what one of them sees."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def line_up(session: Session, name: str) -> None:
    """Waits until no other transaction holds `name`; it is given back with the commit."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def one_moment(session: Session) -> None:
    """All that this transaction reads is as of one moment. Comes before its first statement."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
