"""PDF files read into paragraphs and tables: the text of each page, its running heads and page numbers dropped."""

import io
import re
from collections import Counter
from itertools import groupby

from pypdf import PdfReader

from services.knowledge.reading.blocks import Block
from services.knowledge.reading.encodings import strange
from services.knowledge.reading.list_numbers import mark_of
from services.knowledge.reading.plain_text import flow
from services.knowledge.reading.unreadable import MAX_CHARACTERS, MAX_PAGES, DocumentUnreadable, Unreadable

_STARTS_WITHIN = 1024
_FEWEST_REPEATS = 3  # a line that so many pages open or close with is none of the text
_PAGE_NUMBER = re.compile(r"\d{1,4}")
_CELLS = re.compile(r"(?=.*[\u4e00-\u9fff])[^\s。，；：]+(?: [^\s。，；：]+){1,9}")
_LONGEST_ROW = 80


def read_pdf(content: bytes) -> list[Block]:
    if b"%PDF-" not in content[:_STARTS_WITHIN]:
        raise DocumentUnreadable(Unreadable.WRONG_TYPE)
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentUnreadable(Unreadable.ENCRYPTED)
    if len(reader.pages) > MAX_PAGES:
        raise DocumentUnreadable(Unreadable.TOO_MANY_PAGES)
    pages: list[list[str]] = []
    length = 0
    for page in reader.pages:
        text = page.extract_text()
        length += len(text)
        if length > MAX_CHARACTERS:
            raise DocumentUnreadable(Unreadable.TOO_LONG)
        pages.append([line for line in text.splitlines() if line.strip()])
    lines = _printed(pages)
    if not lines or strange("".join(lines)):
        raise DocumentUnreadable(Unreadable.NO_TEXT if pages else Unreadable.EMPTY)
    return flow(_tabbed(lines))


def _printed(pages: list[list[str]]) -> list[str]:
    edges = Counter(_edge(line) for lines in pages for line in {*lines[:1], *lines[-1:]})
    kept = []
    for lines in pages:
        for at, line in enumerate(lines):
            outer = at in (0, len(lines) - 1)
            if outer and (_PAGE_NUMBER.fullmatch(line.strip()) or edges[_edge(line)] >= _FEWEST_REPEATS):
                continue
            kept.append(line.replace("\t", " "))
    return kept


def _edge(line: str) -> str:
    """A running head or foot, whatever page number it holds."""
    return re.sub(r"[\s\d]+", "", line)


def _tabbed(lines: list[str]) -> list[str]:
    """Neighbouring lines of as many words each, set apart by gaps, are the rows of a table."""
    found: list[str] = []
    for count, group in groupby(lines, _cells):
        rows = list(group)
        found += [re.sub(" +", "\t", row.strip()) for row in rows] if count and len(rows) > 1 else rows
    return found


def _cells(line: str) -> int:
    said = re.sub(r" +", " ", line.strip())
    if len(said) > _LONGEST_ROW or not _CELLS.fullmatch(said) or mark_of(said):
        return 0
    return said.count(" ") + 1
