"""Timers that only wake up: what is due stands in the database, so a missed tick loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

_LATE = 3  # intervals without a success after which a tick counts as sick
_GRACE = timedelta(minutes=1)
_PATIENCE = 30.0  # seconds that closing waits for a tick at work
_FAREWELL = 2.0  # and then for one that was cut off

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    every: timedelta
    run: Callable[[datetime], Awaitable[None]]


class Scheduler:
    """Runs each job at once and then at its pace, never twice at a time. One that fails is logged and comes again."""

    def __init__(
        self,
        jobs: Sequence[Job],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticked: Callable[[str, str], None] = lambda job, outcome: None,
        patience: float = _PATIENCE,
    ):
        """`ticked` is told of every run: the job's name, and done or failed."""
        self._jobs, self._clock, self._ticked, self._patience = jobs, clock, ticked, patience
        self._timers = AsyncIOScheduler(timezone=UTC)
        self._done_at: dict[str, datetime] = {}
        self._at_work: dict[asyncio.Task[Any], str] = {}

    async def __aenter__(self) -> "Scheduler":
        now = self._clock()
        for job in self._jobs:
            self._done_at[job.name] = now
            self._timers.add_job(
                self._tick,
                "interval",
                args=[job],
                seconds=job.every.total_seconds(),
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=3600,
                next_run_time=datetime.now(UTC),
            )
        self._timers.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing new begins; what is at work may finish, but not hold up the end for ever."""
        self._timers.pause()
        await _ended(self._at_work, self._patience)
        for name in self._at_work.values():
            log.warning("a tick was cut off", job=name)
        self._timers.shutdown(wait=False)  # cancels them
        await _ended(self._at_work, _FAREWELL)

    def health(self, now: datetime) -> dict[str, str]:
        """The ticks that have not come through for too long."""
        return {
            job.name: f"not since {self._done_at[job.name].isoformat(timespec='seconds')}"
            for job in self._jobs
            if now - self._done_at[job.name] > _LATE * job.every + _GRACE
        }

    async def _tick(self, job: Job) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._at_work[task] = job.name
        try:
            await job.run(self._clock())
            self._done_at[job.name] = self._clock()
            self._ticked(job.name, "done")
        except Exception:
            self._ticked(job.name, "failed")
            log.exception("a tick failed", job=job.name)
        finally:
            del self._at_work[task]


async def _ended(tasks: Collection[asyncio.Task[Any]], seconds: float) -> None:
    if tasks:
        await asyncio.wait(tuple(tasks), timeout=seconds)
