"""One way to see passages as numbered terms: their order, sentence by sentence, and their postings."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.knowledge.ranking.postings import Floats, Ints, Longs, Postings, damping

BREAK = 0  # stands where neighbours are parted; no term

_K1, _B = 1.5, 0.75
_SENTENCE_K1, _SENTENCE_B = 0.9, 0.4


class Script:
    """Terms as they are read, given numbers, one sentence after the other."""

    def __init__(self) -> None:
        self.numbers = {"": BREAK}
        self._stream = array("i")
        self._starts = array("q", [0])

    def add(self, said: Sequence[str]) -> None:
        numbers = self.numbers
        self._stream.extend([numbers.setdefault(term, len(numbers)) for term in said])
        self._starts.append(len(self._stream))

    def close(self) -> tuple[Ints, Longs]:
        return np.array(self._stream, dtype=np.int32), np.array(self._starts, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class View:
    """Sentence `s` is `starts[s]:starts[s + 1]` of `stream`."""

    stream: Ints
    starts: Longs
    postings: Postings
    damping: Floats  # by sentence

    @classmethod
    def build(cls, stream: Ints, starts: Longs, firsts: Longs, kinds: int) -> "View":
        """`firsts[p]:firsts[p + 1]` are the sentences of passage `p`."""
        passages, sentences = len(firsts) - 1, len(starts) - 1
        held = stream != BREAK
        within = np.repeat(np.arange(sentences, dtype=np.int32), np.diff(starts))[held]
        owners = np.repeat(np.arange(passages, dtype=np.int32), np.diff(firsts))[within]
        lengths = np.bincount(within, minlength=sentences)
        return cls(
            stream,
            starts,
            Postings.build(stream[held], owners, passages, kinds, _K1, _B),
            damping(lengths, _SENTENCE_K1, _SENTENCE_B),
        )

    def weigh(self, sentences: Longs, sought: Longs) -> Floats:
        """What each of these sentences says of the terms sought (rising), however often it says it."""
        gains = np.zeros(len(sentences), dtype=np.float32)
        places, within = spread(self.starts[sentences], self.starts[sentences + 1])
        said = self.stream[places]
        found = np.minimum(np.searchsorted(sought, said), len(sought) - 1)
        met = sought[found] == said
        once = np.unique(within[met] * len(sought) + found[met])
        within, found = np.divmod(once, len(sought))
        np.add.at(gains, within, self.postings.rarity[sought[found]])
        return gains / (1 + self.damping[sentences])

    @property
    def nbytes(self) -> int:
        return self.stream.nbytes + self.starts.nbytes + self.damping.nbytes + self.postings.nbytes


def spread(starts: Longs, ends: Longs) -> tuple[Longs, Longs]:
    """Every place within these spans, one after the other, and the number of the span it belongs to."""
    lengths: np.ndarray[Any, np.dtype[np.int64]] = ends - starts
    owners = np.repeat(np.arange(len(lengths)), lengths)
    return np.arange(len(owners)) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths), owners
