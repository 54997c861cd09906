"""The parts a document falls into: the letter or title that opens it, its body, the signature, the annexes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.knowledge.reading.blocks import Block, Paragraph
from services.knowledge.reading.list_numbers import Rank, mark_of
from services.knowledge.reading.typography import LONGEST

_NUMBER = re.compile(r"(?:\d日)?(?P<number>[\u4e00-\u9fff]{2,16}[〔\[【（]\d{4}[〕\]】）]\s*\d{1,5}\s*号)")
_COVERING = re.compile(r"(?:.{0,40}关于)?(?:印发|公布|转发)《(?P<title>.+)》的(?:通知|公告|通告)")
_NAMED = re.compile(
    r"(通知|办法|规定|细则|意见|方案|计划|规划|指南|公告|条例|通告|措施|说明|清单|须知|手册|问答|函|批复|标准|决定|章程|政策|指引)"
    r"(（[^）]*）)?$"
)
_ANNEX = re.compile(r"附\s*(?P<kind>件|表|录)\s*(?P<number>[一二三四五六七八九十\d]{0,3})\s*[：:]?")
_LISTED = re.compile(r"附件[一二三四五六七八九十\d]{0,3}[：:].+", re.DOTALL)
_DAY = re.compile(r"[（]?\d{4}年\d{1,2}月\d{1,2}日[）]?")
_TOLD = re.compile(r"\d{4}年|印发|发布|公布|施行|通过|修订|[〔\[]\d{4}[〕\]]")
_LONGEST_LINE = 60
_LONGEST_OFFICE = 30
_DEEPEST_HEAD = 30  # paragraphs within which a letter or title must have ended


@dataclass
class Annex:
    place: str  # 附件, 附件1
    title: str
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Parts:
    title: str = ""
    number: str = ""
    letter: list[str] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)  # 附件：工作清单, as the body ends
    signature: list[str] = field(default_factory=list)
    annexes: list[Annex] = field(default_factory=list)


def divide(blocks: Sequence[Block]) -> Parts:
    parts = Parts()
    rest = _open(list(blocks), parts)
    own, parts.annexes = _annexes(rest)
    parts.body, parts.signature = _signed(own)
    parts.body, parts.announced = _announced(parts.body)
    found = next(filter(None, map(_NUMBER.search, (*parts.letter, parts.title))), None)
    parts.number = found["number"].replace(" ", "") if found else ""
    return parts


def _open(blocks: list[Block], parts: Parts) -> list[Block]:
    """Take the letter and the title off the front; what is left is the body."""
    opening = []
    for block in blocks[:_DEEPEST_HEAD]:
        if not isinstance(block, Paragraph):
            break
        opening.append(block.text)
    covered = _covered(opening)
    if covered:
        parts.title, start, end = covered
        parts.letter = opening[:start]
        return blocks[end:]
    head = _head(blocks, opening)
    if not head:
        return blocks
    marked = (at for at in range(head) if _level(blocks[at]) and not mark_of(opening[at]))
    title = next(marked, None)
    if title is None:
        title = next((at for at in range(head) if _NAMED.search(opening[at])), 0)
    parts.title = opening[title]
    if any(_TOLD.search(line) for at, line in enumerate(opening[:head]) if at != title):
        parts.letter = opening[:head]
        return blocks[head:]
    return [*blocks[:title], *blocks[title + 1 :]]


def _covered(opening: list[str]) -> tuple[str, int, int] | None:
    """The title that a covering letter names, and between which paragraphs it is printed below the letter."""
    for at, line in enumerate(opening):
        found = _COVERING.fullmatch(line) if len(line) <= LONGEST else None
        if not found:
            continue
        for start in range(at + 1, len(opening)):
            for end in range(start + 1, min(start + 4, len(opening) + 1)):
                if "".join(opening[start:end]).replace(" ", "") == found["title"].replace(" ", ""):
                    return found["title"], start, end
    return None


def _head(blocks: list[Block], opening: list[str]) -> int:
    """How many paragraphs stand before the text begins: short lines without a number or a full stop."""
    for at, line in enumerate(opening):
        titled = at and _level(blocks[at])
        if mark_of(line) or len(line) > _LONGEST_LINE or re.search(r"(?:[。；]|如下：)$", line) or titled:
            return at
    return min(1, len(opening)) if len(opening) == len(blocks) else len(opening)


def _level(block: Block) -> int:
    return block.level if isinstance(block, Paragraph) else 0


def _annexes(blocks: list[Block]) -> tuple[list[Block], list[Annex]]:
    own: list[Block] = []
    annexes: list[Annex] = []
    for block in blocks:
        into = annexes[-1].blocks if annexes else own
        heading = _ANNEX.fullmatch(block.text) if isinstance(block, Paragraph) else None
        if heading:
            annexes.append(Annex(f"附{heading['kind']}{heading['number']}", ""))
        elif (
            annexes and not into and not annexes[-1].title and isinstance(block, Paragraph) and _titles(block)
        ):
            annexes[-1].title = block.text
        else:
            into.append(block)
    return own, annexes


def _titles(block: Paragraph) -> bool:
    return not mark_of(block.text) and len(block.text) <= _LONGEST_LINE and "。" not in block.text


def _announced(blocks: list[Block]) -> tuple[list[Block], list[str]]:
    """附件：1.申报表, 2.推荐表 at the end of the body: they belong to none of its clauses."""
    start = len(blocks)
    while start and _titled(blocks[start - 1]):
        start -= 1
        block = blocks[start]
        if isinstance(block, Paragraph) and _LISTED.fullmatch(block.text):
            return blocks[:start], [one.text for one in blocks[start:] if isinstance(one, Paragraph)]
    return blocks, []


def _titled(block: Block) -> bool:
    """Whether a line may name an annex: 附件：工作清单, or 2.推荐表 below it."""
    if not isinstance(block, Paragraph) or len(block.text) > LONGEST or "。" in block.text:
        return False
    mark = mark_of(block.text)
    return bool(_LISTED.fullmatch(block.text)) or bool(mark and mark.rank == Rank.DIGIT)


def _signed(blocks: list[Block]) -> tuple[list[Block], list[str]]:
    """The offices and the day that close the body."""
    for at in range(len(blocks) - 1, max(-1, len(blocks) - 10), -1):
        block = blocks[at]
        if isinstance(block, Paragraph) and _DAY.fullmatch(block.text):
            start = at
            while start and at - start < 5 and _office(blocks[start - 1]):
                start -= 1
            if start == at:
                break
            lines = [one.text for one in blocks[start : at + 1] if isinstance(one, Paragraph)]
            return [*blocks[:start], *blocks[at + 1 :]], lines
    return blocks, []


def _office(block: Block) -> bool:
    return (
        isinstance(block, Paragraph)
        and len(block.text) <= _LONGEST_OFFICE
        and not block.level
        and not mark_of(block.text)
        and not re.search(r"[，。；：！？]", block.text)
    )
