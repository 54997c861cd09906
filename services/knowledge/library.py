"""The published documents as one immutable snapshot, ready to be asked: clauses, words, weights."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from services.knowledge.clauses import Clause, plain, study
from services.knowledge.language import SOFT, Token
from services.knowledge.lexicon import Lexicon
from services.knowledge.passages import ClauseKind, Passage, Source
from services.knowledge.vocabulary import Vocabulary

_SAMPLE = 2_000  # clauses read to learn which words are common
_SHORTLIST = 12  # clauses weighed closely for one question
_OPTIONAL_MERIT = 0.5
_FEWEST = 60  # sentences a library is taken to have at least: in a tiny one every word would seem common


@dataclass(frozen=True)
class Library:
    passages: tuple[tuple[Source, Passage], ...]
    vocabulary: Vocabulary = field(repr=False)
    clause: Callable[[int], Clause] = field(repr=False)
    postings: dict[str, tuple[int, ...]] = field(repr=False)
    weights: dict[str, float] = field(repr=False)
    rarest: float
    units: frozenset[str]
    offices: frozenset[str] = field(repr=False)
    letters: tuple[int, ...]  # the covering letters, by clause number
    topics: tuple[str, ...]

    @classmethod
    def build(
        cls, documents: Sequence[tuple[Source, Sequence[Passage]]], lexicon: Lexicon | None = None
    ) -> "Library":
        passages = tuple((source, passage) for source, found in documents for passage in found)
        units = frozenset(unit for _, passage in passages for unit in passage.units)
        lexicon = lexicon or Lexicon.load()
        vocabulary = Vocabulary.build((_printed(passage) for _, passage in passages), lexicon, units)
        clause = lru_cache(maxsize=2 * _SAMPLE)(lambda number: study(*passages[number], vocabulary))
        sample = range(0, len(passages), max(1, len(passages) // _SAMPLE))
        postings: dict[str, list[int]] = defaultdict(list)
        seen: Counter[str] = Counter()
        for number in sample:
            for sentence in clause(number).sentences:
                seen.update(sentence.terms)
            for term in clause(number).terms | clause(number).heading:
                postings[term].append(number)
        total = max(_FEWEST, sum(len(clause(number).sentences) for number in sample))
        return cls(
            passages,
            vocabulary,
            clause,
            {term: tuple(numbers) for term, numbers in postings.items()},
            {term: _weight(seen[term] or len(numbers), total) for term, numbers in postings.items()},
            _weight(0, total),
            units,
            units | lexicon.bodies,
            tuple(
                number for number, (_, passage) in enumerate(passages) if passage.kind is ClauseKind.NOTICE
            ),
            tuple(
                dict.fromkeys(passage.headings[-1] for _, passage in passages if len(passage.headings) > 2)
            )[:6],
        )

    def knows(self, token: Token) -> bool:
        return any(term in self.postings for term, _ in token.terms)

    def weight(self, token: Token) -> float:
        """A word that stands everywhere tells little; one that stands nowhere must not be overlooked."""
        if not token.known:
            return token.doubt or (SOFT if token.soft else self.rarest)
        best = max((self.weights.get(term, 0.0) for term, _ in token.terms[:2]), default=0.0)
        return (
            best or max((self.weights.get(term, 0.0) for term, _ in token.terms), default=0.0) or self.rarest
        )

    def candidates(self, wanted: Iterable[Token], extra: Iterable[Token]) -> list[tuple[int, float]]:
        """Clauses that speak of something wanted: their numbers and how much of it, by weight, at most."""
        merit = self._merit(wanted)
        bonus = self._merit(extra)
        ranked = sorted(merit, key=lambda number: -merit[number] - _OPTIONAL_MERIT * bonus.get(number, 0.0))
        return [(number, merit[number]) for number in ranked[:_SHORTLIST]]

    def _merit(self, tokens: Iterable[Token]) -> dict[int, float]:
        merit: dict[int, float] = defaultdict(float)
        for token in tokens:
            met: dict[int, float] = {}
            for term, quality in token.terms:
                for number in self.postings.get(term, ()):
                    met.setdefault(number, quality)
            weight = self.weight(token)
            for number, quality in met.items():
                merit[number] += weight * quality
        return merit


def _printed(passage: Passage) -> str:
    return plain("\n".join((*passage.headings, passage.text, passage.milestone)))


def _weight(count: int, total: int) -> float:
    return math.log(1 + (total - count + 0.5) / (count + 0.5))
