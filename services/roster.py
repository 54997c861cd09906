"""The office's own lists of people: their address on a channel, their name and their tags, taken over by lines."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.conversation import Conversation
from db.people import Identity, Person, PersonTag
from db.session import vault_in
from db.upsert import dialect_of, upsert

CHANNELS = frozenset({"web", "telegram", "wechat"})
COLUMNS = ("channel", "address", "name", "tags")
_TELEGRAM = re.compile(r"-?[0-9]{1,18}")
BIT = 1_000  # lines in one transaction
_person, _identity, _conversation = table(Person), table(Identity), table(Conversation)


class BadLine(ValueError):
    """Its text is the line's number; 0 is the heading."""


@dataclass(frozen=True, slots=True)
class Entry:
    channel: str
    address: str
    name: str
    tags: tuple[str, ...]


def read(lines: Iterable[str]) -> Iterator[Entry]:
    """Tags stand in one column, with ; or 、 or | between them."""
    rows = csv.DictReader(lines)
    if rows.fieldnames is None or not {"channel", "address"} <= set(rows.fieldnames) <= set(COLUMNS):
        raise BadLine("0")
    for row in rows:
        channel, address = (row["channel"] or "").strip(), (row["address"] or "").strip()
        if channel not in CHANNELS or not address or len(address) > 200 or None in row:
            raise BadLine(str(rows.line_num))
        if channel == "telegram" and not _TELEGRAM.fullmatch(address):
            raise BadLine(str(rows.line_num))
        tags = (row.get("tags") or "").replace("、", ";").replace("|", ";").replace("；", ";").split(";")
        kept = tuple(tag.strip()[:40] for tag in tags if tag.strip())
        yield Entry(channel, address, (row.get("name") or "").strip()[:80], kept)


def bits(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while bit := list(islice(rest, BIT)):
        yield bit


def take_over(session: Session, entries: Sequence[Entry], now: datetime) -> int:
    """How many of them were not known. Whoever is known gets the new name, and the tags beside their own."""
    vault = vault_in(session)
    marked = {vault.mark(f"{one.channel}:{one.address}"): one for one in entries}
    persons = _known(session, list(marked))
    new = [mark for mark in marked if mark not in persons]
    persons |= _meet(session, {mark: marked[mark] for mark in new}, now)
    named = [
        {"whose": persons[mark], "sealed_name": vault.seal(one.name)}
        for mark, one in marked.items()
        if one.name
    ]
    if named:
        session.execute(update(_person).where(_person.c.id == bindparam("whose")), named)
    tags = [{"person_id": persons[mark], "tag": tag} for mark, one in marked.items() for tag in one.tags]
    if tags:
        session.execute(upsert(dialect_of(session), PersonTag).on_conflict_do_nothing(), tags)
    return len(new)


def _known(session: Session, marks: list[str]) -> dict[str, int]:
    found = select(_identity.c.address_mark, _identity.c.person_id).where(_identity.c.address_mark.in_(marks))
    return {row[0]: row[1] for row in session.execute(found).all()}


def _meet(session: Session, new: dict[str, Entry], now: datetime) -> dict[str, int]:
    if not new:
        return {}
    vault = vault_in(session)
    made = insert(_person).returning(_person.c.id, sort_by_parameter_order=True)
    ids = list(session.execute(made, [{"created_at": now}] * len(new)).scalars())
    identities = [
        {
            "person_id": person,
            "channel": one.channel,
            "address_mark": mark,
            "sealed_address": vault.seal(one.address),
            "language": "",
            "created_at": now,
        }
        for (mark, one), person in zip(new.items(), ids, strict=True)
    ]
    added = insert(_identity).returning(_identity.c.id, sort_by_parameter_order=True)
    numbers = list(session.execute(added, identities).scalars())
    begun = [{"identity_id": number, "step": "", "changed_at": now} for number in numbers]
    session.execute(insert(_conversation), begun)
    return dict(zip(new, ids, strict=True))
