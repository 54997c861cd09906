"""What policy text is made of once it has been read: documents, and the clauses that can be cited."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ClauseKind(StrEnum):
    NOTICE = "notice"  # the covering letter: number, issuer, date, addressees
    TEXT = "text"  # a paragraph or a numbered item of the body
    ROW = "row"  # a line of a table, its columns kept apart


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it is cited. `number` is the printed 文号, e.g. 江海府办函〔2022〕36号."""

    title: str
    number: str
    effective_on: date | None = None
    expires_on: date | None = None

    def in_force(self, today: date) -> bool:
        if self.effective_on and today < self.effective_on:
            return False
        return self.expires_on is None or today <= self.expires_on


@dataclass(frozen=True, slots=True)
class Passage:
    """The smallest citable unit, word for word as printed (white space and width aside).

    `label` is the printed place: 四（二）8, 附件·14. `headings` is the path above it, outermost first.
    A ROW keeps 工作举措 in `text` and 节点计划 in `milestone`; elsewhere `milestone` is empty.
    `units` has the lead first. `deadline` is copied, never computed (每年12月, 2024年底, 长期推进).
    """

    label: str
    text: str
    kind: ClauseKind = ClauseKind.TEXT
    headings: tuple[str, ...] = ()
    milestone: str = ""
    deadline: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What a file turned into. `number` and the dates are filled where the text itself prints them."""

    title: str
    number: str
    passages: tuple[Passage, ...]
