"""The last look before a policy answer leaves: nothing is said that does not stand in what it cites."""

import re
from collections.abc import Iterable, Sequence

from services.knowledge.answering.clauses import Clause, plain

_DIGITS = "0123456789"
_NUMERALS = "〇零一二三四五六七八九十百千万亿两"
_MEASURE = r"(?:万|亿)?(?:元|块|名|人|个|张|场|次|家|项|期|类|年|月|日|天|周|岁|楼|号|室|%)"
_CLAIM = re.compile(
    rf"\d+(?:[.,:/\-]\d+)*|(?<!\d)[{_NUMERALS}]+{_MEASURE}"
    r"|https?://\S+|www\.\S+|[a-z0-9._+-]+@[a-z0-9.-]+|[a-z0-9-]+\.(?:com|cn|net|org|gov)\b"
)
_QUOTE = re.compile(r"「([^」]*)」")


def unsupported(
    said: str, clauses: Sequence[Clause], inserted: Iterable[str], offices: Iterable[str]
) -> tuple[str, ...]:
    """The figures, dates, links, quotations and offices in `said` that no cited clause (or its source's own
    title, number, label and dates) holds. `inserted` are the values a template was filled with, `offices` the
    name of every office that is known."""
    stands = "\n".join(clause.stands for clause in clauses)
    spoken = plain(said)
    claims = [*_QUOTE.findall(spoken), *(office for office in offices if office in spoken)]
    claims += [plain(value) for value in inserted if not any(value in clause.whole for clause in clauses)]
    figures = [figure for figure in _CLAIM.findall(spoken) if not _stands_alone(figure, stands)]
    return (*(claim for claim in claims if claim not in stands), *figures)


def _stands_alone(figure: str, stands: str) -> bool:
    """Whether it stands there as a whole: 1 does not stand in 12, nor 三万 in 十三万."""
    before = f"{_DIGITS}." if figure[0] in _DIGITS else _NUMERALS
    at = stands.find(figure)
    while at >= 0:
        end = at + len(figure)
        begins = at == 0 or stands[at - 1] not in before
        if begins and (end == len(stands) or stands[end] not in _DIGITS):
            return True
        at = stands.find(figure, at + 1)
    return False
