"""Plain text read into paragraphs and tables: broken lines joined, page furniture dropped, tabs as columns."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from services.knowledge.reading.blocks import Block, Paragraph
from services.knowledge.reading.list_numbers import Rank, mark_of
from services.knowledge.reading.merged_cells import whole_rows
from services.knowledge.reading.typography import unify

_PAGE = re.compile(r"[-—–－·]+\s*\d{1,4}\s*[-—–－·]+|第\s*\d{1,4}\s*页(?:[\s，,/]*共\s*\d{1,4}\s*页)?")
_CONTENTS = re.compile(r".*(?:\.{4}|…{2}|·{4})[.…·\s]*\d{1,4}")
_ENDED = re.compile(r"[。！？；：!?;:…](?:[”’」》）)]*)$")
_CLOSED = re.compile(r"[》）)”’」]$")
_PAUSED = re.compile(r"[，、,]$")
_CONTINUES = re.compile(r"[，。、；：！？）》”’」]|[（(](?:牵头|责任)(?:单位|部门)")
_APART = re.compile(r"附\s*件|附\s*[录表]|\d{4}年\d{1,2}月\d{1,2}日$|关于.{2,60}的(?:通知|公告|通告)$")
_LONGEST_HEADING = 40
_LONGEST_LINE = 160  # as wide as a printed page gets
_FEWEST_LINES = 8  # fewer say nothing about where lines are broken
_LOOK_BACK = 200  # characters in which an open bracket is sought
_PAIRS = ("（）", "《》", "“”", "〔〕")


def read_text(text: str) -> list[Block]:
    return flow(text.replace("\f", "\n").splitlines())


def flow(lines: Iterable[str]) -> list[Block]:
    """Lines as they stand on the page, put together again."""
    kept = [line.rstrip(" \r\u3000") for line in lines if line.strip()]
    full = _full_width(kept)
    blocks: list[Block] = []
    rows: list[list[str]] = []
    said: list[str] = []
    broken = False
    for raw in kept:
        if "\t" in raw.strip() or (rows and "\t" in raw):
            rows.append([cell.strip() for cell in raw.split("\t")])
            continue
        line = unify(raw)
        if not line or _PAGE.fullmatch(line) or _CONTENTS.fullmatch(line[-_LONGEST_LINE:]):
            continue
        if rows:
            blocks += [*_paragraph(said), *_tabled(rows)]
            said, rows = [], []
        if said and _joins(said, line, broken):
            said.append(line)
        else:
            blocks += _paragraph(said)
            said = [line]
        broken = full > 0 and _width(raw) >= full
    return [*blocks, *_paragraph(said), *_tabled(rows)]


def _joins(said: Sequence[str], line: str, broken: bool) -> bool:
    """Whether a line continues what was said; `broken` when the line before ran to the edge of the page."""
    if _CONTINUES.match(line):
        return True
    mark = mark_of(line)
    if (mark and mark.end < len(line)) or _APART.match(line):
        return False
    last = said[-1]
    bare = mark_of(last) if len(said) == 1 else None
    if bare and bare.end == len(last):
        return True
    if _ENDED.search(last):
        return False
    if _PAUSED.search(last) or _unclosed(said):
        return True
    if broken:
        return True
    if _CLOSED.search(last):
        return False
    titled = bare and bare.rank != Rank.ARTICLE and len(last) <= _LONGEST_HEADING
    running = "。；" if titled else "，。；："
    return any(sign in part for part in said for sign in running)


def _unclosed(said: Sequence[str]) -> bool:
    tail = "".join(said[-3:])[-_LOOK_BACK:]
    return any(tail.rfind(pair[0]) > tail.rfind(pair[1]) for pair in _PAIRS)


def _paragraph(said: Sequence[str]) -> list[Block]:
    return [Paragraph(unify(_put_together(said)))] if said else []


def _put_together(said: Sequence[str]) -> str:
    joined = said[0]
    for line in said[1:]:
        latin = joined[-1].isascii() and line[0].isascii() and (joined[-1].isalpha() or joined[-1] in ",.;")
        joined += (" " if latin else "") + line
    return joined


def _tabled(rows: list[list[str]]) -> list[Block]:
    """Rows of tab-separated cells; tabs behind a number, or on a line of their own, are only spacing."""
    if not rows:
        return []
    numbered = all((mark := mark_of(row[0])) and mark.end == len(row[0]) for row in rows)
    if len(rows) > 1 and not (numbered and len(rows[0]) == 2):
        return [whole_rows(rows)]
    return [Paragraph(text) for row in rows if (text := unify(" ".join(row)))]


def _full_width(lines: Sequence[str]) -> float:
    """How wide a line is that the edge of the page broke; 0 where lines are not broken at an edge."""
    widths = sorted(_width(line) for line in lines if "\t" not in line)
    if len(widths) < _FEWEST_LINES:
        return 0
    edge = widths[len(widths) * 9 // 10]
    near = [width for width in widths if 0.92 * edge <= width <= 1.08 * edge]
    return 0.92 * edge if len(near) >= 0.3 * len(widths) and edge <= _LONGEST_LINE else 0


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in line[:400])
