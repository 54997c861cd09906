"""Markdown read into paragraphs and tables: headings, lists, tables with escaped bars; soft line breaks joined."""

import re
from collections.abc import Iterator

from services.knowledge.reading.blocks import Block, Paragraph, Table, squared
from services.knowledge.reading.list_numbers import mark_of
from services.knowledge.reading.typography import unify

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$")
_LINE = re.compile(r"([-*_]\s*){3,}$")
_BULLET = re.compile(r"[-*+]\s+")
_BAR = re.compile(r"(?<!\\)\|")


def read_markdown(text: str) -> list[Block]:
    blocks: list[Block] = []
    for lines in _groups(text.splitlines()):
        if lines[0].startswith("|"):
            rows = [_cells(line) for line in lines if not _RULE.fullmatch(line)]
            if not rows:
                continue
            blocks.append(Table(tuple(map(tuple, squared(rows)))))
            continue
        heading = _HEADING.fullmatch(lines[0])
        said = unify(heading[2].rstrip("# ") if heading else " ".join(lines))
        if said:
            blocks.append(Paragraph(said, len(heading[1]) if heading else 0))
    return blocks


def _groups(lines: list[str]) -> Iterator[list[str]]:
    """Lines that make one block."""
    group: list[str] = []
    for raw in (*lines, ""):
        line = raw.strip()
        bullet = _BULLET.match(line)
        begins = not line or _LINE.fullmatch(line) or _HEADING.fullmatch(line) or bullet or mark_of(line)
        table = line.startswith("|")
        if group and (begins or _HEADING.fullmatch(group[0]) or table != group[0].startswith("|")):
            yield group
            group = []
        if line and not _LINE.fullmatch(line):
            group.append(line[bullet.end() :] if bullet else line)


def _cells(line: str) -> tuple[str, ...]:
    inner = line.removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return tuple(re.sub(r"<br\s*/?>", "\n", cell).replace("\\|", "|").strip() for cell in _BAR.split(inner))
