"""Ranks passages for a question: words, characters and neighbours by BM25, and the best single sentence.

Own arrays rather than bm25s, measured in one run (bench/rank.py, hit@1): CMRC 2018 0.982 against 0.958 of
bm25s on words, statutes 0.440 against 0.378; at 100,000 clauses half its memory, 0.4 of its p99,
2.8 times its median (3.7 ms).
What each part gives (CMRC / statutes): words alone 0.958 / 0.378; with characters and neighbours
0.969 / 0.434; asking words dropped 0.980 / 0.437; best sentence added 0.982 / 0.440.
Near these values BM25's parameters move either by about 0.01 at most; search words, triples and skips lost.
A heading counts when it is put before its text, on a line of its own: weighed apart it gained nothing.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from services.knowledge.ranking.postings import Floats, Ints, Longs
from services.knowledge.ranking.views import BREAK, Script, View, spread
from services.language import terms

_SENTENCE_SHARE = 0.4
_READ_WHOLE = 300_000  # postings added up over all passages; the commonest terms past that are looked up
_CONSIDERED = 1_000  # ... for this many passages only
_READ_CLOSELY = 50  # passages read sentence by sentence


@dataclass(frozen=True, slots=True)
class Index:
    """Immutable: a new publication builds another one, and it is swapped whole."""

    firsts: Longs = field(repr=False)  # passage p's sentences are firsts[p]:firsts[p + 1]
    words: View = field(repr=False)
    units: View = field(repr=False)
    pairs: View = field(repr=False)
    word_numbers: dict[str, int] = field(repr=False)
    unit_numbers: dict[str, int] = field(repr=False)
    pair_keys: Longs = field(repr=False)  # rising; a pair's number is its place in it

    @classmethod
    def build(cls, texts: Iterable[str]) -> "Index":
        words, units, firsts = Script(), Script(), array("q", [0])
        sentences = 0
        for text in texts:
            for sentence in terms.sentences(terms.normal(text)):
                words.add(terms.words(sentence))
                units.add([*terms.units(sentence), ""])
                sentences += 1
            firsts.append(sentences)
        ends = np.array(firsts, dtype=np.int64)
        stream, starts = units.close()
        keys, pairs = _number(_pair_keys(stream, len(units.numbers)))
        return cls(
            ends,
            View.build(*words.close(), ends, len(words.numbers)),
            View.build(stream, starts, ends, len(units.numbers)),
            View.build(pairs, starts, ends, len(keys)),
            words.numbers,
            units.numbers,
            keys,
        )

    def __len__(self) -> int:
        return len(self.firsts) - 1

    @property
    def nbytes(self) -> int:
        """Of the arrays; the two dictionaries of terms come on top."""
        views = self.words.nbytes + self.units.nbytes + self.pairs.nbytes
        return views + self.firsts.nbytes + self.pair_keys.nbytes

    def rank(self, question: str, k: int) -> list[tuple[int, float]]:
        """The best passages by position, best first; earlier ones first among equals; none without a term met."""
        sought = self._sought(terms.asked(question))
        held = [view.postings.of(int(term)) for view, numbers in sought for term in numbers]
        found, scores = _add_up(held, len(self), max(k, _CONSIDERED))
        close = _best(found, scores, max(k, _READ_CLOSELY))
        found, scores = (
            found[close],
            scores[close] + _SENTENCE_SHARE * self._best_sentences(found[close], sought),
        )
        return [(int(found[at]), float(scores[at])) for at in _best(found, scores, k)]

    def _sought(self, question: str) -> list[tuple[View, Longs]]:
        """The terms of a question by their numbers, each once, in every view that knows any."""
        words = [self.word_numbers.get(word, BREAK) for word in terms.words(question)]
        units = [self.unit_numbers.get(unit, BREAK) for unit in terms.units(question)]
        keys = np.unique(_pair_keys(np.array([*units, BREAK], dtype=np.int32), len(self.unit_numbers)))
        places = np.minimum(self.pair_keys.searchsorted(keys), len(self.pair_keys) - 1)
        pairs = places[self.pair_keys[places] == keys]
        views = ((self.words, words), (self.units, units), (self.pairs, pairs))
        rising = [(view, np.unique(np.array(numbers, dtype=np.int64))) for view, numbers in views]
        return [(view, numbers[numbers != BREAK]) for view, numbers in rising if numbers.any()]

    def _best_sentences(self, passages: Longs, sought: list[tuple[View, Longs]]) -> Floats:
        """For each passage what its best sentence says of the terms sought."""
        sentences, within = spread(self.firsts[passages], self.firsts[passages + 1])
        gains = np.zeros(len(sentences), dtype=np.float32)
        for view, numbers in sought:
            gains += view.weigh(sentences, numbers)
        best = np.zeros(len(passages), dtype=np.float32)
        np.maximum.at(best, within, gains)
        return best


def _pair_keys(stream: Ints, kinds: int) -> Longs:
    """For each unit one number for it and its right neighbour; BREAK where they are parted."""
    keys = np.full(len(stream), BREAK, dtype=np.int64)
    joined = (stream[:-1] != BREAK) & (stream[1:] != BREAK)
    keys[:-1][joined] = stream[:-1][joined] * np.int64(kinds) + stream[1:][joined]
    return keys


def _number(keys: Longs) -> tuple[Longs, Ints]:
    """The different keys, rising, BREAK first; and for every key its place among them."""
    kinds, places = np.unique(np.append(keys, BREAK), return_inverse=True)
    return kinds, places[:-1].astype(np.int32)


def _add_up(held: list[tuple[Ints, Floats]], passages: int, enough: int) -> tuple[Longs, Floats]:
    """What the postings say of every passage they hold: rarest terms first, and when these are many
    postings already, the commonest only of the passages that lead so far: a bound on any question."""
    scores = np.zeros(passages, dtype=np.float32)
    held = sorted(held, key=lambda one: len(one[0]))
    read = 0
    while held and (not read or read + len(held[0][0]) <= _READ_WHOLE):
        found, gains = held.pop(0)
        scores[found] += gains
        read += len(found)
    leading = np.flatnonzero(scores)
    if held:
        leading = leading[_best(leading, scores[leading], enough)]
    scores = scores[leading]
    for found, gains in held:
        places = np.minimum(found.searchsorted(leading), len(found) - 1)
        scores += np.where(found[places] == leading, gains[places], 0)
    return leading, scores


def _best(found: Longs, scores: Floats, k: int) -> Longs:
    """Where the k highest scores are, highest first, the earlier passage first among equals."""
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    places = np.arange(len(scores))
    if len(scores) > k:
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= least)
    return places[np.lexsort((found[places], -scores[places]))][:k]
