"""Who writes too fast waits; nobody else does; and memory stays small."""

from hypothesis import given
from hypothesis import strategies as st

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


@given(st.integers(1, 600), st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_who_waits_as_told_is_let_through_and_not_a_moment_sooner(
    per_minute: int, pauses: list[float]
) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    for pause in pauses:
        clock.now += pause
        while not (told := limit.wait("chen")):
            pass
        assert 0 < told <= 60 / per_minute + 1e-6
        clock.now += told * 0.99
        assert limit.wait("chen") > 0
        clock.now += told * 0.01
        assert limit.wait("chen") == 0


@given(st.integers(1, 30), st.lists(st.floats(0, 20), max_size=200))
def test_no_minute_lets_more_through_than_a_full_bucket_and_its_refill(
    per_minute: int, gaps: list[float]
) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    through: list[float] = []
    for gap in gaps:
        clock.now += gap
        if not limit.wait("chen"):
            through.append(clock.now)
    assert all(sum(begin <= one <= begin + 60 for one in through) <= 2 * per_minute for begin in through)
