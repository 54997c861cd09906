"""Which clause answers a question: every word supported by one clause, and the fact that was asked for in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.knowledge.aspects import MONEY, NAMEABLE, REGULARLY, STRICT, Aspect
from services.knowledge.clauses import Clause, Sentence, pairs
from services.knowledge.language import Reading, Token
from services.knowledge.library import Library
from services.knowledge.passages import ClauseKind

_BESIDE, _ABOVE = 0.75, 0.55  # a word beside the answering sentence, or in the headings above, counts less
_HEADED = 0.85  # as support, a heading is worth nearly as much as a sentence
# of the weight of words that need not be met: general ones, and background
_OPTIONAL_SHARE, _TOLD_SHARE = 0.3, 0.7
_PAIR_WORTH = 0.12
_FACT_WORTH, _FACT_BESIDE_WORTH = 1.5, 0.8
_TITLE_WORTH = 0.15  # of the weight of words in a clause's own heading: it is about them
_LENGTH_COST = 0.002  # of two sentences that say the same, the shorter one says it better
_LIST_WORTH = 2.0  # the sentence lists the very kind of thing that was asked for
_NEEDS_MATTER = STRICT - {Aspect.BENEFITS, Aspect.COUNT}  # facts nobody can ask of general words alone
_LISTS = frozenset({Aspect.WHICH, Aspect.WHAT})
_FACT_SENTENCE = 0.45  # the sentence with the fact must itself hold this share of what was asked
_TOGETHER = (
    0.6  # of what a clause of the body supports, one sentence must hold: sentences apart are matters apart
)
_ENOUGH, _GENERAL_ENOUGH = 0.8, 0.5  # of the weight of what was asked; less when only general words were said
_TELLING, _DISTINCT = (
    1.6,
    2.4,
)  # the least weight of the most telling word: to answer, to say what is left open
_ONLY_VERBS = 4.3  # 怎么设立 names no matter; 怎么预约 does, where one clause alone has the word
_KIND_WORTH = 0.05  # a row says what the item says and its milestone; the item names the lead
_SELF = re.compile(r"我|本人|自己|个人|博士")


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause against one question."""

    clause: Clause
    score: float
    share: float  # of what was asked, by weight, that the clause speaks of
    telling: float  # the weight of the most telling word it speaks of
    sentences: tuple[Sentence, ...]  # the ones that answer, the best first
    missing: tuple[Token, ...]
    lacking: frozenset[Aspect]  # asked for, but not in the sentences
    withheld: bool = False  # a figure stands in the clause that belongs to somebody else
    enough: float = _ENOUGH
    needed: float = _TELLING

    @property
    def supported(self) -> bool:
        return self.share >= self.enough and self.telling >= (_DISTINCT if self.lacking else self.needed)


@dataclass(frozen=True, slots=True)
class Search:
    """What was found for a question: the clauses that support it, best first, and those that are near."""

    supported: tuple[Finding, ...]
    near: tuple[Clause, ...]
    wanted: tuple[Token, ...]


def find(reading: Reading, library: Library) -> Search:
    wanted = reading.required or tuple(token for token in reading.tokens if library.knows(token))
    extra = [token for token in reading.tokens if token.optional and token not in wanted]
    candidates = library.candidates(wanted, extra)
    near = tuple(library.clause(number) for number, _ in candidates[:3])
    lenient = bool(reading.aspects & STRICT)
    if not reading.required and reading.aspects & _NEEDS_MATTER:
        return Search((), near, wanted)
    if not candidates or any(_foreign(token, library) and not (token.soft and lenient) for token in wanted):
        return Search((), near, wanted)
    judge = _Judge(reading, wanted, extra, library)
    findings = [
        judge.weigh(library.clause(number)) for number, met in candidates if met >= judge.enough * judge.total
    ]
    supported = [finding for finding in findings if finding and finding.supported]
    return Search(tuple(sorted(supported, key=lambda finding: -finding.score)), near, wanted)


def under_heading(clause: Clause, reading: Reading) -> Finding:
    """A heading said word for word asks for all that stands under it."""
    lines = tuple(line for line in clause.sentences if not line.receiver or _may_tell(line, reading))
    return Finding(clause, 1.0, 1.0, 1.0, lines, (), frozenset(), len(lines) < len(clause.sentences))


def _foreign(token: Token, library: Library) -> bool:
    """A word or place of which no document speaks: whatever else was said, the question is not ours."""
    return (token.elsewhere or not token.known) and not token.doubt and not library.knows(token)


class _Judge:
    """A question, weighed once, against one clause after another."""

    def __init__(self, reading: Reading, wanted: Sequence[Token], extra: Sequence[Token], library: Library):
        self.reading = reading
        self.wanted = wanted
        self.library = library
        self.weights = [library.weight(token) for token in wanted]
        self.total = sum(self.weights) or 1.0
        self.terms = frozenset(term for token in wanted for term, _ in token.terms)
        self.extra = [
            (token, (_TOLD_SHARE if token.told else _OPTIONAL_SHARE) * library.weight(token))
            for token in extra
            if library.knows(token)
        ]
        self.pairs = pairs(reading.text)
        self.strict = reading.aspects & STRICT
        # a mere keyword wants to be told what it is
        self.lists = not reading.aspects or bool(reading.aspects & _LISTS)
        self.nothing = [0.0] * len(wanted)
        self.enough = _ENOUGH if reading.required else _GENERAL_ENOUGH
        self.needed = _ONLY_VERBS if wanted and all(token.bare for token in wanted) else _TELLING

    def weigh(self, clause: Clause) -> Finding | None:
        usable = [line for line in clause.sentences if not line.receiver or _may_tell(line, self.reading)]
        if not usable:
            return None
        held = [
            self.nothing
            if self.terms.isdisjoint(sentence.terms)
            else [quality(token, sentence.terms) for token in self.wanted]
            for sentence in usable
        ]
        inside = [max(column) for column in zip(*held, strict=True)]
        above = [quality(token, clause.heading) for token in self.wanted]
        titled = [quality(token, clause.titled) for token in self.wanted]
        near = [max(text, title) for text, title in zip(inside, titled, strict=True)]
        beside = [max(text * _BESIDE, head * _ABOVE) for text, head in zip(near, above, strict=True)]
        met = [
            weight * max(text, head * _HEADED)
            for weight, text, head in zip(self.weights, inside, above, strict=True)
        ]
        ranks = [
            self._rank(sentence, row, beside, clause) for sentence, row in zip(usable, held, strict=True)
        ]
        best = max(range(len(usable)), key=lambda at: (-len(ranks[at][0]), ranks[at][1]))
        lacking, score = ranks[best]
        if clause.passage.kind is not ClauseKind.ROW and self._sum(held[best]) < _TOGETHER * self._sum(
            inside
        ):
            return None
        explicit = (clause.passage.kind is ClauseKind.ROW) != (Aspect.WHO in self.strict)
        return Finding(
            clause,
            score + _TITLE_WORTH * self._sum(titled) + (_KIND_WORTH if explicit else 0.0),
            sum(met) / self.total,
            max(
                (value for token, value in zip(self.wanted, met, strict=True) if self._tells(token, lacking)),
                default=0.0,
            ),
            self._quoted(usable, held, best),
            tuple(token for token, value in zip(self.wanted, met, strict=True) if not value),
            lacking,
            len(usable) < len(clause.sentences),
            self.enough,
            self.needed,
        )

    def _sum(self, levels: list[float]) -> float:
        return sum(weight for weight, level in zip(self.weights, levels, strict=True) if level)

    def _rank(
        self, sentence: Sentence, held: list[float], beside: list[float], clause: Clause
    ) -> tuple[frozenset[Aspect], float]:
        """What of the facts asked for a sentence leaves open, and how well it fits otherwise."""
        score = -_LENGTH_COST * len(sentence.plain)
        own = 0.0
        for weight, here, near in zip(self.weights, held, beside, strict=True):
            score += weight * max(here, near)
            own += weight if here else 0.0
        for token, weight in self.extra:
            score += weight * quality(token, sentence.terms)
        score += _PAIR_WORTH * len(self.pairs & sentence.pairs)
        if sentence.listed and self.lists and not self.terms.isdisjoint(sentence.listed):
            score += _LIST_WORTH
        lacking = set()
        for aspect in self.reading.aspects:
            supplied = self._supplies(sentence, aspect)
            if supplied:
                score += _FACT_WORTH if aspect in sentence.facts else _FACT_BESIDE_WORTH
            elif clause.holds(aspect):
                score += _FACT_BESIDE_WORTH
            if (
                aspect in STRICT
                and not clause.holds(aspect)
                and not (supplied and own >= _FACT_SENTENCE * self.total)
            ):
                lacking.add(aspect)
        return frozenset(lacking), score

    def _supplies(self, sentence: Sentence, aspect: Aspect) -> bool:
        if aspect is Aspect.COUNT and self.reading.counters:
            return bool(self.reading.counters & sentence.counters)
        if aspect is Aspect.NAMES:
            return not self.terms.isdisjoint(sentence.listed)
        if aspect in sentence.facts or (aspect is Aspect.HOW_OFTEN and REGULARLY in sentence.plain):
            return True
        return (
            aspect in NAMEABLE
            and Aspect.WHETHER in self.reading.aspects
            and any(said in sentence.plain for named, said in self.reading.named if named is aspect)
        )

    def _tells(self, token: Token, lacking: frozenset[Aspect]) -> bool:
        """Of what a clause leaves open only its own matters tell: not an office, nor what every office deals with."""
        common = self.library.common
        return not lacking or not any(term.lstrip("=") in common for term, _ in token.terms[:2])

    def _quoted(self, usable: list[Sentence], held: list[list[float]], best: int) -> tuple[Sentence, ...]:
        """The best sentence, and after it those that speak of what it leaves out."""
        chosen = [best]
        for at in range(len(self.wanted)):
            if not any(held[number][at] for number in chosen):
                chosen += [number for number, row in enumerate(held) if row[at]][:1]
        return tuple(usable[number] for number in chosen)


def quality(token: Token, terms: frozenset[str]) -> float:
    for term, worth in token.terms:
        if term in terms:
            return worth
    return 0.0


def _may_tell(sentence: Sentence, reading: Reading) -> bool:
    """A sum that the text gives to one receiver is told only to those who ask about that receiver."""
    named = any(
        term.lstrip("=") in sentence.receiver
        for token in reading.tokens
        for term, worth in token.terms[:3]
        if worth > 0.9
    )
    names_the_sum = bool(MONEY.search(reading.text)) or "万" in reading.text
    return named or (names_the_sum and not _SELF.search(reading.text))
