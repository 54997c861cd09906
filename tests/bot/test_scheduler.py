"""Ticks come at once and again, one at a time; one that fails comes back, and who is late is named."""

import asyncio
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from bot.scheduler import Job, Scheduler

START = datetime(2026, 11, 24, tzinfo=UTC)


class Clock:
    now = START

    def __call__(self) -> datetime:
        return self.now


async def test_a_job_runs_at_once_and_again_with_the_clocks_time() -> None:
    seen: list[datetime] = []
    done = asyncio.Event()

    async def tick(now: datetime) -> None:
        seen.append(now)
        if len(seen) == 3:
            done.set()

    async with Scheduler([Job("tick", timedelta(milliseconds=20), tick)], Clock()):
        await asyncio.wait_for(done.wait(), 10)
    assert set(seen) == {START}


async def test_a_job_that_fails_is_logged_and_comes_again_while_others_go_on() -> None:
    tries, others = 0, asyncio.Event()

    async def fails(now: datetime) -> None:
        nonlocal tries
        tries += 1
        raise KeyError

    async def works(now: datetime) -> None:
        if tries > 1:
            others.set()

    jobs = [Job("fails", timedelta(milliseconds=20), fails), Job("works", timedelta(milliseconds=20), works)]
    with capture_logs() as logs:
        async with Scheduler(jobs, Clock()):
            await asyncio.wait_for(others.wait(), 10)
    assert {"fails"} == {line["job"] for line in logs if line["log_level"] == "error"}


async def test_a_job_never_runs_twice_at_a_time_and_closing_waits_for_it() -> None:
    running, most, finished = 0, 0, 0
    begun = asyncio.Event()

    async def slow(now: datetime) -> None:
        nonlocal running, most, finished
        running += 1
        most = max(most, running)
        begun.set()
        await asyncio.sleep(0.1)
        running -= 1
        finished += 1

    async with Scheduler([Job("slow", timedelta(milliseconds=10), slow)], Clock()):
        await begun.wait()
    assert (most, running) == (1, 0)
    assert finished >= 1


async def test_a_job_that_does_not_come_through_is_named() -> None:
    clock = Clock()
    never = asyncio.Event()

    async def hangs(now: datetime) -> None:
        await never.wait()

    async with Scheduler([Job("hangs", timedelta(seconds=10), hangs)], clock) as scheduler:
        assert scheduler.health(clock()) == {}
        late = START + timedelta(seconds=91)
        assert list(scheduler.health(late)) == ["hangs"]
        never.set()


async def test_a_success_after_a_failure_makes_a_job_well_again() -> None:
    clock, runs, may_work = Clock(), 0, False
    failed, again = asyncio.Event(), asyncio.Event()

    async def sometimes(now: datetime) -> None:
        nonlocal runs
        runs += 1
        if not may_work:
            clock.now += timedelta(minutes=10)
            failed.set()
            raise OSError
        again.set()

    async with Scheduler([Job("sometimes", timedelta(milliseconds=20), sometimes)], clock) as scheduler:
        await asyncio.wait_for(failed.wait(), 10)
        assert list(scheduler.health(clock())) == ["sometimes"]
        may_work = True
        await asyncio.wait_for(again.wait(), 10)
    assert scheduler.health(clock()) == {}
    assert runs > 1


async def test_every_run_is_told_with_its_outcome() -> None:
    told: list[tuple[str, str]] = []
    both = asyncio.Event()

    async def sometimes(now: datetime) -> None:
        if not told:
            raise OSError
        both.set()

    async with Scheduler(
        [Job("sometimes", timedelta(milliseconds=20), sometimes)],
        Clock(),
        lambda job, outcome: told.append((job, outcome)),
    ):
        await asyncio.wait_for(both.wait(), 10)
    assert told[:2] == [("sometimes", "failed"), ("sometimes", "done")]


async def test_a_job_that_hangs_is_cut_off_at_the_end_and_named() -> None:
    begun, ended = asyncio.Event(), False

    async def hangs(now: datetime) -> None:
        nonlocal ended
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended = True

    with capture_logs() as logs:
        async with Scheduler([Job("hangs", timedelta(hours=1), hangs)], Clock(), patience=0.01):
            await begun.wait()
    assert ended
    assert [line["job"] for line in logs if line["event"] == "a tick was cut off"] == ["hangs"]
