"""The published documents: kept in the database, answered from a library in memory that every process keeps fresh."""

import asyncio
import hashlib
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.knowledge import Clause, Document
from db.locks import line_up
from db.session import Database, changed, inserted
from services.knowledge.answering.answer import Answer
from services.knowledge.answering.answers import answers
from services.knowledge.answering.library import Library
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import ClauseKind, Passage, Source

SEED = Path(__file__).resolve().parents[2] / "db" / "seed"

_ANSWERS, _SHORT = 4_096, 200  # answers remembered, characters of a message that is

log = structlog.get_logger(__name__)
Stamp = tuple[Any, ...]


class Shelf:
    """The library of what is published now. `refresh` looks whether that changed, here or in another process."""

    def __init__(self) -> None:
        self._stamp: Stamp | None = None
        self._put_up(Library.build([]))

    def answers(self, message: str, today: date, previous: str = "") -> tuple[Answer, ...]:
        """What is asked over and over is worked out once for each library."""
        if len(message) + len(previous) > _SHORT:
            return answers(message, self.library, today, previous)
        return self._remembered(message, today, previous)

    async def refresh(self, database: Database) -> bool:
        """Builds a new library beside the one in use and swaps it whole. False: nothing was published meanwhile."""
        seen = await database.read(stamp)
        if seen == self._stamp:
            return False
        documents = await database.read(published)
        self._put_up(await asyncio.to_thread(Library.build, documents))
        self._stamp = seen
        log.info("library built", documents=len(documents), clauses=len(self.library.passages))
        return True

    def _put_up(self, library: Library) -> None:
        self.library = library
        self._remembered = lru_cache(_ANSWERS)(
            lambda message, today, previous: answers(message, library, today, previous)
        )


def stamp(session: Session) -> Stamp:
    """Differs whenever another set of documents is published."""
    counts = select(func.count(Document.published_at), func.count(Document.withdrawn_at))
    newest = select(func.max(Document.published_at), func.max(Document.withdrawn_at))
    return (*session.execute(counts).one(), *session.execute(newest).one())


def published(session: Session) -> list[tuple[Source, list[Passage]]]:
    live = Document.published_at.is_not(None) & Document.withdrawn_at.is_(None)
    documents = session.execute(select(Document).where(live).order_by(Document.id)).scalars().all()
    return [(_source(document), _passages(session, document.id)) for document in documents]


def find(session: Session, document_id: int) -> tuple[Source, list[Passage]]:
    return _source(session.get_one(Document, document_id)), _passages(session, document_id)


def add(session: Session, source: Source, passages: Sequence[Passage], content: bytes, now: datetime) -> int:
    """Lays a document down unpublished: people are answered from it only after `publish`."""
    laid = session.execute(
        insert(table(Document)),
        {
            "title": source.title,
            "number": source.number,
            "effective_on": source.effective_on,
            "expires_on": source.expires_on,
            "content_hash": hashlib.sha256(content).hexdigest(),
            "added_at": now,
        },
    )
    document_id = inserted(laid)
    rows = [_row(document_id, position, passage) for position, passage in enumerate(passages)]
    session.execute(insert(table(Clause)), rows)
    return document_id


def publish(session: Session, document_id: int, now: datetime) -> bool:
    """Takes the place of an older one of the same title and number. False: it is published already."""
    one = update(Document).where(Document.id == document_id, Document.published_at.is_(None))
    if changed(session.execute(one.values(published_at=now))) == 0:
        return False
    new = session.get_one(Document, document_id)
    older = update(Document).where(
        Document.title == new.title,
        Document.number == new.number,
        Document.id != document_id,
        Document.published_at.is_not(None),
        Document.withdrawn_at.is_(None),
    )
    session.execute(older.values(withdrawn_at=now))
    return True


def withdraw(session: Session, document_id: int, now: datetime) -> bool:
    live = update(Document).where(
        Document.id == document_id, Document.published_at.is_not(None), Document.withdrawn_at.is_(None)
    )
    return changed(session.execute(live.values(withdrawn_at=now))) == 1


def seed(session: Session, now: datetime, folder: Path = SEED) -> int:
    """Loads the documents that come with the service into a database that never had one. How many."""
    line_up(session, "seed")
    if session.execute(select(func.count()).select_from(Document)).scalar_one():
        return 0
    entries = tomllib.loads((folder / "documents.toml").read_text(encoding="utf-8"))["document"]
    for entry in entries:
        content = (folder / entry["file"]).read_bytes()
        read = read_document(entry["file"], content)
        source = Source(entry["title"], entry["number"], _day(entry, "effective"), _day(entry, "expires"))
        publish(session, add(session, source, read.passages, content, now), now)
    return len(entries)


def _day(entry: dict[str, Any], name: str) -> date | None:
    day: date | None = entry.get(name)
    return day


def _source(document: Document) -> Source:
    return Source(document.title, document.number, document.effective_on, document.expires_on)


def _passages(session: Session, document_id: int) -> list[Passage]:
    rows = session.execute(
        select(
            Clause.label,
            Clause.text,
            Clause.kind,
            Clause.headings,
            Clause.milestone,
            Clause.deadline,
            Clause.units,
        )
        .where(Clause.document_id == document_id)
        .order_by(Clause.position)
    ).all()
    return [
        Passage(label, text, ClauseKind(kind), tuple(headings), milestone, deadline, tuple(units))
        for label, text, kind, headings, milestone, deadline, units in rows
    ]


def _row(document_id: int, position: int, passage: Passage) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "position": position,
        "label": passage.label,
        "kind": passage.kind.value,
        "headings": list(passage.headings),
        "text": passage.text,
        "milestone": passage.milestone,
        "deadline": passage.deadline,
        "units": list(passage.units),
    }
