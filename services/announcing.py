"""Notices to people: laid down where they fetch them themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.base import table
from db.conversation import PushedMessage
from db.locks import line_up
from db.people import Identity
from db.session import vault_in
from services.messaging import Message
from services.wire import pack


def lay_down(session: Session, *, person_id: int, message: Message, now: datetime, **_: Any) -> None:
    """On the web chat of the person, if there is one."""
    found = select(Identity.id).where(Identity.person_id == person_id, Identity.channel == "web")
    sealed = vault_in(session).seal_json(pack(message))
    for identity_id in session.execute(found).scalars().all():
        line_up(session, f"push {identity_id}")
        values = {"identity_id": identity_id, "pushed_at": now, "sealed_message": sealed}
        session.execute(insert(table(PushedMessage)), values)
