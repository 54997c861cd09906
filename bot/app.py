"""The composition root: the one place where the parts of the service meet."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from aiohttp import web
from sqlalchemy import text

from bot.channels.webchat import WebChat, WebChatLimits
from bot.channels.webcookie import Cookie
from bot.config import Settings
from bot.jobs import Ticks, jobs
from bot.keys import open_vault
from bot.measures import Measures
from bot.scheduler import Scheduler
from bot.web import caller, create_web, pages, static_version
from db.migrate import migrate
from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services.knowledge import shelf as shelves
from services.knowledge.shelf import Shelf
from services.messaging import Reply, Update


class Role(StrEnum):
    ALL = "all"
    WEB = "web"  # answers
    WORKER = "worker"  # ticks and delivers


@dataclass(frozen=True)
class Service:
    """The running parts that somebody outside asks for."""

    settings: Settings
    database: Database
    shelf: Shelf
    dispatch: Callable[[Update], Awaitable[Reply]]
    webchat: WebChat
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
        desk = open_desk(settings, shelf)
        measures = Measures()
        measures.clauses.set_function(lambda: len(shelf.library.passages))
        dispatch = measures.measured(Dispatch(database, desk, clock=clock))
        webchat = _webchat(settings, database, dispatch)
        ticks = Ticks(database, shelf, settings)
        scheduler = Scheduler(jobs(ticks, worker=role is not Role.WEB), clock)
        await stack.enter_async_context(scheduler)
        await stack.enter_async_context(webchat.streams)
        yield Service(
            settings, database, shelf, dispatch, webchat,
            create_web(
                desk.texts,
                webchat.routes(),
                {"database": _reachable(database), "ticks": _ticking(scheduler, clock)},
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


def open_desk(settings: Settings, shelf: Shelf) -> Desk:
    return Desk(
        office=settings.service.office,
        office_hours=settings.service.office_hours,
        zone=settings.zone,
        conversation_days=settings.privacy.conversation_days,
        library=lambda: shelf.library,
        answers=shelf.answers,
    )


def _webchat(
    settings: Settings, database: Database, dispatch: Callable[[Update], Awaitable[Reply]]
) -> WebChat:
    limits = WebChatLimits(
        settings.web.text_limit, settings.web.per_person_minute, settings.web.per_address_minute
    )
    page = pages().get_template("web/chat.html").render(
        office=settings.service.office, version=static_version(), limits={"text": limits.text}
    )  # fmt: skip
    cookie = Cookie(
        database.vault,
        days=settings.web.cookie_days,
        secure=settings.service.base_url.startswith("https://"),
    )
    return WebChat(database, dispatch, page.encode(), cookie, limits, caller(settings.web.trust_proxy))


def _reachable(database: Database) -> Callable[[], Awaitable[str]]:
    async def check() -> str:
        await database.read(lambda session: session.execute(text("SELECT 1")).scalar_one())
        return ""

    return check


def _ticking(scheduler: Scheduler, clock: Callable[[], datetime]) -> Callable[[], Awaitable[str]]:
    async def check() -> str:
        return ", ".join(f"{name}: {state}" for name, state in scheduler.health(clock()).items())

    return check
