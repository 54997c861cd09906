"""People: finding who stands behind an address of a channel."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.people import Identity
from db.session import vault_in


def identity_at(session: Session, channel: str, address: str) -> int | None:
    mark = vault_in(session).mark(f"{channel}:{address}")
    return session.execute(
        select(Identity.id).where(Identity.channel == channel, Identity.address_mark == mark)
    ).scalar()


def named(session: Session, identity_id: int) -> str:
    """Its number, and the beginning of its mark: on SQLite a number that became free is given away anew."""
    mark = session.execute(select(Identity.address_mark).where(Identity.id == identity_id)).scalar_one()
    return f"{identity_id}-{mark[:12]}"


def person_named(session: Session, number: str, mark: str) -> int | None:
    """Who stands behind an identity that was named like that; None if it is gone."""
    there = (Identity.id == int(number), Identity.address_mark.startswith(mark, autoescape=True))
    return session.execute(select(Identity.person_id).where(*there)).scalar()


def person_of(session: Session, identity_id: int) -> int | None:
    """Looked up at the moment of use: channels are linked and parted."""
    return session.execute(select(Identity.person_id).where(Identity.id == identity_id)).scalar()
