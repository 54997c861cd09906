"""Paragraphs nested by their numbers and headings, and cut into passages with printed labels."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from services.knowledge.reading.blocks import Block, Table
from services.knowledge.reading.list_numbers import Mark, Rank, cite, han, mark_of
from services.knowledge.reading.passages import Passage
from services.knowledge.reading.table_rows import rows_of
from services.knowledge.reading.typography import LONGEST, pieces

_LONGEST_HEADING = 40
_LONGEST_LEAD = 60
_LONGEST_ENTRY = 80
_DEEPEST = 60  # headings within headings; a hostile file has no more
_STOP = re.compile(r"[。；！？]")
_UNITS = re.compile(
    r"(?P<role>牵头|责任|配合|参与|主办|协办|承办)(?:单位|部门)：(?P<names>[^，；。：]+?)(?=[，；。）]|$)"
)
_UNTIL = re.compile(r"完成时[间限]：(?P<until>[^，；。）]+)")


@dataclass
class Node:
    text: str = ""  # its own line, number included
    level: int = 0
    mark: Mark | None = None
    lines: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)  # what is said after its last item

    @property
    def heads(self) -> bool:
        """Whether its line is a heading, not something said."""
        said = len(self.text) > _LONGEST_HEADING or _STOP.search(self.text) or self.text.endswith("：")
        article = self.mark is not None and self.mark.rank == Rank.ARTICLE
        said = said or (article and "，" in self.text)
        return (self.level > 0 and len(self.text) <= LONGEST // 2) or not said

    @property
    def body(self) -> list[str]:
        return self.lines if self.heads else [self.text, *self.lines]

    def lists(self, child: "Node") -> bool:
        """Whether a child is a bare line of a list, such as one paper among those to bring."""
        alone = not (child.lines or child.tables or child.children) and len(child.text) <= _LONGEST_ENTRY
        article = child.mark and child.mark.rank <= Rank.ARTICLE
        announced = bool(self.body) and self.body[-1].endswith("：")
        return alone and not article and "。" not in (child.text[:-1] if announced else child.text)


def nest(blocks: Iterable[Block]) -> Node:
    root = Node(level=-1)
    stack = [root]
    for block in blocks:
        if isinstance(block, Table):
            stack[-1].tables.append(block)
            continue
        mark = mark_of(block.text)
        if not mark and not block.level:
            stack[-1].lines.append(block.text)
            continue
        node = Node(_spaced(block.text, mark), block.level, mark)
        while len(stack) > 1 and (not _above(stack[-1], node) or len(stack) > _DEEPEST):
            stack.pop()
        stack[-1].children.append(node)
        stack.append(node)
    _close(root, None)
    return root


def _close(node: Node, article: Node | None) -> None:
    """A paragraph behind the last item of a list closes the list, unless the items before have such paragraphs too."""
    article = node if node.mark and node.mark.rank == Rank.ARTICLE else article
    for child in node.children:
        _close(child, article)
    if not node.children:
        return
    *others, last = node.children
    item = last.mark and last.mark.rank > Rank.ARTICLE and not last.heads and not last.children
    if item and not any(other.lines for other in others) and not any(map(_UNITS.search, last.lines)):
        upper = article or node
        upper.closing += last.lines
        last.lines = []


def _spaced(text: str, mark: Mark | None) -> str:
    """第一条 stands apart from its text, as printed."""
    if not mark or mark.rank > Rank.ARTICLE or not text[mark.end :]:
        return text
    return f"{text[: mark.end].rstrip()} {text[mark.end :]}"


def _above(upper: Node, lower: Node) -> bool:
    if upper.mark and lower.mark:
        return upper.mark.rank < lower.mark.rank
    if upper.level and lower.level:
        return upper.level < lower.level
    return bool(upper.level)


def passages_of(blocks: Iterable[Block], place: str = "", headings: tuple[str, ...] = ()) -> list[Passage]:
    """`place` is the annex the blocks stand in: it leads every label."""
    root = nest(blocks)
    named = f"{place}·" if place else ""
    found: list[Passage] = []
    if not root.children:
        for at, line in enumerate(root.lines, 1):
            found += _said([line], f"{named}第{at}段", headings)
    else:
        found += _said(root.lines, f"{named}引言", headings)
    found += _tables(root, place or "表", headings)
    for child in root.children:
        found += _emit(child, [], headings, place)
    found += _said(root.closing, f"{named}结语", headings)
    return _distinct(found)


def _emit(node: Node, marks: list[Mark], headings: tuple[str, ...], place: str) -> Iterator[Passage]:
    marks = [*marks, node.mark] if node.mark else marks
    label = "·".join(part for part in (place, cite(marks) or node.text[:_LONGEST_HEADING]) if part)
    below = (*headings, node.text) if node.heads else (*headings, *_lead_title(node))
    whole = _whole(node)
    if whole:
        yield from _said(whole, label, below if node.body or node.children else headings)
    else:
        yield from _said(node.body, label, below)
        yield from _tables(node, label, below)
        announced = node.body[-1:] if node.body and node.body[-1].endswith("：") else []
        lead = tuple(line for line in announced if len(line) <= _LONGEST_LEAD)
        for child in node.children:
            yield from _emit(child, marks, (*below, *lead), place)
    for at, line in enumerate(node.closing, max(1, len(node.body)) + 1):
        article = node.mark and node.mark.rank == Rank.ARTICLE
        yield from _said([line], f"{label}第{han(at)}款" if article else label, below)


def _whole(node: Node) -> list[str]:
    """A list stays with what it lists, while it is short enough to be quoted; a lone line stands by itself."""
    if node.tables:
        return []
    if not node.children:
        return node.body or [node.text]
    lines = [*node.body, *(child.text for child in node.children)]
    fits = sum(map(len, lines)) <= LONGEST and all(map(node.lists, node.children))
    return lines if fits else []


def _lead_title(node: Node) -> tuple[str, ...]:
    """发挥园区总站作用, of 8.发挥园区总站作用。以江门高新区……"""
    said = node.text[node.mark.end :] if node.mark else node.text
    title, stop, rest = said.partition("。")
    return (title,) if stop and rest and len(title) <= _LONGEST_HEADING else ()


def _said(lines: list[str], label: str, headings: tuple[str, ...]) -> Iterator[Passage]:
    text = "\n".join(lines)
    until, units = _UNTIL.search(text), _units(text)
    for at, piece in enumerate(pieces(text), 1):
        yield Passage(
            label if at == 1 else f"{label}·续{at}",
            piece,
            headings=headings,
            deadline=until["until"] if until else "",
            units=units,
        )


def _units(text: str) -> tuple[str, ...]:
    """Those in charge as the text names them in its brackets, the lead first."""
    found = [(match["role"] != "牵头", match["names"].split("、")) for match in _UNITS.finditer(text)]
    names = [name.strip() for _, names in sorted(found, key=lambda one: one[0]) for name in names]
    return tuple(dict.fromkeys(name for name in names if name))


def _tables(node: Node, place: str, headings: tuple[str, ...]) -> Iterator[Passage]:
    several = len(node.tables) > 1
    for at, table in enumerate(node.tables, 1):
        yield from rows_of(table, f"{place}·表{at}" if several else place, headings)


def _distinct(passages: list[Passage]) -> list[Passage]:
    """No two clauses share a label: a place printed twice is told apart by its turn."""
    turn = Counter[str]()
    found = []
    for passage in passages:
        turn[passage.label] += 1
        again = turn[passage.label]
        found.append(passage if again == 1 else replace(passage, label=f"{passage.label}·其{again}"))
    return found
