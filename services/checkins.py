"""Checking in at the door of an event: its code, shown there as a picture to scan and as six digits to type."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.events import Event
from db.session import vault_in
from db.vault import Vault
from services.event_terms import EventDesk, EventStatus, NotNow

STEP = "checkin.code"


class Door(StrEnum):
    CLOSED = "closed"  # not open yet
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"


_SAID = re.compile(r"\W*(?:活动)?(?:签到|簽到)码?(?:是|为)?\W*(\d{6})\W*")


def code_of(vault: Vault, event_id: int) -> str:
    """Six digits that nobody can work out from the event's number; they count while the doors are open only."""
    return f"{int(vault.mark(f'checkin {event_id}'), 16) % 1_000_000:06d}"


def code_in(text: str) -> str:
    """Of `签到 123456`, said in one breath; '' if it is something else."""
    found = _SAID.fullmatch(unicodedata.normalize("NFKC", text))
    return found[1] if found else ""


def payload_of(vault: Vault, event_id: int) -> str:
    """What a scanned picture says, on any channel."""
    return f"checkin-{event_id}-{code_of(vault, event_id)}"


def door_of(desk: EventDesk, event: Event, now: datetime) -> Door:
    """Of one that was published: it opens some time before, and stays open some time after."""
    if event.status == EventStatus.CANCELLED:
        return Door.CANCELLED
    if now < event.starts_at - desk.doors:
        return Door.CLOSED
    return Door.OPEN if now <= event.ends_at + desk.doors else Door.OVER


def check_door(desk: EventDesk, event: Event, now: datetime) -> None:
    """Before any code is looked at, or codes could be tried for weeks. Raises NotNow."""
    if door_of(desk, event, now) is not Door.OPEN:
        raise NotNow


def event_of(session: Session, desk: EventDesk, typed: str, now: datetime) -> int | None:
    """The event whose doors are open now, and whose code that is."""
    vault = vault_in(session)
    here = select(Event.id).where(
        Event.status.in_((EventStatus.PUBLISHED, EventStatus.HELD)),
        Event.starts_at <= now + desk.doors,
        Event.ends_at >= now - desk.doors,
    )
    ids = session.execute(here.order_by(Event.starts_at)).scalars().all()
    return next((one for one in ids if code_of(vault, one) == typed), None)
