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


def person_of(session: Session, identity_id: int) -> int | None:
    """Looked up at the moment of use: channels are linked and parted."""
    return session.execute(select(Identity.person_id).where(Identity.id == identity_id)).scalar()
