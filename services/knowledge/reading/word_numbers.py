"""The numbers Word prints by itself: counted here, since the paragraphs do not hold them."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from services.knowledge.reading.list_numbers import han

_HAN = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "ideographDigital",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    }
)
_DEEPEST = 9
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str  # 第%1条, （%2）
    start: int

    def write(self, number: int) -> str:
        if self.form in _HAN:
            return han(number)
        if self.form == "decimalEnclosedCircle" and 0 < number <= len(_CIRCLED):
            return _CIRCLED[number - 1]
        if self.form in ("lowerLetter", "upperLetter") and 0 < number <= 26:
            return chr(ord("a" if self.form == "lowerLetter" else "A") + number - 1)
        return str(number)


@dataclass
class Numbering:
    """`printed` gives the number of the next paragraph of a list, and counts it."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)  # by list
    lists: dict[str, str] = field(default_factory=dict)  # lists of one kind count on together ...
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)  # ... but where one starts anew
    counted: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def read(cls, root: Any) -> "Numbering":
        numbering = cls()
        for kind in root.iterchildren(qn("w:abstractNum")):
            numbering.levels[kind.get(qn("w:abstractNumId"))] = {
                depth: level for one in kind.iterchildren(qn("w:lvl")) for depth, level in [_level(one)]
            }
        for one in root.iterchildren(qn("w:num")):
            kind = one.find(qn("w:abstractNumId"))
            if kind is not None:
                numbering.lists[one.get(qn("w:numId"))] = kind.get(qn("w:val"))
            numbering.restarts[one.get(qn("w:numId"))] = {
                int(again.get(qn("w:ilvl"), "0")): int(start.get(qn("w:val"), "1"))
                for again in one.iterchildren(qn("w:lvlOverride"))
                if (start := again.find(qn("w:startOverride"))) is not None
            }
        return numbering

    def printed(self, list_id: str, depth: int) -> str:
        kind = self.lists.get(list_id, "")
        level = self.levels.get(kind, {}).get(depth)
        if not level or level.form in ("bullet", "none"):
            return ""
        counted = self.counted[kind]
        for at, start in self.restarts.pop(list_id, {}).items():
            counted[at] = start - 1
        counted[depth] = counted.get(depth, level.start - 1) + 1
        for deeper in [one for one in counted if one > depth]:
            del counted[deeper]
        text = level.text
        for at in range(depth + 1):
            upper = self.levels[kind].get(at)
            if upper:
                text = text.replace(f"%{at + 1}", upper.write(counted.get(at, upper.start)))
        return text


def _level(element: Any) -> tuple[int, _Level]:
    def value(name: str, default: str) -> str:
        found = element.find(qn(name))
        return default if found is None else found.get(qn("w:val"), default)

    depth = min(int(element.get(qn("w:ilvl"), "0")), _DEEPEST)
    return depth, _Level(value("w:numFmt", "decimal"), value("w:lvlText", ""), int(value("w:start", "1")))
