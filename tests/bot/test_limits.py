"""Who writes too fast waits; nobody else does; and memory stays small."""

from bot.limits import RateLimit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_goes_through_at_once_and_then_evenly() -> None:
    clock = Clock()
    limit = RateLimit(6, clock)
    assert [limit.wait("chen") for _ in range(6)] == [0.0] * 6
    assert limit.wait("chen") == 10.0
    clock.now = 9.9
    assert limit.wait("chen") > 0
    clock.now = 10.1
    assert limit.wait("chen") == 0


def test_others_do_not_wait() -> None:
    limit = RateLimit(1, Clock())
    assert [limit.wait("chen"), limit.wait("li")] == [0.0, 0.0]
    assert limit.wait("chen") > 0


def test_the_longest_unused_is_forgotten_first() -> None:
    limit = RateLimit(1, Clock(), most_keys=2)
    for key in ("chen", "li", "wang"):
        limit.wait(key)
    assert len(limit._left) == 2
    assert limit.wait("wang") > 0
    assert limit.wait("chen") == 0
