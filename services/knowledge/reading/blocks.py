"""What every reader turns a file into: paragraphs and tables, in the order they are printed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.knowledge.reading.unreadable import (
    MAX_BLOCKS,
    MAX_CELLS,
    MAX_CHARACTERS,
    DocumentUnreadable,
    Unreadable,
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    level: int = 0  # of a heading that the file itself marks as one; 0 is running text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equal length, merged cells repeated in each row they span. Cells may hold line breaks."""

    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Table


def squared(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Short rows filled up with blank cells, unless that would take more cells than any real table has."""
    width = max(map(len, rows), default=0)
    if width * len(rows) > MAX_CELLS:
        raise DocumentUnreadable(Unreadable.TOO_LONG)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def bounded(blocks: Iterable[Block]) -> list[Block]:
    """The blocks, counted while they come, so that reading stops at the limit and not behind it."""
    kept: list[Block] = []
    count = characters = 0
    for block in blocks:
        count += len(block.rows) if isinstance(block, Table) else 1
        characters += (
            sum(sum(map(len, row)) for row in block.rows) if isinstance(block, Table) else len(block.text)
        )
        if count > MAX_BLOCKS or characters > MAX_CHARACTERS:
            raise DocumentUnreadable(Unreadable.TOO_LONG)
        kept.append(block)
    return kept
