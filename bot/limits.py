"""Pacing of those who write too fast, in memory that does not grow with them."""

import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_KEYS = 50_000
_ONE = 1 - 1e-6  # who waits exactly as long as told is let through, whatever was rounded


class RateLimit:
    """A bucket for each key: `per_minute` at once, refilled evenly. The key longest unused is forgotten first."""

    def __init__(
        self, per_minute: int, clock: Callable[[], float] = time.monotonic, most_keys: int = _MOST_KEYS
    ):
        self._capacity, self._per_second = float(per_minute), per_minute / 60
        self._clock, self._most = clock, most_keys
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """0: go on. Else the seconds after which the next one is let through; nothing is used up."""
        now = self._clock()
        left, at = self._left.pop(key, (self._capacity, now))
        left = min(self._capacity, left + (now - at) * self._per_second)
        allowed = left >= _ONE
        self._left[key] = (max(0.0, left - 1) if allowed else left, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_second
