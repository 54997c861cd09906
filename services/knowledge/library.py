"""The published documents as one immutable snapshot, ready to be asked: clauses, sentences, words, weights."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.knowledge.aspects import Aspect, facts_in
from services.knowledge.language import Reading, Token
from services.knowledge.lexicon import Lexicon
from services.knowledge.passages import ClauseKind, Passage, Source
from services.knowledge.vocabulary import Vocabulary

_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]+|[^。；！？\n]+$")
_SMALL = 400  # up to so many clauses each one is weighed; above, only the best that the index ranks
_SHORTLIST = 20
_FEWEST = 60  # sentences a library is taken to have at least: in a tiny one every word would seem common


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str  # as printed
    plain: str  # one width, no white space
    terms: frozenset[str]
    pairs: frozenset[str]  # neighbouring characters
    facts: frozenset[Aspect]


@dataclass(frozen=True, slots=True)
class Clause:
    source: Source
    passage: Passage
    sentences: tuple[Sentence, ...]
    terms: frozenset[str]
    heading: frozenset[str]

    @property
    def whole(self) -> str:
        """The clause as printed, a table row cell by cell."""
        cells = (
            self.passage.text,
            self.passage.milestone,
            self.passage.deadline,
            " ".join(self.passage.units),
        )
        return (
            "\n".join(cell for cell in cells if cell)
            if self.passage.kind is ClauseKind.ROW
            else self.passage.text
        )

    def holds(self, aspect: Aspect) -> bool:
        """A fact that stands beside the sentences: the deadline and the units of a row."""
        if aspect is Aspect.WHO:
            return bool(self.passage.units)
        return aspect is Aspect.WHEN and bool(self.passage.deadline)


@dataclass(frozen=True)
class Library:
    passages: tuple[tuple[Source, Passage], ...]
    vocabulary: Vocabulary
    clause: Callable[[int], Clause]
    weights: dict[str, float]
    rarest: float
    units: frozenset[str]
    topics: tuple[str, ...]

    @classmethod
    def build(
        cls, documents: Sequence[tuple[Source, Sequence[Passage]]], lexicon: Lexicon | None = None
    ) -> "Library":
        passages = tuple((source, passage) for source, found in documents for passage in found)
        vocabulary = Vocabulary.build(
            (_printed(passage) for _, passage in passages), lexicon or Lexicon.load()
        )

        @lru_cache(maxsize=8 * _SMALL)
        def clause(number: int) -> Clause:
            return study(*passages[number], vocabulary)

        step = max(1, len(passages) // _SMALL)
        sample = range(0, len(passages), step)
        sentences = [sentence.terms for number in sample for sentence in clause(number).sentences]
        total = max(_FEWEST, len(sentences))
        seen = Counter(term for terms in sentences for term in terms)
        beside = Counter(term for number in sample for term in clause(number).heading if term not in seen)
        weights = {term: _weight(count, total) for term, count in (seen + beside).items()}
        return cls(
            passages,
            vocabulary,
            clause,
            weights,
            _weight(0, total),
            frozenset(unit for _, passage in passages for unit in passage.units),
            tuple(
                dict.fromkeys(passage.headings[-1] for _, passage in passages if len(passage.headings) > 2)
            )[:6],
        )

    def weight(self, token: Token) -> float:
        """A word that stands everywhere tells little; one that stands nowhere must not be overlooked."""
        best = max((self.weights.get(term, 0.0) for term, _ in token.terms[:2]), default=0.0)
        return best or self.rarest

    def candidates(self, reading: Reading) -> Iterable[int]:
        return range(len(self.passages))


def study(source: Source, passage: Passage, vocabulary: Vocabulary) -> Clause:
    sentences = tuple(
        _sentence(text, vocabulary)
        for cell in (passage.text, passage.milestone)
        for text in _SENTENCE.findall(cell)
        if text.strip()
    )
    inside = frozenset().union(*(sentence.terms for sentence in sentences))
    heading = vocabulary.terms_of(plain(" ".join((*passage.headings, source.title))))
    return Clause(
        source, passage, sentences, inside, heading | vocabulary.terms_of(plain(" ".join(passage.units)))
    )


def plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def _sentence(text: str, vocabulary: Vocabulary) -> Sentence:
    narrow = plain(text)
    figures = re.findall(r"\d+(?:\.\d+)?(?:年\d{1,2}月)?", narrow) + re.findall(
        r"\d+(?:\.\d+)?(?:万|千|百|亿)?[年月日号人名个张场家期元次岁楼室天周%]?", narrow
    )
    return Sentence(
        text.strip(),
        narrow,
        vocabulary.terms_of(narrow) | frozenset(figures),
        pairs(narrow),
        facts_in(narrow),
    )


def _printed(passage: Passage) -> str:
    return plain(" ".join((*passage.headings, passage.text, passage.milestone)))


def _weight(count: int, total: int) -> float:
    return math.log(1 + (total - count + 0.5) / (count + 0.5))
