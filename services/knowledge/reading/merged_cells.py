"""Rows of a table that became text with its merged cells left blank: every row made whole again."""

import re
from collections.abc import Sequence

from services.knowledge.reading.blocks import Table, squared
from services.knowledge.reading.table_rows import columns_for
from services.knowledge.reading.typography import one_line

_TIME = re.compile(r"年|月|日|期|季度|推进|持续")
_LONGEST_TIME = 20


def whole_rows(rows: Sequence[Sequence[str]]) -> Table:
    """The first row is the table's head; where a page repeats it, it is dropped."""
    head, *rest = squared(rows)
    of = columns_for(head)
    above = [at for name in ("serial", "task", "item") for at in of.get(name, ())]
    beside = [at for name in ("deadline", "lead", "units") for at in of.get(name, ())]
    found = [head]
    for row in rest:
        if _same(row, head) or not any(map(str.strip, row)):
            continue
        if len(found) > 1:
            row = _shifted(row, of.get("deadline", [])[:1])
            _fill(row, found[-1], above or _leading(row), beside)
        found.append(row)
    return Table(tuple(map(tuple, found)))


def _same(row: Sequence[str], head: Sequence[str]) -> bool:
    return [one_line(cell) for cell in row] == [one_line(cell) for cell in head]


def _shifted(row: list[str], deadline: list[int]) -> list[str]:
    """A row that lost a blank cell stands too far left: its deadline shows by how much."""
    for at in deadline:
        if _timely(row[at]):
            break
        trailing = len(row) - len("\t".join(row).rstrip("\t").split("\t"))
        for by in range(1, min(trailing, at) + 1):
            if _timely(row[at - by]):
                return [*[""] * by, *row[: len(row) - by]]
    return row


def _timely(cell: str) -> bool:
    return 0 < len(cell) <= _LONGEST_TIME and bool(_TIME.search(cell))


def _leading(row: Sequence[str]) -> list[int]:
    return list(range(next(at for at, cell in enumerate(row) if cell.strip())))


def _fill(row: list[str], upper: Sequence[str], above: Sequence[int], beside: Sequence[int]) -> None:
    """A blank cell before the text continues the one above it; one behind it does so within the same task."""
    begun = False  # a new task leaves nothing to continue in the cells to its right
    for at in above:
        if not row[at].strip() and not begun:
            row[at] = upper[at]
        begun = begun or row[at] != upper[at]
    if begun or not above:
        return
    for at in beside:
        if not row[at].strip():
            row[at] = upper[at]
