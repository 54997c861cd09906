"""The pace under a clock of our own: never more in a second than allowed, next to nothing of the rate lost."""

import asyncio
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pace import Pace

RATES = st.one_of(st.integers(1, 60), st.floats(0.2, 60))


class Clock:
    """Sleeping costs no time here; `late` says by how much each sleep oversleeps, over and over."""

    def __init__(self, late: tuple[float, ...] = (0.0,)):
        self.now, self._late, self._slept = 1000.0, late, 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + self._late[self._slept % len(self._late)]
        self._slept += 1


def pace_of(rate: float, clock: Clock) -> Pace:
    return Pace(rate, clock, clock.sleep)


async def starts(pace: Pace, clock: Clock, number: int) -> list[float]:
    found = []
    for _ in range(number):
        async with pace.turn():
            found.append(clock.now)
    return found


def most_in_a_second(starts: list[float]) -> int:
    return max(sum(begin <= one < begin + 1 for one in starts) for begin in starts)


async def test_starts_lie_in_an_even_row() -> None:
    clock = Clock()
    found = await starts(pace_of(25, clock), clock, 100)
    gaps = [after - before for before, after in pairwise(found)]
    assert max(gaps) - min(gaps) < 1e-6


@settings(deadline=None, max_examples=60)
@given(
    rate=RATES,
    late=st.lists(st.floats(0, 2), min_size=1, max_size=7),
    breaks=st.lists(st.floats(0, 3), min_size=1, max_size=7),
)
def test_no_second_sees_more_than_its_rate_whatever_comes_late(
    rate: float, late: list[float], breaks: list[float]
) -> None:
    """The bound is the rate itself, rounded up where it is not whole."""
    clock = Clock(tuple(late))
    pace = pace_of(rate, clock)

    async def work() -> list[float]:
        found = []
        for rest in breaks:
            found += await starts(pace, clock, 40)
            clock.now += rest
        return found

    assert most_in_a_second(asyncio.run(work())) <= math.ceil(rate)


@settings(deadline=None, max_examples=40)
@given(rate=RATES, late=st.lists(st.floats(0, 0.002), min_size=1, max_size=7))
def test_nearly_all_of_the_rate_is_used_while_work_waits(rate: float, late: list[float]) -> None:
    """With sleeps as late as those of a real loop."""
    clock = Clock(tuple(late))
    pace, number = pace_of(rate, clock), 60 * math.ceil(rate)
    found = asyncio.run(starts(pace, clock, number))
    assert (number - 1) / (found[-1] - found[0]) >= 0.99 * rate


@settings(deadline=None, max_examples=40)
@given(
    rate=st.integers(5, 60),
    ways=st.lists(st.floats(0, 0.004), min_size=19, max_size=19),
    late=st.lists(st.floats(0, 0.1), min_size=1, max_size=7),
)
def test_a_peer_that_counts_what_arrives_never_sees_more_though_some_arrive_late(
    rate: int, ways: list[float], late: list[float]
) -> None:
    """One in twenty is late on its way, as after a standstill of ours, of the peer, or of the net."""
    clock = Clock()
    pace = pace_of(rate, clock)

    async def work() -> list[float]:
        found = []
        for number in range(12 * rate):
            slow = late[number // 20 % len(late)] if number % 20 == 19 else 0.0
            async with pace.turn():
                clock.now += 0.001 + ways[number % 19] + slow
                found.append(clock.now)
                clock.now += 0.002
        return found

    assert most_in_a_second(asyncio.run(work())) <= rate


async def test_a_short_standstill_is_caught_up_and_a_long_one_makes_no_burst() -> None:
    for standstill, at_once in ((0.08, 2), (60.0, 3)):
        clock = Clock()
        pace = pace_of(30, clock)
        await starts(pace, clock, 30)
        clock.now += standstill
        found = await starts(pace, clock, 20)
        assert found.count(found[0]) == at_once


async def test_room_is_what_can_start_soon_beside_those_in_line() -> None:
    clock = Clock()
    pace = pace_of(100, clock)
    assert pace.room(0.02, 50) == 2
    assert pace.room(10, 50) == 50
    await starts(pace, clock, 1)
    assert pace.room(0.001, 50) == 0
    await pace.near(0.005)
    assert pace.room(0.005, 50) == 1


async def test_who_asks_first_goes_first_and_who_gives_up_costs_nothing() -> None:
    pace, went = Pace(50), []

    async def one(name: int) -> None:
        async with pace.turn():
            went.append(name)

    tasks = [asyncio.create_task(one(name)) for name in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert went == [0, 1, 3]
    assert pace.room(10, 50) == 50


@pytest.mark.parametrize("rate", [0.5, 1, 2.5])
async def test_a_slow_pace_waits_whole_seconds(rate: float) -> None:
    clock = Clock()
    found = await starts(pace_of(rate, clock), clock, 3)
    assert found[1] - found[0] == pytest.approx(1 / rate, rel=0.01)
