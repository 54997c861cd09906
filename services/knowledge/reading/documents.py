"""A file as it was handed in, read into a document: title, number, and passages with their printed labels."""

from collections.abc import Callable
from pathlib import PurePath

from services.knowledge.reading.blocks import Block, bounded
from services.knowledge.reading.encodings import decode
from services.knowledge.reading.markdown import read_markdown
from services.knowledge.reading.outline import passages_of
from services.knowledge.reading.parts import Parts, divide
from services.knowledge.reading.passages import ClauseKind, Passage, ReadDocument
from services.knowledge.reading.plain_text import read_text
from services.knowledge.reading.sandbox import read_apart
from services.knowledge.reading.unreadable import (
    MAX_BYTES,
    MAX_PASSAGES,
    OLD_OFFICE,
    DocumentUnreadable,
    Unreadable,
)

_READERS: dict[str, Callable[[bytes], list[Block]]] = {
    ".md": lambda content: bounded(read_markdown(decode(content))),
    ".txt": lambda content: bounded(read_text(decode(content))),
    ".docx": lambda content: read_apart("docx", content),
    ".pdf": lambda content: read_apart("pdf", content),
}
_STARTS = {".docx": (b"PK", OLD_OFFICE), ".pdf": (b"%PDF-",)}  # how a file of each kind begins


def read_document(name: str, content: bytes) -> ReadDocument:
    """Raises `DocumentUnreadable`, and nothing else, whatever the file holds."""
    kind = PurePath(name).suffix.lower()
    if kind not in _READERS:
        raise DocumentUnreadable(Unreadable.UNKNOWN_TYPE)
    if len(content) > MAX_BYTES:
        raise DocumentUnreadable(Unreadable.TOO_LARGE)
    if not content.strip():
        raise DocumentUnreadable(Unreadable.EMPTY)
    if not _begins_as(kind, content):
        raise DocumentUnreadable(Unreadable.WRONG_TYPE)
    parts = divide(_READERS[kind](content))
    passages = _passages(parts)
    if not passages:
        raise DocumentUnreadable(Unreadable.EMPTY)
    if len(passages) > MAX_PASSAGES:
        raise DocumentUnreadable(Unreadable.TOO_MANY_PASSAGES)
    return ReadDocument(parts.title or PurePath(name).stem, parts.number, tuple(passages))


def _begins_as(kind: str, content: bytes) -> bool:
    if kind in _STARTS:
        return any(start in content[:1024] for start in _STARTS[kind])
    return not content.startswith((b"PK\x03\x04", b"%PDF-", OLD_OFFICE))


def _passages(parts: Parts) -> list[Passage]:
    letter = "通知" if any(line.endswith("通知") for line in parts.letter) else "题注"
    found = _notice(parts.letter, letter)
    found += passages_of(parts.body)
    if parts.announced:
        found.append(Passage("附件说明", "\n".join(parts.announced), ClauseKind.NOTICE))
    found += _notice(parts.signature, "落款")
    for annex in parts.annexes:
        own = annex.title.removeprefix(parts.title) or annex.title  # the document's title names its source
        heading = " ".join(part for part in (annex.place, own) if part)
        found += passages_of(annex.blocks, annex.place, (heading,))
    return found


def _notice(lines: list[str], label: str) -> list[Passage]:
    return [Passage(label, "\n".join(lines), ClauseKind.NOTICE)] if lines else []
