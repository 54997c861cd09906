"""The composition root: the one place where the parts of the service meet."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from aiohttp import web
from sqlalchemy import text

from bot.booking_pages import BookingPages
from bot.booking_plan import booking_desk
from bot.campaign_desk import event_desk
from bot.channels.webchat import WebChat
from bot.config import Settings
from bot.delivering import Sender
from bot.event_pages import EventPages
from bot.file_pages import FilePages
from bot.jobs import Ticks, jobs
from bot.keys import open_vault
from bot.measures import Measures
from bot.scheduler import Job, Scheduler
from bot.staff_pages import StaffPages
from bot.watching import Watching
from bot.web import create_web
from bot.wiring import (
    at_pace,
    halting,
    manners,
    open_paces,
    open_telegram,
    open_webchat,
    open_wechat,
    reaching,
    sending,
    spreading,
)
from db.migrate import migrate
from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services.delivery import announce
from services.knowledge import shelf as shelves
from services.knowledge.shelf import Shelf
from services.messaging import Channel, Reply, Update
from services.texts import Texts

_TELEGRAM = frozenset(
    {"telegram"}
)  # abroad: what is personal stays out of it unless the office decides otherwise
_EDITING = frozenset({"telegram"})  # has a way to change what was said there


class Role(StrEnum):
    ALL = "all"
    WEB = "web"  # answers
    WORKER = "worker"  # ticks and delivers


@dataclass(frozen=True)
class Service:
    """The running parts that somebody outside asks for."""

    settings: Settings
    database: Database
    desk: Desk
    shelf: Shelf
    dispatch: Callable[[Update], Awaitable[Reply]]
    webchat: WebChat
    channels: Mapping[str, Channel]  # by name: whoever sends looks its way up here
    web: web.Application


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def service(
    settings: Settings, role: Role = Role.ALL, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Service]:
    """Opens everything in order and closes it in reverse. Serving HTTP is up to the caller."""
    async with AsyncExitStack() as stack:
        database = await asyncio.to_thread(open_database, settings)
        stack.push_async_callback(database.close)
        shelf = Shelf()
        await shelf.refresh(database)
        measures = Measures()
        desk = open_desk(settings, shelf, measures)
        measures.clauses.set_function(lambda: len(shelf.library.passages))
        dispatch = measures.measured(Dispatch(database, desk, clock=clock))
        webchat = open_webchat(settings, database, dispatch)
        ticks = Ticks(database, shelf, settings, desk.booking, desk.events)
        channels: dict[str, Channel] = {webchat.name: webchat}
        watching = Watching(database, channels, desk)
        due = jobs(ticks, worker=role is not Role.WEB)
        if role is not Role.WEB:
            due.append(Job("watching", timedelta(seconds=2), watching.tick))
        scheduler = Scheduler(due, clock, measures.ticked)
        await stack.enter_async_context(scheduler)
        await stack.enter_async_context(webchat.streams)
        paces = open_paces(settings)
        routes = webchat.routes() + BookingPages(database, desk, clock).routes()
        routes += EventPages(database, desk, clock).routes()
        routes += StaffPages(webchat, settings.service.office).routes()
        routes += FilePages(database, desk.office, clock).routes()
        checks = {"database": _reachable(database), "ticks": _ticking(scheduler, clock)}
        if settings.wechat.token.get_secret_value():
            wechat = open_wechat(settings, database, dispatch, desk.texts, clock)
            await stack.enter_async_context(wechat)
            channels[wechat.name] = wechat
            routes += wechat.routes()
            checks[wechat.name] = _well(wechat.health)
        if settings.telegram.token.get_secret_value():
            polls = role is not Role.WEB
            unsaid = partial(measures.unsaid, "telegram")
            telegram = open_telegram(
                settings, database, dispatch, desk.texts, paces["telegram"], clock, polls=polls, unsaid=unsaid
            )
            await stack.enter_async_context(telegram)
            channels[telegram.name] = telegram
            routes += telegram.routes()
            checks[telegram.name] = telegram.health
        if role is not Role.WEB:
            for channel in channels.values():
                pace = paces[channel.name]
                sender = Sender(
                    database,
                    at_pace(channel, pace),
                    manners(settings),
                    pace,
                    clock,
                    measures.delivered,
                    halting(desk.campaigns),
                )
                await stack.enter_async_context(sender)
        yield Service(
            settings, database, desk, shelf, dispatch, webchat, channels,
            create_web(
                desk.texts,
                desk.office,
                routes,
                checks,
                measures.text,
                body_limit=settings.web.body_limit,
                metrics_token=settings.web.metrics_token.get_secret_value(),
            ),
        )  # fmt: skip


def open_database(settings: Settings) -> Database:
    """Opened, migrated, and never empty: a new one gets the documents that come with the service."""
    keys = [key.get_secret_value() for key in settings.service.secret_keys]
    vault = open_vault(keys, settings.service.data_dir)
    database = Database(settings.database_url, vault, pool=settings.database.pool)
    try:
        migrate(database.engine)
        database.run_now(lambda session: shelves.seed(session, utc_now()))
    except BaseException:
        database.close_now()
        raise
    return database


def open_desk(settings: Settings, shelf: Shelf, measures: Measures) -> Desk:
    texts = Texts()
    return Desk(
        office=settings.service.office,
        office_hours=settings.service.office_hours,
        zone=settings.zone,
        conversation_days=settings.privacy.conversation_days,
        library=lambda: shelf.library,
        answers=measures.answering(shelf.answers),
        booking=booking_desk(settings, announce, texts),
        events=event_desk(settings, announce, texts),
        base_url=settings.service.base_url,
        channels_without_details=frozenset() if settings.telegram.personal_details else _TELEGRAM,
        channels_that_edit=_EDITING,
        channels_that_send=sending(settings),
        channels_that_reach=reaching(settings),
        channels_of_news=spreading(settings),
        texts=texts,
    )


def _well(health: Callable[[], str]) -> Callable[[], Awaitable[str]]:
    async def check() -> str:
        return health()

    return check


def _reachable(database: Database) -> Callable[[], Awaitable[str]]:
    async def check() -> str:
        await database.read(lambda session: session.execute(text("SELECT 1")).scalar_one())
        return ""

    return check


def _ticking(scheduler: Scheduler, clock: Callable[[], datetime]) -> Callable[[], Awaitable[str]]:
    async def check() -> str:
        return ", ".join(f"{name}: {state}" for name, state in scheduler.health(clock()).items())

    return check
