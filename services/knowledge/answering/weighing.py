"""One question against one clause: how much of what was asked its sentences hold, and which facts they leave open."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.knowledge.answering.clauses import Clause, Sentence, pairs
from services.knowledge.answering.library import Library
from services.knowledge.reading.passages import ClauseKind
from services.language.facts_asked import MONEY, NAMEABLE, REGULARLY, STRICT, Aspect
from services.language.lexicon import NEAR
from services.language.question import Reading, Token

_BESIDE, _ABOVE = 0.75, 0.55  # a word beside the answering sentence, or in the headings above, counts less
_HEADED = 0.85  # as support, a heading is worth nearly as much as a sentence
_TITLE_WORTH = 0.15  # of the weight of words in a clause's own heading: it is about them
_OPTIONAL_SHARE, _TOLD_SHARE = 0.3, 0.7  # of the weight of what need not be met: general words, background
_PAIR_WORTH = 0.12  # two characters side by side as they were asked
_FACT_WORTH, _FACT_BESIDE_WORTH = 1.5, 0.8
_LIST_WORTH = 2.0  # the sentence lists the very kind of thing that was asked for
_ITEM_WORTH = 0.05
_LENGTH_COST = 0.002  # of two sentences that say the same, the shorter one says it better
_KIND_WORTH = 0.05  # a row says what the item says and its milestone; the item names the lead
_LETTER_COST = 1.0  # a covering letter names everything and says little of it
_LASTING = frozenset({Aspect.HOW_LONG, Aspect.SPAN})
_LISTS = frozenset({Aspect.WHICH, Aspect.WHAT})
_FACT_SENTENCE = 0.45  # the sentence with the fact must itself hold this share of what was asked
_TOGETHER = 0.6  # of what a body clause supports, one sentence must hold: sentences apart are matters apart
_ENOUGH, _GENERAL_ENOUGH = 0.8, 0.5  # of the weight of what was asked; less when only general words were said
_TELLING, _DISTINCT = (
    1.4,
    2.4,
)  # the least weight of the most telling word: to answer, to say what is left open
_ONLY_VERBS = 4.3  # 怎么设立 names no matter; 怎么预约 does, where one clause alone has the word
_TEN_THOUSANDS = re.compile(r"\d万")
_SELF = re.compile(r"我|本人|自己|个人|博士")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one clause says to one question."""

    clause: Clause
    sentences: tuple[Sentence, ...]  # the ones that answer, the best first
    score: float = 1.0
    lacking: frozenset[Aspect] = frozenset()  # facts asked for that are not in the sentences
    supported: bool = True  # enough of what was asked, and telling enough
    withheld: bool = False  # a figure stands in the clause that belongs to somebody else


@dataclass(frozen=True, slots=True)
class _Levels:
    """How well each wanted word is met: by every sentence, and where it is met best."""

    held: list[list[float]]
    inside: list[float]
    titled: list[float]
    above: list[float]

    def beside(self) -> list[float]:
        near = zip(self.inside, self.titled, self.above, strict=True)
        return [max(max(text, title) * _BESIDE, head * _ABOVE) for text, title, head in near]


class Scales:
    """A question, its words weighed once, for one clause after another."""

    def __init__(self, reading: Reading, wanted: Sequence[Token], extra: Sequence[Token], library: Library):
        self.reading = reading
        self.wanted = wanted
        self.library = library
        self.weights = [library.weight(token) for token in wanted]
        self.total = sum(self.weights) or 1.0
        self.enough = _ENOUGH if reading.required else _GENERAL_ENOUGH
        self._terms = frozenset(term for token in wanted for term, _ in token.terms)
        self._extra = [
            (token, (_TOLD_SHARE if token.told else _OPTIONAL_SHARE) * library.weight(token))
            for token in extra
            if library.knows(token)
        ]
        self._pairs = pairs(_without_names(reading.text, extra))
        self._nothing = [0.0] * len(wanted)
        # A mere keyword wants to be told what it is.
        self._lists = not reading.aspects or bool(reading.aspects & _LISTS and not reading.aspects & STRICT)

    def weigh(self, clause: Clause) -> Finding | None:
        usable = [line for line in clause.sentences if may_tell(line, self.reading)]
        if not usable:
            return None
        levels = self._levels(clause, usable)
        beside = levels.beside()
        ranks = [
            self._rank(line, row, levels.titled, beside, clause)
            for line, row in zip(usable, levels.held, strict=True)
        ]
        best = max(range(len(usable)), key=lambda at: (-len(ranks[at][0]), ranks[at][1]))
        lacking, score = ranks[best]
        row = clause.passage.kind is ClauseKind.ROW
        if not row and self._sum(levels.held[best]) < _TOGETHER * self._sum(levels.inside):
            return None
        score += _TITLE_WORTH * self._sum(levels.titled) + _PAIR_WORTH * len(self._pairs & clause.title_pairs)
        score -= _LETTER_COST if clause.passage.kind is ClauseKind.NOTICE else 0.0
        score += _KIND_WORTH if row != (Aspect.WHO in self.reading.aspects) else 0.0
        supported = self._supported(levels, lacking)
        said = self._quoted(usable, levels.held, best) if supported else (usable[best],)
        return Finding(clause, said, score, lacking, supported, len(usable) < len(clause.sentences))

    def _levels(self, clause: Clause, usable: Sequence[Sentence]) -> _Levels:
        held = [
            self._nothing
            if self._terms.isdisjoint(line.terms)
            else [quality(token, line.terms) for token in self.wanted]
            for line in usable
        ]
        return _Levels(
            held,
            [max(column) for column in zip(*held, strict=True)],
            [quality(token, clause.titled) for token in self.wanted],
            [quality(token, clause.heading) for token in self.wanted],
        )

    def _sum(self, levels: Sequence[float]) -> float:
        return sum(weight for weight, level in zip(self.weights, levels, strict=True) if level)

    def _rank(
        self, line: Sentence, held: list[float], titled: list[float], beside: list[float], clause: Clause
    ) -> tuple[frozenset[Aspect], float]:
        """What of the facts asked for a sentence leaves open, and how well it fits otherwise."""
        score = _PAIR_WORTH * len(self._pairs & line.pairs) - _LENGTH_COST * len(line.plain)
        own = 0.0
        for weight, here, title, near in zip(self.weights, held, titled, beside, strict=True):
            score += weight * max(here, near)
            own += weight if here or title else 0.0
        for token, weight in self._extra:
            score += weight * max(quality(token, line.terms), _ABOVE * quality(token, clause.heading))
        if line.listed and self._lists and not self._terms.isdisjoint(line.listed):
            score += _LIST_WORTH + _ITEM_WORTH * line.plain.count("、")
        if Aspect.AMOUNT in line.facts and Aspect.AMOUNT not in self.reading.aspects:
            score -= _FACT_BESIDE_WORTH  # a sum nobody asked about
        lacking = set()
        for aspect in self.reading.aspects:
            supplied, aside = self._supplies(line, aspect, clause.titled), clause.holds(aspect)
            if supplied and aspect in line.facts:
                score += _FACT_WORTH
            elif supplied or aside:
                score += _FACT_BESIDE_WORTH
            if aspect in STRICT and not aside and not (supplied and own >= _FACT_SENTENCE * self.total):
                lacking.add(aspect)
        return frozenset(lacking), score

    def _supplies(self, line: Sentence, aspect: Aspect, titled: frozenset[str]) -> bool:
        if aspect is Aspect.COUNT and self.reading.counters:
            return bool(self.reading.counters & line.counters)
        if aspect is Aspect.NAMES:
            return not self._terms.isdisjoint(line.listed)
        if aspect in _LASTING and Aspect.HOW_OFTEN not in line.facts:
            return aspect in line.facts and any(
                max(quality(token, line.lasting), quality(token, titled)) > NEAR for token in self.wanted
            )
        if aspect in line.facts or (aspect is Aspect.HOW_OFTEN and REGULARLY in line.plain):
            return True
        return (
            aspect in NAMEABLE
            and Aspect.WHETHER in self.reading.aspects
            and any(said in line.plain for named, said in self.reading.named if named is aspect)
        )

    def _supported(self, levels: _Levels, lacking: frozenset[Aspect]) -> bool:
        """Whether the clause speaks of enough that was asked, and of something that is not said everywhere.
        What it leaves open must be its own matter: not an office, nor what every office deals with."""
        met = [
            weight * max(text, head * _HEADED)
            for weight, text, head in zip(self.weights, levels.inside, levels.above, strict=True)
        ]
        if sum(met) < self.enough * self.total:
            return False
        if lacking:
            own = [worth for token, worth in zip(self.wanted, met, strict=True) if not self._common(token)]
            return max(own, default=0.0) >= _DISTINCT
        if self.reading.counters:
            return True  # 多少博士: who or what is counted tells enough
        return max(met) >= (_ONLY_VERBS if all(token.bare for token in self.wanted) else _TELLING)

    def _common(self, token: Token) -> bool:
        return any(term.lstrip("=") in self.library.common for term, _ in token.terms[:2])

    def _quoted(self, usable: list[Sentence], held: list[list[float]], best: int) -> tuple[Sentence, ...]:
        """The best sentence, those that speak of what it leaves out, and those that say the same of other years."""
        chosen = [best]
        for at in range(len(self.wanted)):
            if not any(held[number][at] for number in chosen):
                chosen += [number for number, row in enumerate(held) if row[at]][:1]
        alike = [
            at
            for at, line in enumerate(usable)
            if line.frame == usable[best].frame and held[at] == held[best]
        ]
        return tuple(usable[number] for number in dict.fromkeys((*chosen, *alike)))


def _without_names(text: str, extra: Sequence[Token]) -> str:
    for token in extra:
        if token.names_document:
            text = text.replace(token.said, " ")
    return text


def quality(token: Token, terms: frozenset[str]) -> float:
    """How well a piece of text meets a word: as it was said, in other words, or not at all."""
    for term, worth in token.terms:
        if term in terms:
            return worth
    return 0.0


def may_tell(line: Sentence, reading: Reading) -> bool:
    """A sum that the text gives to one receiver is told only to those who ask about that receiver."""
    if not line.receiver:
        return True
    named = any(
        len(term) > 1 and term.lstrip("=") in line.receiver
        for token in reading.tokens
        for term, worth in token.terms[:3]
        if worth > 0.9
    )
    names_the_sum = bool(MONEY.search(reading.text) or _TEN_THOUSANDS.search(reading.text))
    asks_receiver = Aspect.WHOM in reading.aspects and Aspect.AMOUNT not in reading.aspects
    return named or asks_receiver or (names_the_sum and not _SELF.search(reading.text))
