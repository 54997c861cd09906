"""An account in front of a dispatch that tests hold in their hand, as the platform and as a person see it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.wechat import WeChatChannel
from bot.channels.wechat_account import Account
from bot.channels.wechat_api import WeChatApi
from db.session import Database
from services.messaging import Button, Message, Reply, Update
from tests.bot.channels.platform import AES_KEY, APP_ID, TOKEN, Platform
from tests.bot.channels.platform_api import SECRET, PlatformApi

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Office:
    """Answers `text` with `答text`, or with what was laid out for it; waits before that if it is held."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.updates: list[Update] = []
        self.fault: Exception | None = None
        self._held: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def __call__(self, update: Update) -> Reply:
        self.updates.append(update)
        if update.text in self._held:
            await self._held[update.text].wait()
        if self.fault is not None:
            raise self.fault
        return self.replies.get(update.text, Reply((Message(f"答{update.text}"),)))

    def hold(self, text: str) -> None:
        self._held[text].clear()

    def let_go(self, text: str) -> None:
        self._held[text].set()


class Chat:
    """`async with` it. `api`: whether the account may use customer service. Several may share one database."""

    def __init__(
        self, database: Database, api: PlatformApi | None = None, *, safe: bool = False, **more: Any
    ):
        self.database, self.office = database, Office()
        self.now = NOON
        self.platform = Platform(safe, NOON.timestamp())
        account = Account(TOKEN, APP_ID, SECRET, AES_KEY if safe else "", **more.pop("account", {}))
        server = WeChatApi(api.url, APP_ID, SECRET, database, lambda: self.now) if api else None
        dispatch = more.pop("dispatch", self.office)
        self.channel = WeChatChannel(account, dispatch, database, api=server, clock=lambda: self.now, **more)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(self.channel.routes())
        self.client: TestClient[Any, Any] = TestClient(TestServer(app))
        await self.client.start_server()
        await self.channel.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        await self.channel.__aexit__()

    async def post(self, xml: str | bytes) -> tuple[int, str]:
        query, body = self.platform.push(xml)
        async with self.client.post("/wechat", params=query, data=body) as response:
            return response.status, await response.text()

    async def push(self, xml: str) -> str:
        """What the person sees at once: '' when it was `success`."""
        status, body = await self.post(xml)
        assert status == 200
        return "" if body == "success" else self.platform.answer(body)["Content"]

    async def say(self, text: str) -> str:
        self.later(seconds=1)
        return await self.push(self.platform.message(Content=text))

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)
        self.platform.now = self.now.timestamp()


async def until(true: Callable[[], bool]) -> None:
    """Gives the others their turn until it is true; ten seconds at most."""
    for _ in range(2_000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came true")


def choices(*labels: str, text: str = "请选：") -> Message:
    return Message(text, tuple(Button(label, f"choice:{label}") for label in labels))
