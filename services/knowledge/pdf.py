"""PDF files read into paragraphs: the text of each page, its running heads and page numbers dropped."""

import io
import re
from collections import Counter

from pypdf import PdfReader

from services.knowledge.blocks import Block
from services.knowledge.encodings import strange
from services.knowledge.plain_text import flow
from services.knowledge.unreadable import MAX_CHARACTERS, MAX_PAGES, DocumentUnreadable, Unreadable

_STARTS_WITHIN = 1024
_FEWEST_REPEATS = 3  # a line that so many pages open or close with is none of the text
_PAGE_NUMBER = re.compile(r"\d{1,4}")


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
    return flow(lines)


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
