"""The last look before a policy answer leaves: nothing is said that does not stand in what it cites."""

import re
from collections.abc import Iterable, Sequence

from services.knowledge.library import Clause, plain

_NUMERAL = r"[〇零一二三四五六七八九十百千万亿两]"
_MEASURE = r"(?:万|亿)?(?:元|块|名|人|个|张|场|次|家|项|期|类|年|月|日|天|周|岁|楼|号|室|%)"
_CLAIM = re.compile(
    rf"\d+(?:[.,:/\-]\d+)*|(?<!\d){_NUMERAL}+{_MEASURE}|https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\w+|[a-z0-9-]+\.(?:com|cn|net|org|gov)\b"
)
_QUOTE = re.compile(r"「([^」]*)」")


def unsupported(
    said: str, clauses: Sequence[Clause], inserted: Iterable[str] = (), units: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The figures, dates, links, quotations and units in `said` that no cited clause (or its source's own
    title, number, label and dates) holds. `inserted` are the values a template was filled with, `units` every
    unit the library knows by name."""
    stands = plain("\n".join(_printed(clause) for clause in clauses))
    spoken = plain(said)
    claims = [plain(quote) for quote in _QUOTE.findall(said)]
    claims += [plain(value) for value in inserted]
    claims += [plain(unit) for unit in units if plain(unit) in spoken]
    wrong = [claim for claim in claims if claim not in stands]
    return tuple(wrong) + tuple(
        figure for figure in _CLAIM.findall(spoken) if not _stands_alone(figure, stands)
    )


def _stands_alone(figure: str, stands: str) -> bool:
    """1 does not stand in 12, nor 三万 in 十三万."""
    return bool(re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", stands)) and (
        figure[0].isdigit() or bool(re.search(rf"(?<!{_NUMERAL}){re.escape(figure)}", stands))
    )


def _printed(clause: Clause) -> str:
    source, passage = clause.source, clause.passage
    days = (day for day in (source.effective_on, source.expires_on) if day)
    dates = " ".join(f"{day.year} 年 {day.year}年{day.month}月{day.day}日" for day in days)
    cells = (passage.text, passage.milestone, passage.deadline, *passage.units, *passage.headings)
    return "\n".join((*cells, source.title, source.number, passage.label, dates))
