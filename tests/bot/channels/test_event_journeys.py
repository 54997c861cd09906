"""An event on every channel at once: announced, signed up for by the notice's own button, reminded of, come to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, service
from bot.jobs import Ticks
from services import campaign_reports, campaigns, checkins, event_reports
from services.staff import Role
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram
from tests.bot.channels.guests import NOON, OnTelegram, OnWeChat
from tests.bot.channels.platform import APP_ID
from tests.bot.channels.platform import TOKEN as WECHAT_TOKEN
from tests.bot.channels.platform_api import SECRET, PlatformApi
from tests.bot.conftest import Client, settings
from tests.services.events.town import Town

START = datetime(2026, 12, 5, 6, tzinfo=NOON.tzinfo)  # a Saturday, 14:00 in 江门
FORM = "标题：龙溪聚贤坊：成果对接\n时间：2026-12-05 14:00-16:00\n地点：江海人才岛三楼\n名额：30"


class OnWeb:
    """One browser; `staff` is a colleague's."""

    def __init__(self, client: Client):
        self.client, self.last = client, {}  # type: ignore[var-annotated]

    async def say(self, text: str) -> str:
        return await self._send({"text": text})

    async def choose(self, choice: str) -> str:
        return await self._send({"choice": choice})

    async def tap(self, label: str) -> str:
        return await self.choose(_choice(self.last, label))

    async def hears(self, words: str) -> str:
        async def look() -> dict[str, Any] | None:
            turns = (await (await self.client.get("/chat/history")).json())["turns"]
            said = [message for turn in turns for message in turn["messages"] if words in message["text"]]
            return said[-1] if said else None

        self.last = await _until(look)
        return str(self.last["text"])

    async def _send(self, words: dict[str, str]) -> str:
        said = await (await self.client.post("/chat/messages", json=words)).json()
        self.last = next(message for message in said["messages"] if message["buttons"])
        return str(said["messages"][0]["text"])


class OnWeChatToo(OnWeChat):
    """With an account that may write unasked."""

    def __init__(self, client: Client, api: PlatformApi, clock: SimpleNamespace):
        super().__init__(client)
        self.api, self.clock = api, clock

    async def say(self, text: str) -> str:
        self.platform.now = self.clock.now.timestamp()
        return await super().say(text)

    async def tap(self, label: str) -> str:
        """An entry of the menu that was written unasked."""
        menu = [body["msgmenu"]["list"] for body in self.api.said() if body["msgtype"] == "msgmenu"][-1]
        number = next(one["id"] for one in menu if one["content"] == label)
        self.platform.now = self.clock.now.timestamp()
        query, body = self.platform.push(self.platform.message(Content=label, bizmsgmenuid=number))
        async with self.client.post("/wechat", params=query, data=body) as response:
            self.last = self.platform.answer(await response.text())["Content"]
        return self.last

    async def hears(self, words: str) -> str:
        async def look() -> str | None:
            written = [json.dumps(body, ensure_ascii=False) for _, body in self.api.calls]
            return next((one for one in written if words in one), None)

        return await _until(look)


@dataclass
class Hall:
    running: Service
    telegram: FakeTelegram
    api: PlatformApi
    clock: SimpleNamespace

    async def tick(self) -> None:
        desk = self.running.desk
        ticks = Ticks(
            self.running.database, self.running.shelf, self.running.settings, desk.booking, desk.events
        )
        await ticks.advance_events(self.clock.now)
        await ticks.advance_campaigns(self.clock.now)


@pytest.fixture
async def hall(tmp_path: Path, telegram: FakeTelegram) -> AsyncIterator[Hall]:
    clock = SimpleNamespace(now=NOON)
    async with PlatformApi() as api:
        forms = {"subscribe_ids": {"notice": "S-1:thing4"}}
        wechat = {"token": WECHAT_TOKEN, "app_id": APP_ID, "secret": SECRET, "base_url": api.url, **forms}
        bot = {"token": TOKEN, "base_url": telegram.url, "secret_token": "s3cret", "webhook": "on"}
        at = {
            "data_dir": tmp_path,
            "base_url": "http://127.0.0.1:8080",
        }  # browsers keep its cookie without https
        set_up = settings(tmp_path, service=at, telegram=bot, wechat=wechat)
        async with service(set_up, clock=lambda: clock.now) as running:
            await telegram.said(1, "setChatMenuButton")
            yield Hall(running, telegram, api, clock)


@asynccontextmanager
async def browsers(running: Service) -> AsyncIterator[Callable[[], Client]]:
    """A new one each time it is called."""
    clients: list[Client] = []
    async with TestServer(running.web, host="127.0.0.1") as server:

        def come() -> Client:
            clients.append(TestClient(server, cookie_jar=CookieJar(unsafe=True)))
            return clients[-1]

        yield come
        for client in clients:
            await client.session.close()


async def test_from_the_announcement_to_the_report_on_every_channel(hall: Hall) -> None:
    async with browsers(hall.running) as come:
        door, zhao = come(), come()
        chen = OnTelegram(hall.telegram, door, 7)
        li = OnWeChatToo(door, hall.api, hall.clock)
        web = OnWeb(zhao)
        await _subscribe(chen, li, web)
        number = await _publish(hall, OnWeb(come()), OnWeb(come()))
        await hall.tick()

        await chen.hears("龙溪聚贤坊：成果对接")
        assert "报好了" in (await chen.tap("报名")).fields["text"]
        await li.hears("龙溪聚贤坊：成果对接")
        assert "报好了" in await li.tap("报名")
        await web.hears("龙溪聚贤坊：成果对接")
        assert "报好了" in await web.tap("报名")

        hall.clock.now = START - timedelta(days=1)
        await hall.tick()
        await chen.hears("快开始了")
        await web.hears("快开始了")
        await li.hears(
            "“龙溪聚贤坊：成果对接”快开始"
        )  # out of the window: the beginning, in the platform's own form

        hall.clock.now = START + timedelta(minutes=5)
        code = checkins.code_of(hall.running.database.vault, number)
        await chen.say("签到")
        assert "欢迎参加" in (await chen.say(code)).fields["text"]
        await li.say("签到")
        assert "欢迎参加" in await li.say(code)
        payload = checkins.payload_of(hall.running.database.vault, number)
        await zhao.post(f"/scan/{payload}", allow_redirects=False)
        await web.hears("欢迎参加")

        hall.clock.now = START + timedelta(hours=3)
        await hall.tick()
        await web.hears("您觉得怎么样")
        assert "谢谢您" in await web.tap("很好")
        await _check_report(hall, number)


async def _subscribe(chen: OnTelegram, li: OnWeChatToo, web: OnWeb) -> None:
    await chen.say("订阅")
    await chen.tap("订阅“龙溪聚贤坊”")
    await li.say("订阅")
    await li.pick("订阅“龙溪聚贤坊”")
    await web.say("订阅")
    assert "订好了" in await web.tap("订阅“龙溪聚贤坊”")


async def _publish(hall: Hall, lin: OnWeb, he: OnWeb) -> int:
    """Two colleagues, each in a browser of their own."""
    for guest, name, role in ((lin, "林编辑", Role.EDITOR), (he, "何审核", Role.REVIEWER)):
        await guest.say("你好")
        await _come_in(hall, guest, name, role)
    await lin.say("起草活动")
    await lin.say(FORM)
    await lin.tap("提交审核")
    await he.choose("staff.event:1")
    assert "发布了" in await he.tap("审核发布")
    return 1


async def _come_in(hall: Hall, guest: OnWeb, name: str, role: Role) -> None:
    cookie = next(iter(guest.client.session.cookie_jar)).value
    Town(hall.running.database).colleague(name, role, cookie.split(".")[0])


async def _check_report(hall: Hall, number: int) -> None:
    def look(session: Any) -> tuple[campaign_reports.Report, str, event_reports.EventReport]:
        told = event_reports.report(session, number)
        assert told.campaign_id is not None
        status = campaigns.find(session, told.campaign_id).status
        return campaign_reports.report(session, told.campaign_id), status, told

    campaign, status, event = await hall.running.database.read(look)
    assert (campaign.targeted, campaign.counts["sent"], campaign.tapped) == (3, 3, 3)
    assert (campaign.signed_up, campaign.attended) == (3, 3)
    assert status == "finished"
    assert (event.counts["attended"], event.rated, event.stars) == (3, 1, 5.0)


def _choice(message: dict[str, Any], label: str) -> str:
    found = [one["choice"] for one in message["buttons"] if one["label"] == label]
    assert found, message
    return str(found[0])


async def _until(look: Callable[[], Awaitable[Any]]) -> Any:
    """What `look` finds at last; fails after fifteen seconds."""
    for _ in range(300):
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(look)
