"""Which clauses support a question: every word of it met by one clause, and no word that no document knows."""

from dataclasses import dataclass

from services.knowledge.answering.clauses import Clause
from services.knowledge.answering.library import Library
from services.knowledge.answering.weighing import Finding, Scales, may_tell
from services.language.facts_asked import STRICT, Aspect
from services.language.question import Reading, Token

_NEAR = 3
_NEEDS_MATTER = STRICT - {Aspect.BENEFITS, Aspect.COUNT}  # facts nobody can ask of general words alone


@dataclass(frozen=True, slots=True)
class Search:
    """What was found for a question: the clauses that support it, best first, and those that are near."""

    supported: tuple[Finding, ...]
    near: tuple[Clause, ...]
    wanted: tuple[Token, ...]  # the words that had to be met


def find(reading: Reading, library: Library) -> Search:
    wanted = _matter(reading.required) or tuple(token for token in reading.tokens if library.knows(token))
    extra = [token for token in reading.tokens if token not in wanted]
    candidates = library.candidates(wanted, extra)
    near = tuple(library.clause(number) for number, _ in candidates[:_NEAR])
    if not candidates or _beyond_us(reading, wanted, library):
        return Search((), near, wanted)
    scales = Scales(reading, wanted, extra, library)
    findings = [
        scales.weigh(library.clause(number))
        for number, met in candidates
        if met >= scales.enough * scales.total
    ]
    supported = [finding for finding in findings if finding and finding.supported]
    return Search(tuple(sorted(supported, key=lambda finding: -finding.score)), near, wanted)


def under_heading(clause: Clause, reading: Reading) -> Finding:
    """A heading said word for word asks for all that stands under it."""
    lines = tuple(line for line in clause.sentences if may_tell(line, reading))
    return Finding(clause, lines, withheld=len(lines) < len(clause.sentences))


def _matter(required: tuple[Token, ...]) -> tuple[Token, ...]:
    """Which document is meant need not be said again by its clauses, when it is asked about some matter in it."""
    matter = tuple(token for token in required if not token.names_document)
    return required if all(token.bare for token in matter) else matter


def _beyond_us(reading: Reading, wanted: tuple[Token, ...], library: Library) -> bool:
    """A fact about nothing in particular, or a word or place of which no document speaks: whatever else was said,
    the question is not ours. An unknown verb may pass where a fact is asked for (the fact decides), or where two
    words are known."""
    if not reading.required and reading.aspects & _NEEDS_MATTER:
        return True
    told = bool(reading.aspects & STRICT) or sum(library.knows(token) for token in wanted) > 1
    return any(
        (token.elsewhere or not token.known)
        and not token.doubt
        and not (token.soft and told)
        and not library.knows(token)
        for token in wanted
    )
