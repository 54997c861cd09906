"""When a broadcast fails too often: counted over its last tries, so that staff hear of it while most still wait."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator

from services.delivery import DeliveryStatus
from services.outgoing import Claimed, Settled

_TRIES, _FEWEST = 100, 20  # the last tries that count, and how many there must be
_THEIRS = frozenset({"blocked"})  # people who left: no fault of the broadcast


class Failing:
    """`after(outcomes)` names each broadcast that passed the threshold, with the word heard most."""

    def __init__(self, percent: int):
        self._percent = percent
        self._tries: dict[tuple[str, str], deque[str]] = defaultdict(lambda: deque(maxlen=_TRIES))

    def after(self, outcomes: Iterable[tuple[Claimed, Settled]]) -> Iterator[tuple[str, str, str]]:
        touched = set()
        for claimed, settled in outcomes:
            if claimed.bulk and (word := _word(settled)) is not None:
                self._tries[claimed.reason, claimed.subject].append(word)
                touched.add((claimed.reason, claimed.subject))
        for reason, subject in touched:
            tries = self._tries[reason, subject]
            failures = Counter(word for word in tries if word)
            if len(tries) >= _FEWEST and failures.total() * 100 > self._percent * len(tries):
                del self._tries[reason, subject]  # once resumed, it is counted anew
                yield reason, subject, failures.most_common(1)[0][0]


def _word(settled: Settled) -> str | None:
    """'' for what went well; None for what tells nothing: asked to wait, left, no way there."""
    if settled.status in (DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED):
        return None if settled.outcome in _THEIRS else settled.outcome
    return "" if settled.status is DeliveryStatus.SENT else None
