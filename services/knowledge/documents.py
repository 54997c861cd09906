"""A file as it was handed in, read into a document: title, number, and passages with their printed labels."""

from collections.abc import Callable, Sequence
from pathlib import PurePath

from services.knowledge.blocks import Block
from services.knowledge.encodings import decode
from services.knowledge.markdown import read_markdown
from services.knowledge.outline import passages_of
from services.knowledge.parts import Parts, divide
from services.knowledge.passages import ClauseKind, Passage, ReadDocument
from services.knowledge.unreadable import (
    MAX_BYTES,
    MAX_PASSAGES,
    DocumentUnreadable,
    Unreadable,
)

_READERS: dict[str, Callable[[bytes], Sequence[Block]]] = {
    ".md": lambda content: read_markdown(decode(content)),
}


def read_document(name: str, content: bytes) -> ReadDocument:
    """Raises `DocumentUnreadable`, and nothing else, whatever the file holds."""
    reader = _READERS.get(PurePath(name).suffix.lower())
    if not reader:
        raise DocumentUnreadable(Unreadable.UNKNOWN_TYPE)
    if len(content) > MAX_BYTES:
        raise DocumentUnreadable(Unreadable.TOO_LARGE)
    if not content.strip():
        raise DocumentUnreadable(Unreadable.EMPTY)
    parts = divide(reader(content))
    passages = _passages(parts)
    if not passages:
        raise DocumentUnreadable(Unreadable.EMPTY)
    if len(passages) > MAX_PASSAGES:
        raise DocumentUnreadable(Unreadable.TOO_MANY_PASSAGES)
    return ReadDocument(parts.title or PurePath(name).stem, parts.number, tuple(passages))


def _passages(parts: Parts) -> list[Passage]:
    letter = "通知" if any(line.endswith("通知") for line in parts.letter) else "题注"
    found = _notice(parts.letter, letter)
    found += passages_of(parts.body)
    found += _notice(parts.signature, "落款")
    for annex in parts.annexes:
        heading = " ".join(part for part in (annex.place, annex.title) if part)
        found += passages_of(annex.blocks, annex.place, (heading,))
    return found


def _notice(lines: list[str], label: str) -> list[Passage]:
    return [Passage(label, "\n".join(lines), ClauseKind.NOTICE)] if lines else []
