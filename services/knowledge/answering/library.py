"""The published documents as one immutable snapshot, ready to be asked: clauses, words, weights.

Clauses are found by the terms a question may be met by (its words, their synonyms, what a slip meant), not by
`index.py`'s characters: an answer needs a clause that holds every one of them. bench/answers.py, 100,000 clauses:
1.6 ms a question where plain bm25s takes 13.5, in a sixth of its memory.
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from services.knowledge.answering.clauses import Clause, figure_terms, plain, study, unnumbered
from services.knowledge.reading.passages import ClauseKind, Passage, Source
from services.language.lexicon import Lexicon
from services.language.question import SOFT, Token
from services.language.vocabulary import Vocabulary

_SAMPLE = 2_000  # clauses read to learn which words are common
_SHORTLIST = 20  # clauses weighed closely for one question
_TOPICS = 6
_OPTIONAL_MERIT, _INSIDE_MERIT = 0.5, 0.1
_FEWEST = 60  # sentences a library is taken to have at least: in a tiny one every word would seem common

Numbers = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True)
class Library:
    passages: tuple[tuple[Source, Passage], ...]
    vocabulary: Vocabulary = field(repr=False)
    clause: Callable[[int], Clause] = field(repr=False)
    postings: dict[str, Numbers] = field(repr=False)
    inside: dict[str, Numbers] = field(repr=False)  # words of titles -> the clauses that say them themselves
    weights: dict[str, float] = field(repr=False)
    rarest: float
    offices: tuple[str, ...] = field(repr=False)  # every office known by name
    common: frozenset[str] = field(
        repr=False
    )  # offices and everyday matters: that a clause names them tells little
    letters: tuple[int, ...]  # the covering letters, by clause number
    headed: dict[str, int] = field(repr=False)  # a heading or label, as typed -> its clause
    topics: tuple[str, ...]  # headings that show what the documents are about

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
        lines = [sentence.terms for number in sample for sentence in clause(number).sentences]
        seen = Counter(term for terms in lines for term in terms)
        total = max(_FEWEST, len(lines))
        postings, inside = _postings(passages, vocabulary)
        return cls(
            passages,
            vocabulary,
            clause,
            postings,
            inside,
            {
                term: _weight(seen[term] or min(len(numbers), total), total)
                for term, numbers in postings.items()
            },
            _weight(0, total),
            tuple(sorted(units | lexicon.bodies)),
            units | lexicon.bodies | lexicon.everyday,
            tuple(
                number for number, (_, passage) in enumerate(passages) if passage.kind is ClauseKind.NOTICE
            ),
            _headed(passages),
            topics_of(passages),
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
        wanted = tuple(wanted)
        merit = self._merit(wanted, self.postings)
        fit = merit + _OPTIONAL_MERIT * self._merit(extra, self.postings)
        fit += _INSIDE_MERIT * self._merit(wanted, self.inside)
        if len(fit) > _SHORTLIST:
            ranked = np.argpartition(-fit, _SHORTLIST)[:_SHORTLIST]
            ranked = ranked[np.lexsort((ranked, -fit[ranked]))]
        else:
            ranked = np.argsort(-fit, kind="stable")
        return [(int(number), float(merit[number])) for number in ranked if merit[number] > 0]

    def _merit(
        self, tokens: Iterable[Token], postings: dict[str, Numbers]
    ) -> "np.ndarray[Any, np.dtype[np.float64]]":
        merit = np.zeros(len(self.passages))
        for token in tokens:
            found = [(quality, postings[term]) for term, quality in token.terms if term in postings]
            if len(found) == 1:
                merit[found[0][1]] += self.weight(token) * found[0][0]
            elif found:
                met = np.zeros(len(merit))
                for quality, numbers in reversed(found):
                    met[numbers] = quality
                merit += self.weight(token) * met
        return merit


def _postings(
    passages: Sequence[tuple[Source, Passage]], vocabulary: Vocabulary
) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """Term -> the clauses that speak of it, headings, title and units included; and, for the words of titles,
    which clauses say them themselves."""
    found: dict[str, array[int]] = defaultdict(lambda: array("i"))
    inside: dict[str, array[int]] = defaultdict(lambda: array("i"))
    titles = {source.title: vocabulary.terms_of(plain(source.title)) for source, _ in passages}
    for number, (source, passage) in enumerate(passages):
        text = plain(f"{passage.text}\n{passage.milestone}")
        said = vocabulary.terms_of(text) | figure_terms(text)
        title = titles[source.title]
        above = vocabulary.terms_of("\n".join(map(plain, (*passage.headings, *passage.units))))
        for term in said | above | title:
            found[term].append(number)
        for term in said & title:
            inside[term].append(number)
    return _packed(found), _packed(inside)


def _packed(found: dict[str, "array[int]"]) -> dict[str, Numbers]:
    return {term: np.frombuffer(numbers, dtype=np.int32) for term, numbers in found.items()}


def _headed(passages: Sequence[tuple[Source, Passage]]) -> dict[str, int]:
    headed: dict[str, int] = {}
    for depth in (1, 2, 3):  # from the heading right above a clause to the chapter it begins
        for number, (_, passage) in enumerate(passages):
            if len(passage.headings) >= depth:
                headed.setdefault(plain(unnumbered(passage.headings[-depth])), number)
    for number, (_, passage) in enumerate(passages):
        label = plain(passage.label)
        headed.setdefault(label, number)
        headed.setdefault(label.replace("·", "").split("(")[0] if "·" in label else label, number)
    return headed


def topics_of(passages: Sequence[tuple[Source, Passage]]) -> tuple[str, ...]:
    """The first item of every section, the longest paths first: they are the most telling."""
    first: dict[tuple[str, ...], str] = {}
    for _, passage in sorted(passages, key=lambda one: -len(one[1].headings)):
        if passage.headings and passage.kind is not ClauseKind.ROW:
            first.setdefault(passage.headings[:-1], unnumbered(passage.headings[-1]))
    return tuple(dict.fromkeys(first.values()))[:_TOPICS]


def _printed(passage: Passage) -> str:
    return plain("\n".join((*passage.headings, passage.text, passage.milestone)))


def _weight(count: int, total: int) -> float:
    return math.log(1 + (total - count + 0.5) / (count + 0.5))
