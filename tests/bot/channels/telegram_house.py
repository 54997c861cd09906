"""Our channel against the Bot API of the tests, with a dispatch that the test writes itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.channels.telegram_patience import Patience
from bot.channels.telegram_tour import Webhook
from bot.pace import Pace
from services.messaging import Message, Reply, Update
from services.texts import Texts
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram, bring

QUICK = Patience(pauses=(0.01, 0.01), midway=2, rest=0.05, seconds=0, times=3, look=0.02)


@dataclass
class Seat:
    """The place of whoever polls."""

    held: bool = True
    given_up: bool = False

    async def take(self) -> bool:
        return False

    async def give_up(self) -> None:
        self.given_up = True


@dataclass
class House:
    channel: TelegramChannel
    unsaid: list[str] = field(default_factory=list)
    bring: Callable[[object], Awaitable[int]] = None  # type: ignore[assignment]


async def echo(update: Update) -> Reply:
    return Reply((Message(update.text or update.kind.value),))


Dispatch = Callable[[Update], Awaitable[Reply]]


@asynccontextmanager
async def hooked(
    telegram: FakeTelegram, dispatch: Dispatch = echo, patience: Patience = QUICK
) -> AsyncIterator[House]:
    account = TelegramAccount(TOKEN, telegram.url, webhook=Webhook("https://office.test/telegram", "s3cret"))
    unsaid: list[str] = []
    channel = TelegramChannel(account, dispatch, Texts(), Pace(25), unsaid=unsaid.append, patience=patience)
    app = web.Application()
    app.add_routes(channel.routes())
    async with channel, TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        await telegram.said(1, "setChatMenuButton")
        url = str(server.make_url("/telegram"))
        yield House(channel, unsaid, lambda update: bring(session, url, update))


@asynccontextmanager
async def polling(
    telegram: FakeTelegram,
    dispatch: Dispatch = echo,
    patience: Patience = QUICK,
    seat: Seat | None = None,
) -> AsyncIterator[House]:
    unsaid: list[str] = []
    account = TelegramAccount(TOKEN, telegram.url)
    channel = TelegramChannel(
        account, dispatch, Texts(), Pace(25), polls=seat or Seat(), unsaid=unsaid.append, patience=patience
    )
    async with channel:
        yield House(channel, unsaid)
