"""Codes that were wrong: counted for a while, so that nobody guesses one."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.base import table
from db.linking import LinkTry
from db.session import changed

MOST_TRIES, WITHIN = 5, timedelta(minutes=10)
MOST_OF_ALL = 200  # many chats together: more than a hall full of people mistype, too few to find six digits


def too_many(session: Session, identity_id: int, now: datetime) -> bool:
    recent = (LinkTry.identity_id == identity_id, LinkTry.tried_at > now - WITHIN)
    tries = session.execute(select(func.count()).select_from(LinkTry).where(*recent)).scalar_one()
    return tries >= MOST_TRIES


def flooded(session: Session, now: datetime) -> bool:
    """Somebody guesses from one new chat after another."""
    tries = select(func.count()).select_from(LinkTry).where(LinkTry.tried_at > now - WITHIN)
    return session.execute(tries).scalar_one() >= MOST_OF_ALL


def note(session: Session, identity_id: int, now: datetime) -> None:
    session.execute(insert(table(LinkTry)), {"identity_id": identity_id, "tried_at": now})


def forget(session: Session, now: datetime) -> int:
    return changed(session.execute(delete(LinkTry).where(LinkTry.tried_at < now - WITHIN)))
