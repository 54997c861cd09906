"""What colleagues look at before a campaign goes out: to how many, why not to others, and three of them, masked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.people import Identity, Person, PersonTag
from db.session import vault_in
from services import audit, segments
from services.segments import Criteria, Preview

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Recipient:
    """`name` is masked, '' for who never told one."""

    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class Look:
    preview: Preview
    some: list[Recipient]


def look(session: Session, criteria: Criteria, topic: str, now: datetime) -> Look:
    """Takes long among very many people: to be read beside the writer."""
    first = segments.recipients(criteria, topic, now).order_by(Identity.id.desc()).limit(_SHOWN).subquery()
    rows = session.execute(
        select(Identity.channel, Person.sealed_name)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.id.in_(select(first.c.id)))
        .order_by(Identity.id.desc())
    ).all()
    vault = vault_in(session)
    some = [Recipient(channel, masked(vault.open(sealed)) if sealed else "") for channel, sealed in rows]
    return Look(segments.preview(session, criteria, topic, now), some)


def note(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    """That somebody was shown some of the recipients, masked as they are."""
    audit.record(session, by, "campaign.read_some", f"campaign:{campaign_id}", now)


def masked(name: str) -> str:
    """陈一诺 is 陈**: enough to see that it is the right list."""
    return name[:1] + "*" * min(2, max(1, len(name) - 1))


def unknown_tags(session: Session, tags: list[str]) -> list[str]:
    """Those that nobody bears: a slip, most likely."""
    known = set(session.execute(select(PersonTag.tag).where(PersonTag.tag.in_(tags)).distinct()).scalars())
    return [tag for tag in tags if tag not in known]
