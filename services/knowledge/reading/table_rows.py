"""A table row by row: a work list's columns known by their heads, any other table as one statement a row."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.knowledge.reading.blocks import Table
from services.knowledge.reading.list_numbers import cite, han, mark_of
from services.knowledge.reading.passages import ClauseKind, Passage
from services.knowledge.reading.typography import one_line, unify

_HEADS = {  # what a column is for, by words in its head; the first that fits
    "milestone": re.compile("节点计划|节点目标|进度安排|进度计划|阶段目标|年度目标"),
    "deadline": re.compile("完成时[间限]|时间节点|办结时限|^时限|截止"),
    "lead": re.compile("^牵头(单位|部门)"),
    "units": re.compile("(责任|配合|参与|协办|主办|承办|负责)(单位|部门|科室)"),
    "serial": re.compile("^(序号|编号)$"),
    "task": re.compile("^(工作|主要|重点)?任务$|^(任务)?类别$"),
    "item": re.compile("^(项目内容|项目名称|重点项目|事项|项目)$"),
    "text": re.compile("工作举措|工作措施|具体举措|具体措施|^举措|^措施|工作内容|具体内容|任务内容"),
}
_UNIT_END = re.compile(
    r"(局|部|办|委|处|科|室|站|所|院|校|会|社|中心|公司|单位|部门|政府|街道|镇|集团|银行|医院|大学|学院|基地|成员|法院|团|组)"
    r"(（[^）]*）)?$"
)
_VALUE = re.compile(r"\d\s*(?:[万亿千]?元|%)")  # no head, but outside brackets: 年产值（1亿元以上）
_STEP = re.compile(r"(?<=[。；;])\s*(?=\d{1,2}[.．、]\s*[^\d\s])")
_ENDING = "。；;"
_LONGEST_HEAD = 30
_LONGEST_UNIT = 40


@dataclass
class _Columns:
    heads: tuple[str, ...]
    of: dict[str, list[int]] = field(default_factory=dict)

    def cell(self, row: Sequence[str], purpose: str) -> str:
        return "\n".join(dict.fromkeys(row[at] for at in self.of.get(purpose, ()) if row[at].strip()))


def rows_of(table: Table, place: str, headings: tuple[str, ...]) -> list[Passage]:
    """`place` is the printed name of the annex (附件) or of the table; each row is cited below it."""
    columns, body = _columns(table)
    known = _known_units(columns, body)
    found = [(row, *_number(columns, row, at)) for at, row in enumerate(body, 1) if any(map(one_line, row))]
    shared = Counter(number for _, number, _ in found)
    passages, seen = [], Counter[str]()
    for row, number, above in found:
        seen[number] += 1
        part = f"（{han(seen[number])}）" if shared[number] > 1 else ""
        passages.append(_passage(columns, row, f"{place}·{number}{part}", (*headings, *above), known))
    return passages


def columns_for(heads: Sequence[str]) -> dict[str, list[int]]:
    """Which columns serve which purpose, by their heads."""
    of: dict[str, list[int]] = {}
    for at, head in enumerate(heads):
        purpose = next((name for name, words in _HEADS.items() if words.search(one_line(head))), None)
        if purpose:
            of.setdefault(purpose, []).append(at)
    return of


def _columns(table: Table) -> tuple[_Columns, list[tuple[str, ...]]]:
    first = tuple(one_line(cell) for cell in table.rows[0])
    if len(table.rows) < 2 or not all(map(_names, first)):
        return _Columns(("",) * len(first)), list(table.rows)
    body = [row for row in table.rows[1:] if tuple(one_line(cell) for cell in row) != first]
    of = columns_for(first)
    work_list = "text" in of and {"milestone", "deadline", "units", "lead"} & of.keys()
    return _Columns(first, of if work_list else {key: of[key] for key in of if key == "serial"}), body


def _names(head: str) -> bool:
    return 0 < len(head) <= _LONGEST_HEAD and not _VALUE.search(re.sub("（[^）]*）", "", head))


def _number(columns: _Columns, row: Sequence[str], at: int) -> tuple[str, tuple[str, ...]]:
    """The printed number of a row (else which row it is), and the cells that stand above it as headings."""
    above = [one_line(cell) for name in ("task", "item") if (cell := columns.cell(row, name))]
    marks = [mark_of(cell) for cell in above]
    titles = (cell[mark.end :] if mark else cell for cell, mark in zip(above, marks, strict=True))
    serial = one_line(columns.cell(row, "serial"))
    printed = next((cite([mark]) for mark in reversed(marks) if mark), "")
    return serial or printed or f"第{at}行", tuple(filter(None, titles))


def _passage(
    columns: _Columns, row: Sequence[str], label: str, headings: tuple[str, ...], known: frozenset[str]
) -> Passage:
    units = (*_units(columns.cell(row, "lead"), known), *_units(columns.cell(row, "units"), known))
    if "text" in columns.of:
        text = _text(columns.cell(row, "text"))
        milestone = _text(columns.cell(row, "milestone"))
    else:
        text, milestone = _listed(columns, row), ""
    deadline = one_line(columns.cell(row, "deadline"))
    return Passage(
        label,
        text or milestone,
        ClauseKind.ROW,
        headings,
        milestone if text else "",
        deadline,
        tuple(dict.fromkeys(units)),
    )


def _listed(columns: _Columns, row: Sequence[str]) -> str:
    """类别：出站留区；补贴标准：10万元: one statement, so that a figure is never parted from what it is for."""
    cells: list[str] = []
    before = ""
    for at, (head, cell) in enumerate(zip(columns.heads, row, strict=True)):
        said = one_line(cell)
        merged = said == before  # repeated in each column it spans
        before = said
        if said and not merged and at not in columns.of.get("serial", ()):
            cells.append(f"{head}：{said}" if head else said)
    return "；".join([*(cell.rstrip(_ENDING) for cell in cells[:-1]), *cells[-1:]])


def _text(cell: str) -> str:
    """Line by line as printed; steps that run on in one line stand apart again."""
    lines = map(unify, _STEP.sub("\n", cell).splitlines())
    return "\n".join(line for line in lines if line)


def _known_units(columns: _Columns, body: Sequence[Sequence[str]]) -> frozenset[str]:
    cells = (columns.cell(row, name) for row in body for name in ("lead", "units"))
    return frozenset(name for cell in cells for name in _fragments(cell) if _UNIT_END.search(name))


def _fragments(cell: str) -> list[str]:
    return [
        name[start : start + _LONGEST_UNIT]
        for name in re.split(r"[\s、，,；;]+", cell)
        for start in range(0, len(name), _LONGEST_UNIT)
    ]


def _units(cell: str, known: frozenset[str]) -> Iterator[str]:
    """Names split at space or comma; one that a line break tore apart is whole again."""
    name = ""
    for fragment in _fragments(_in_one_width(cell)):
        mended = _mended(name, fragment, known)
        if name and not mended and (_UNIT_END.search(name) or len(name) >= _LONGEST_UNIT):
            yield _unstuttered(name, known)
            name = ""
        name = mended or name + fragment
    if name:
        yield _unstuttered(name, known)


def _in_one_width(cell: str) -> str:
    return " ".join(unify(word) for word in cell.split())


def _mended(torn: str, fragment: str, known: frozenset[str]) -> str:
    """The known name that two fragments make; what stands in both (社会保障 保障局) was repeated at the break."""
    shared = range(min(len(torn), len(fragment)), -1, -1) if torn else ()
    return next(
        (
            torn + fragment[length:]
            for length in shared
            if torn.endswith(fragment[:length]) and torn + fragment[length:] in known
        ),
        "",
    )


def _unstuttered(name: str, known: frozenset[str]) -> str:
    """保障保障局 -> 保障局, only where the table names that unit elsewhere."""
    once = re.sub(r"(\w{2,})\1", r"\1", name[: 2 * _LONGEST_UNIT])
    return once if once in known else name
