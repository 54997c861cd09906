"""The numbering that Chinese public documents are printed with: what a line's number is, and how it ranks."""

import re
from dataclasses import dataclass
from enum import IntEnum

_HAN = "一二三四五六七八九十百零〇两"


class Rank(IntEnum):
    """From the outermost: the order in which official documents nest their numbers (GB/T 9704)."""

    PART = 0
    CHAPTER = 1
    SECTION = 2
    ARTICLE = 3
    HAN = 4
    HAN_BRACKET = 5
    DIGIT = 6
    DOTTED = 7  # 1.1, each further point one rank deeper
    DIGIT_BRACKET = 10
    CIRCLE = 11


_PATTERNS: tuple[tuple[Rank, re.Pattern[str]], ...] = (
    (Rank.PART, re.compile(rf"(?P<label>第[{_HAN}\d]+编)\s*")),
    (Rank.CHAPTER, re.compile(rf"(?P<label>第[{_HAN}\d]+章)\s*")),
    (Rank.SECTION, re.compile(rf"(?P<label>第[{_HAN}\d]+节)\s*")),
    (
        Rank.ARTICLE,
        re.compile(rf"(?P<label>第[{_HAN}\d]+条(?:之[{_HAN}])?)(?![规款第中所的]|[（(]|[、，])\s*"),
    ),
    (Rank.HAN, re.compile(rf"(?P<label>[{_HAN}]{{1,4}})、\s*")),
    (Rank.HAN_BRACKET, re.compile(rf"[（(]\s*(?P<label>[{_HAN}]{{1,4}})\s*[)）][、.．]?\s*")),
    (Rank.DOTTED, re.compile(r"(?P<label>\d{1,2}(?:\.\d{1,2}){1,3})\.?\s+(?=\D)")),
    (Rank.DIGIT, re.compile(r"(?P<label>\d{1,3})\s*[.．、](?!\d)\s*")),
    (Rank.DIGIT_BRACKET, re.compile(r"[（(]?\s*(?P<label>\d{1,3})\s*[)）][、.．]?\s*")),
    (Rank.CIRCLE, re.compile(r"(?P<label>[①-⑳])\s*")),
)


@dataclass(frozen=True, slots=True)
class Mark:
    rank: int
    label: str  # as it stands in a citation: 四, （二）, 8, 第三条
    end: int  # where the text behind it starts


def mark_of(line: str) -> Mark | None:
    for rank, pattern in _PATTERNS:
        found = pattern.match(line)
        if found:
            label = found["label"]
            if rank in (Rank.HAN_BRACKET, Rank.DIGIT_BRACKET):
                label = f"（{label}）"
            deeper = label.count(".") - 1 if rank is Rank.DOTTED else 0
            return Mark(rank + deeper, label, found.end())
    return None


def cite(marks: list[Mark]) -> str:
    """The printed place of nested marks: 四（二）8, 第三条（二）. Articles count on through the chapters."""
    said: list[Mark] = []
    for mark in marks:
        if mark.rank == Rank.ARTICLE:
            said = []
        elif Rank.DOTTED <= mark.rank < Rank.DIGIT_BRACKET:
            said = [before for before in said if before.rank < Rank.DIGIT]
        said.append(mark)
    label = ""
    for mark in said:
        crowded = label[-1:] in _HAN and mark.label[0].isdigit()
        label += ("、" if label and crowded else "") + mark.label
    return label


def han(number: int) -> str:
    """一, 十二, 一百零三: as articles and chapters are counted."""
    if not 0 < number < 1_000:
        return str(number)
    digits = "零一二三四五六七八九"
    hundreds, below = divmod(number, 100)
    tens, ones = divmod(below, 10)
    said = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (digits[ones] if ones else "")
