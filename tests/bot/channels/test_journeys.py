"""One journey on three channels, each through its own front door; and one person on two of them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from bot.app import Service, service
from db.knowledge import Question
from db.people import Person
from services import handoffs
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram, bring
from tests.bot.channels.platform import AES_KEY, APP_ID, Platform
from tests.bot.channels.platform import TOKEN as WECHAT_TOKEN
from tests.bot.conftest import Client, settings


class Visitor(Protocol):
    """Somebody with one channel: says words, picks what is offered, sees the text of the answer."""

    async def say(self, text: str) -> str: ...
    async def pick(self, label: str) -> str: ...


class OnWeb:
    def __init__(self, front: Client):
        self._client = TestClient(front.server, cookie_jar=CookieJar(unsafe=True))
        self._buttons: dict[str, str] = {}

    async def say(self, text: str) -> str:
        return await self._post({"text": text})

    async def pick(self, label: str) -> str:
        return await self._post({"choice": self._buttons[label]})

    async def _post(self, body: dict[str, str]) -> str:
        response = await self._client.post("/chat/messages", json=body)
        messages = (await response.json())["messages"]
        self._buttons |= {button["label"]: button["choice"] for one in messages for button in one["buttons"]}
        return "\n".join(one["text"] for one in messages)

    async def close(self) -> None:
        await self._client.session.close()


class OnTelegram:
    def __init__(self, front: Client, telegram: FakeTelegram):
        self._url, self._telegram = str(front.make_url("/telegram")), telegram

    async def say(self, text: str) -> str:
        return await self._bring(self._telegram.text(text))

    async def pick(self, label: str) -> str:
        card = next(call for call in reversed(self._telegram.calls) if label in call.labels)
        return await self._bring(self._telegram.tap(card.choice(label)))

    async def _bring(self, update: object) -> str:
        before = len(self._said())
        async with ClientSession() as session:
            assert await bring(session, self._url, update) == 200
        return "\n".join(call.fields["text"] for call in self._said()[before:])

    def _said(self) -> list:  # type: ignore[type-arg]
        return [call for call in self._telegram.calls if call.method in ("sendMessage", "editMessageText")]


class OnWeChat:
    def __init__(self, front: Client):
        self._front, self._platform, self._last = front, Platform(), ""

    async def say(self, text: str) -> str:
        query, body = self._platform.push(self._platform.message(Content=text))
        async with self._front.post("/wechat", params=query, data=body) as response:
            self._last = self._platform.answer(await response.text())["Content"]
        return self._last

    async def pick(self, label: str) -> str:
        numbers = [line.split(".")[0] for line in self._last.splitlines() if line.endswith(label)]
        return await self.say(numbers[-1])


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    fake = FakeTelegram()
    async with TestServer(fake.app, host="127.0.0.1") as server:
        fake.url = str(server.make_url("")).rstrip("/")  # type: ignore[attr-defined]
        yield fake


@pytest.fixture
async def everywhere(tmp_path: Path, telegram: FakeTelegram) -> AsyncIterator[Service]:
    sections = {
        "telegram": {"token": TOKEN, "base_url": telegram.url, "secret_token": "s3cret", "webhook": "on"},  # type: ignore[attr-defined]
        "wechat": {"token": WECHAT_TOKEN, "app_id": APP_ID, "aes_key": AES_KEY},
    }
    async with service(settings(tmp_path, **sections)) as running:
        await telegram.said(1, "setWebhook")
        yield running


@pytest.fixture
async def front(everywhere: Service) -> AsyncIterator[Client]:
    async with TestClient(TestServer(everywhere.web, host="127.0.0.1")) as client:
        yield client


@pytest.fixture
async def visitors(front: Client, telegram: FakeTelegram) -> AsyncIterator[dict[str, Visitor]]:
    web = OnWeb(front)
    yield {"web": web, "telegram": OnTelegram(front, telegram), "wechat": OnWeChat(front)}
    await web.close()


@pytest.mark.parametrize("channel", ["web", "telegram", "wechat"])
async def test_a_doctor_asks_follows_up_is_refused_honestly_and_handed_over(
    visitors: dict[str, Visitor], everywhere: Service, channel: str
) -> None:
    chen = visitors[channel]
    assert "上门" in await chen.say("钻石卡能不能上门办")
    assert "现场" in await chen.say("那银卡呢")
    assert "谢谢" in await chen.pick("👍 有用")
    assert "没有找到依据" in await chen.say("食堂几点开饭")
    noted = await chen.pick("转人工")
    assert "食堂几点开饭" in noted
    await chen.pick("补充一句")
    assert "补充给同事" in await chen.say("我在火炬大厦")
    assert "需要什么" in await chen.say("菜单")
    database = everywhere.database
    assert [about for _, _, about in await database.read(handoffs.waiting)] == ["食堂几点开饭\n我在火炬大厦"]
    rated = select(func.count()).select_from(Question).where(Question.rating == "useful")
    assert await database.read(lambda s: s.execute(rated).scalar_one()) == 1


@pytest.mark.parametrize("channel", ["web", "telegram", "wechat"])
async def test_what_was_begun_is_stopped_and_everything_erased(
    visitors: dict[str, Visitor], everywhere: Service, channel: str
) -> None:
    chen = visitors[channel]
    await chen.say("转人工")
    await chen.pick("补充一句")
    assert "已经停下" in await chen.say("取消")
    await chen.say("删除我的数据")
    assert "全部删除" in await chen.pick("确定删除")
    people = select(func.count()).select_from(Person)
    assert await everywhere.database.read(lambda s: s.execute(people).scalar_one()) == 0


@pytest.mark.parametrize(("giver", "taker"), [("web", "telegram"), ("telegram", "wechat"), ("wechat", "web")])
async def test_one_person_on_two_channels(
    visitors: dict[str, Visitor], everywhere: Service, giver: str, taker: str
) -> None:
    await visitors[giver].say("关联")
    shown = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", await visitors[giver].pick("获取绑定码"))
    assert shown
    await visitors[taker].say("关联")
    await visitors[taker].pick("输入绑定码")
    assert "关联好了" in await visitors[taker].say(shown.group())
    people = select(func.count()).select_from(Person)
    assert await everywhere.database.read(lambda s: s.execute(people).scalar_one()) == 1
