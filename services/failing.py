"""When a broadcast fails too often: counted over its last tries, so that staff hear of it while most still wait."""

from collections import Counter, defaultdict, deque

from services.delivery import DeliveryStatus
from services.outgoing import Claimed, Settled

_TRIES, _FEWEST = 100, 20  # the last tries that count, and how many there must be
_THEIRS = frozenset({"blocked"})  # people who left: no fault of the broadcast


class Failing:
    """Told of every outcome once, it says which one carried its broadcast past the threshold."""

    def __init__(self, percent: int):
        self._percent = percent
        self._tries: dict[tuple[str, str], deque[str]] = defaultdict(lambda: deque(maxlen=_TRIES))

    def after(self, claimed: Claimed, settled: Settled) -> str:
        """The word heard most, if the broadcast has to stop here; else ''."""
        word = _word(settled)
        if not claimed.bulk or word is None:
            return ""
        tries = self._tries[claimed.reason, claimed.subject]
        tries.append(word)
        if not word:  # nearly always: nothing to count
            return ""
        failures = Counter(word for word in tries if word)
        if len(tries) < _FEWEST or failures.total() * 100 <= self._percent * len(tries):
            return ""
        del self._tries[claimed.reason, claimed.subject]  # once resumed, it is counted anew
        return failures.most_common(1)[0][0]


def _word(settled: Settled) -> str | None:
    """'' for what went well; None for what tells nothing: asked to wait, left, no way there."""
    if settled.status in (DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED):
        return None if settled.outcome in _THEIRS else settled.outcome
    return "" if settled.status is DeliveryStatus.SENT else None
