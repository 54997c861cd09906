"""Everything that happens by itself: what, how often, and in which role of the service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot.config import Settings
from bot.scheduler import Job
from db.session import Database
from services import (
    audit,
    booking,
    campaign_runs,
    campaigns,
    event_ticks,
    holds,
    offers,
    opening_notices,
    planning,
    privacy,
    reminders,
    signups,
)
from services.booking_desk import BookingDesk
from services.campaign_terms import CampaignDesk
from services.event_terms import EventDesk
from services.knowledge.shelf import Shelf

Tick = Callable[[datetime], Awaitable[None]]


@dataclass(frozen=True)
class Ticks:
    """What the ticks work on."""

    database: Database
    shelf: Shelf
    settings: Settings
    booking: BookingDesk
    events: EventDesk

    async def refresh_library(self, now: datetime) -> None:
        await self.shelf.refresh(self.database)

    async def forget(self, now: datetime) -> None:
        keep = self.settings.privacy
        await self.database.run(
            lambda session: privacy.expire(session, now, keep.conversation_days, keep.question_days)
        )
        until = now - timedelta(days=keep.audit_days)
        await self.database.run(lambda session: audit.prune(session, until, now))

    async def forget_details(self, now: datetime) -> None:
        kept = timedelta(days=self.settings.privacy.appointment_days)
        until = self.booking.plan.local_day(now) - kept
        await self.database.run(lambda session: booking.expire_details(session, until, now))
        await self.database.run(lambda session: signups.forget_old(session, now - kept))

    async def plan_cycles(self, now: datetime) -> None:
        await self.database.run(lambda session: planning.plan_ahead(session, self.booking, now))

    async def pass_seats_on(self, now: datetime) -> None:
        """Holds and offers whose time is over; whoever waits gets what is free."""
        for due in (holds.expire_holds, offers.expire_offers, offers.serve_lines):
            await self.database.run(partial(_due, due, self.booking, now))

    async def advance_campaigns(self, now: datetime) -> None:
        """Bit by bit, each in a transaction of its own; counting is left to the readers."""
        while await self.database.run(partial(_campaigns, self.events.campaigns, now)):
            pass
        started = await self.database.read(campaign_runs.uncounted)
        if started is not None:
            counted = await self.database.read(lambda s: campaigns.preview(s, started, now))
            await self.database.run(lambda s: campaign_runs.note_excluded(s, started, counted.excluded))

    async def advance_events(self, now: datetime) -> None:
        """Offers, reminders, ends and questions, some at a time."""
        while await self.database.run(partial(_events, self.events, now)):
            pass

    async def tell_opened(self, now: datetime) -> None:
        await self.database.run(
            lambda session: opening_notices.tell_opened(session, self.booking, self.events.campaigns, now)
        )

    async def remind(self, now: datetime) -> None:
        await self.database.run(lambda session: reminders.queue_due(session, self.booking, now))


def _due(
    work: Callable[[Session, BookingDesk, datetime], int], desk: BookingDesk, now: datetime, session: Session
) -> int:
    return work(session, desk, now)


def _campaigns(desk: CampaignDesk, now: datetime, session: Session) -> bool:
    return campaign_runs.advance(session, desk, now)


def _events(desk: EventDesk, now: datetime, session: Session) -> int:
    return event_ticks.advance(session, desk, now)


def jobs(ticks: Ticks, *, worker: bool) -> list[Job]:
    """Every process keeps its library fresh; a worker does the rest, however many there are."""
    everywhere = [
        Job("library", timedelta(seconds=ticks.settings.knowledge.refresh_seconds), ticks.refresh_library)
    ]
    of_a_worker = [
        Job("forget", timedelta(hours=6), ticks.forget),
        Job("details", timedelta(hours=6), ticks.forget_details),
        Job("cycles", timedelta(minutes=30), ticks.plan_cycles),
        Job("seats", timedelta(seconds=15), ticks.pass_seats_on),
        Job("openings", timedelta(minutes=1), ticks.tell_opened),
        Job("reminders", timedelta(minutes=1), ticks.remind),
        Job("events", timedelta(seconds=15), ticks.advance_events),
        Job("campaigns", timedelta(seconds=1), ticks.advance_campaigns),
    ]
    return everywhere + (of_a_worker if worker else [])
