"""Word files (.docx) read into paragraphs and tables: headings, printed numbers, merged cells."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import docx
from docx.oxml.ns import qn

from services.knowledge.reading.blocks import Block, Paragraph, Table, squared
from services.knowledge.reading.typography import unify
from services.knowledge.reading.unreadable import (
    MAX_PART,
    MAX_PARTS,
    MAX_UNPACKED,
    OLD_OFFICE,
    DocumentUnreadable,
    Unreadable,
)
from services.knowledge.reading.word_numbers import Numbering

_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_HEADING = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)
_TITLE = re.compile(r"title|标题", re.IGNORECASE)
_WIDEST = 100  # columns
_LEFT_OUT = frozenset({qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), qn("w:pPr")})
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_AROUND = frozenset({qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins")})


def read_docx(content: bytes) -> Iterator[Block]:
    _check(content)
    document = docx.Document(io.BytesIO(content))
    styles = _styles(document.styles.element)
    numbers = next(
        (
            Numbering.read(part.element)
            for part in document.part.package.iter_parts()
            if part.partname == "/word/numbering.xml"
        ),
        Numbering(),
    )
    for element in _unwrapped(document.element.body):
        if element.tag == qn("w:p"):
            yield from _paragraph(element, styles, numbers)
        elif element.tag == qn("w:tbl"):
            yield from _table(element)


def _check(content: bytes) -> None:
    """Refuse what would harm or swell before anything parses it."""
    if content.startswith(OLD_OFFICE):
        raise DocumentUnreadable(Unreadable.ENCRYPTED if _PROTECTED in content else Unreadable.OLD_WORD)
    if not content.startswith(b"PK"):
        raise DocumentUnreadable(Unreadable.WRONG_TYPE)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise DocumentUnreadable(Unreadable.ENCRYPTED)
        if not any(part.filename.startswith("word/") for part in parts):
            raise DocumentUnreadable(Unreadable.WRONG_TYPE)
        written = [part for part in parts if part.filename.endswith((".xml", ".rels"))]
        swollen = len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED
        if swollen or any(part.file_size > MAX_PART for part in written):
            raise DocumentUnreadable(Unreadable.TOO_LARGE)
        for part in written:
            text = package.read(part).replace(b"\0", b"")  # UTF-16 hides nothing
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise DocumentUnreadable(Unreadable.UNSAFE)


@dataclass(frozen=True, slots=True)
class _Style:
    level: int = 0
    list_id: str = ""
    depth: int = 0


def _styles(root: Any) -> dict[str, _Style]:
    found: dict[str, _Style] = {}
    for style in root.iterchildren(qn("w:style")):
        name = style.find(qn("w:name"))
        said = "" if name is None else name.get(qn("w:val"), "")
        heading = _HEADING.fullmatch(said)
        level = int(heading[1]) + 1 if heading else int(bool(_TITLE.fullmatch(said)))
        found[style.get(qn("w:styleId"))] = _Style(level, *_listed(style.find(qn("w:pPr"))))
    return found


def _listed(properties: Any) -> tuple[str, int]:
    """The list a paragraph or style belongs to, and how deep."""
    numbered = None if properties is None else properties.find(qn("w:numPr"))
    if numbered is None:
        return "", 0
    list_id, depth = numbered.find(qn("w:numId")), numbered.find(qn("w:ilvl"))
    return (
        "" if list_id is None else list_id.get(qn("w:val"), ""),
        0 if depth is None else int(depth.get(qn("w:val"), "0")),
    )


def _unwrapped(parent: Any) -> Iterator[Any]:
    for element in parent.iterchildren():
        if element.tag in _AROUND:
            yield from _unwrapped(element)
        else:
            yield element


def _paragraph(element: Any, styles: dict[str, _Style], numbers: Numbering) -> Iterator[Paragraph]:
    properties = element.find(qn("w:pPr"))
    named = None if properties is None else properties.find(qn("w:pStyle"))
    style = styles.get("" if named is None else named.get(qn("w:val"), ""), _Style())
    lines = [line for line in map(unify, _text(element).split("\n")) if line]
    if not lines:
        return
    list_id, depth = _listed(properties)
    if not list_id:
        list_id, depth = style.list_id, style.depth
    number = numbers.printed(list_id, depth) if list_id else ""
    yield Paragraph(unify(f"{number}{' ' if number[-1:].isdigit() else ''}{lines[0]}"), style.level)
    yield from map(Paragraph, lines[1:])


def _text(element: Any) -> str:
    """What is printed: deletions left out, insertions kept, a text box read once."""
    said: list[str] = []
    waiting = list(element.iterchildren())[::-1]
    while waiting:
        one = waiting.pop()
        if one.tag in _LEFT_OUT or one.tag == _FALLBACK:
            continue
        if one.tag == qn("w:t"):
            said.append(one.text or "")
        elif one.tag == qn("w:tab"):
            said.append(" ")
        elif one.tag in (qn("w:br"), qn("w:cr"), qn("w:p")):
            said.append("\n")
        waiting.extend(list(one.iterchildren())[::-1])
    return "".join(said)


def _table(element: Any) -> Iterator[Block]:
    rows: list[list[str]] = []
    for line in _unwrapped(element):
        if line.tag == qn("w:tr"):
            rows.append(_cells(line, rows[-1] if rows else []))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    while rows and (
        len(set(rows[0])) == 1 or len(rows) == 1
    ):  # a title above the table, or a frame around text
        yield from (
            Paragraph(line)
            for cell in dict.fromkeys(rows.pop(0))
            for line in map(unify, cell.split("\n"))
            if line
        )
    if rows:
        yield Table(tuple(map(tuple, squared(rows))))


def _cells(line: Any, upper: list[str]) -> list[str]:
    row: list[str] = []
    for cell in _unwrapped(line):
        if cell.tag != qn("w:tc"):
            continue
        properties = cell.find(qn("w:tcPr"))
        span = None if properties is None else properties.find(qn("w:gridSpan"))
        merged = None if properties is None else properties.find(qn("w:vMerge"))
        continues = merged is not None and merged.get(qn("w:val"), "continue") == "continue"
        text = upper[len(row)] if continues and len(row) < len(upper) else _text(cell).strip()
        width = 1 if span is None else int(span.get(qn("w:val"), "1"))
        row += [text] * max(1, min(width, _WIDEST - len(row)))
    return row[:_WIDEST]
