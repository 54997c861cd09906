"""Answers and notices are two lanes; a pause is kept where it was asked for, and nowhere else."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.channels.telegram_lanes import Lanes
from bot.pace import Pace


class Api:
    """Tells whom it is told to, once each, to wait for a minute."""

    def __init__(self, *paused: int):
        self.paused, self.asked = list(paused), []  # type: ignore[var-annotated]

    def call(self, chat: int) -> Callable[[], Any]:
        async def answer() -> str:
            self.asked.append(chat)
            if chat in self.paused:
                self.paused.remove(chat)
                raise RetryAfter(timedelta(seconds=60))
            return "said"

        return answer

    async def through(self, lanes: Lanes, chat: int, *, notice: bool = False) -> str:
        return await lanes.through(self.call(chat), chat, notice=notice)  # type: ignore[no-any-return]


@pytest.fixture
def time() -> list[float]:
    return [1000.0]


@pytest.fixture
def lanes(time: list[float]) -> Lanes:
    return Lanes(Pace(1000), lambda: time[0])


async def left(refused: Awaitable[str]) -> float:
    with pytest.raises(RetryAfter) as told:
        await refused
    after = told.value.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else after


async def test_a_pause_of_one_chat_is_kept_by_it_alone_and_ends_on_time(
    lanes: Lanes, time: list[float]
) -> None:
    api = Api(1)
    assert await left(api.through(lanes, 1)) == 60
    time[0] += 10
    assert await left(api.through(lanes, 1)) == 50
    assert await api.through(lanes, 2) == "said"
    assert api.asked == [1, 2], "who is to wait is not asked for again"
    time[0] += 50
    assert await api.through(lanes, 1) == "said"


async def test_a_pause_of_notices_stops_all_of_them_and_no_answer(lanes: Lanes, time: list[float]) -> None:
    api = Api(1)
    assert await left(api.through(lanes, 1, notice=True)) == 60
    time[0] += 59
    assert await left(api.through(lanes, 2, notice=True)) == 1
    assert await api.through(lanes, 1) == "said"
    time[0] += 1
    assert await api.through(lanes, 2, notice=True) == "said"


async def test_a_pause_of_answers_stops_no_notice(lanes: Lanes) -> None:
    api = Api(1)
    await left(api.through(lanes, 1))
    assert await api.through(lanes, 2, notice=True) == "said"


async def test_each_call_of_a_notice_has_its_turn_and_no_answer_waits_for_one() -> None:
    api, lanes, loop = Api(), Lanes(Pace(20)), asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(api.through(lanes, 1, notice=True) for _ in range(5)))
    assert loop.time() - began >= 4 / 20
    began = loop.time()
    await asyncio.gather(*(api.through(lanes, 1) for _ in range(5)))
    assert loop.time() - began < 1 / 20
