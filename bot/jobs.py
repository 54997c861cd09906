"""Everything that happens by itself: what, how often, and in which role of the service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config import Settings
from bot.scheduler import Job
from db.session import Database
from services import privacy
from services.knowledge.shelf import Shelf

Tick = Callable[[datetime], Awaitable[None]]


@dataclass(frozen=True)
class Ticks:
    """What the ticks work on."""

    database: Database
    shelf: Shelf
    settings: Settings

    async def refresh_library(self, now: datetime) -> None:
        await self.shelf.refresh(self.database)

    async def forget(self, now: datetime) -> None:
        keep = self.settings.privacy
        await self.database.run(
            lambda session: privacy.expire(session, now, keep.conversation_days, keep.question_days)
        )


def jobs(ticks: Ticks, *, worker: bool) -> list[Job]:
    """Every process keeps its library fresh; a worker does the rest, however many there are."""
    everywhere = [
        Job("library", timedelta(seconds=ticks.settings.knowledge.refresh_seconds), ticks.refresh_library)
    ]
    return everywhere + ([Job("forget", timedelta(hours=6), ticks.forget)] if worker else [])
