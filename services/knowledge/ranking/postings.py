"""Which passages hold a term and how much that says of each (BM25), in flat arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int32]]
Longs = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of term `t` are `offsets[t]:offsets[t + 1]` of `passages` (rising) and `gains`."""

    offsets: Longs
    passages: Ints
    gains: Floats
    rarity: Floats  # by term

    @classmethod
    def build(cls, terms: Ints, owners: Ints, count: int, kinds: int, k1: float, b: float) -> "Postings":
        """Of a running text: its terms (below `kinds`), and the passage (below `count`) each stands in."""
        keys = terms.astype(np.int64)
        keys *= count
        keys += owners
        keys, times = np.unique(keys, return_counts=True)
        held, passages = np.divmod(keys, max(count, 1))
        offsets = np.searchsorted(held, np.arange(kinds + 1))
        rarity = _rarity(np.diff(offsets), count)
        gains = times.astype(np.float32)
        gains /= gains + damping(np.bincount(owners, minlength=count), k1, b)[passages]
        gains *= rarity[held]
        return cls(offsets, passages.astype(np.int32), gains, rarity)

    def of(self, term: int) -> tuple[Ints, Floats]:
        held = slice(self.offsets[term], self.offsets[term + 1])
        return self.passages[held], self.gains[held]

    @property
    def nbytes(self) -> int:
        return self.offsets.nbytes + self.passages.nbytes + self.gains.nbytes + self.rarity.nbytes


def damping(lengths: Longs, k1: float, b: float) -> Floats:
    """What BM25 sets against a count: more in a long text, where any word comes up more easily."""
    usual = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    return (k1 * (1 - b + b * lengths / usual)).astype(np.float32)


def _rarity(holders: Longs, count: int) -> Floats:
    return np.log1p((count - holders + 0.5) / (holders + 0.5)).astype(np.float32)
