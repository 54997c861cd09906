"""The published documents as one immutable snapshot, ready to be asked: clauses, sentences, words, weights."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from services.knowledge.aspects import Aspect, counters_in, facts_in, kinds_listed
from services.knowledge.figures import digits, figures_in
from services.knowledge.language import Token
from services.knowledge.lexicon import Lexicon
from services.knowledge.passages import ClauseKind, Passage, Source
from services.knowledge.vocabulary import Vocabulary

_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]+|[^。；！？\n]+$")
_IN_CHARGE = re.compile(r"^[(（]?(?:牵头|责任)(?:单位|部门)")
_NUMBERING = re.compile(r"^\d+[.、]")
_SAMPLE = 2_000  # clauses read to learn which words are common
_SHORTLIST = 12  # clauses weighed closely for one question
_STRAY_WEIGHT = 2.0
_FEWEST = 60  # sentences a library is taken to have at least: in a tiny one every word would seem common


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str  # as printed
    plain: str  # one width, no white space
    terms: frozenset[str]
    pairs: frozenset[str]  # neighbouring characters
    facts: frozenset[Aspect]
    counters: frozenset[str]
    listed: frozenset[str]  # terms of the kinds of thing it gives a list of


@dataclass(frozen=True, slots=True)
class Clause:
    source: Source
    passage: Passage
    sentences: tuple[Sentence, ...]
    terms: frozenset[str]  # of the sentences
    heading: frozenset[str]  # of the path above, the title and the units
    whole: str  # as printed, a table row cell by cell

    def holds(self, aspect: Aspect) -> bool:
        """A fact that stands beside the sentences: the deadline and the units of a row."""
        if aspect is Aspect.WHO:
            return bool(self.passage.units)
        return aspect is Aspect.WHEN and bool(self.passage.deadline)


@dataclass(frozen=True)
class Library:
    passages: tuple[tuple[Source, Passage], ...]
    vocabulary: Vocabulary = field(repr=False)
    clause: Callable[[int], Clause] = field(repr=False)
    postings: dict[str, tuple[int, ...]] = field(repr=False)
    weights: dict[str, float] = field(repr=False)
    rarest: float
    units: frozenset[str]
    topics: tuple[str, ...]

    @classmethod
    def build(
        cls, documents: Sequence[tuple[Source, Sequence[Passage]]], lexicon: Lexicon | None = None
    ) -> "Library":
        passages = tuple((source, passage) for source, found in documents for passage in found)
        units = frozenset(unit for _, passage in passages for unit in passage.units)
        vocabulary = Vocabulary.build(
            (_printed(passage) for _, passage in passages), lexicon or Lexicon.load(), units
        )
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
            tuple(
                dict.fromkeys(passage.headings[-1] for _, passage in passages if len(passage.headings) > 2)
            )[:6],
        )

    def weight(self, token: Token) -> float:
        """A word that stands everywhere tells little; one that stands nowhere must not be overlooked."""
        if not token.known:
            return _STRAY_WEIGHT if token.stray else self.rarest
        best = max((self.weights.get(term, 0.0) for term, _ in token.terms[:2]), default=0.0)
        return (
            best or max((self.weights.get(term, 0.0) for term, _ in token.terms), default=0.0) or self.rarest
        )

    def candidates(self, tokens: Iterable[Token]) -> list[int]:
        """The clauses with most of what was said, by weight."""
        merit: dict[int, float] = defaultdict(float)
        for token in tokens:
            met: dict[int, float] = {}
            for term, quality in token.terms:
                for number in self.postings.get(term, ()):
                    met.setdefault(number, quality)
            weight = self.weight(token) * (0.5 if token.optional else 1.0)
            for number, quality in met.items():
                merit[number] += weight * quality
        return sorted(merit, key=lambda number: -merit[number])[:_SHORTLIST]


def study(source: Source, passage: Passage, vocabulary: Vocabulary) -> Clause:
    sentences = tuple(
        _sentence(text, vocabulary)
        for cell in (passage.text, passage.milestone)
        for text in _SENTENCE.findall(cell)
        if text.strip()
    )
    above = vocabulary.terms_of(plain("\n".join((*passage.headings, source.title, *passage.units))))
    cells = (passage.text, passage.milestone, passage.deadline, " ".join(passage.units))
    return Clause(
        source,
        passage,
        sentences,
        frozenset().union(*(sentence.terms for sentence in sentences)),
        above,
        "\n".join(cell for cell in cells if cell) if passage.kind is ClauseKind.ROW else passage.text,
    )


def plain(text: str) -> str:
    return re.sub(r"[^\S\n]+", "", unicodedata.normalize("NFKC", text)).lower()


def pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def _sentence(text: str, vocabulary: Vocabulary) -> Sentence:
    narrow = plain(text).replace("\n", "")
    if _IN_CHARGE.match(narrow):
        terms = vocabulary.terms_of("\n".join(vocabulary.bodies.findall(narrow)))
        return Sentence(
            text.strip(), narrow, terms, frozenset(), frozenset({Aspect.WHO}), frozenset(), frozenset()
        )
    figures = frozenset(terms[0] for _, _, terms in figures_in(digits(_NUMBERING.sub("", narrow))))
    return Sentence(
        text.strip(),
        narrow,
        vocabulary.terms_of(narrow) | figures,
        pairs(narrow),
        facts_in(narrow),
        counters_in(narrow),
        vocabulary.terms_of(kinds_listed(narrow)),
    )


def _printed(passage: Passage) -> str:
    return plain("\n".join((*passage.headings, passage.text, passage.milestone)))


def _weight(count: int, total: int) -> float:
    return math.log(1 + (total - count + 0.5) / (count + 0.5))
