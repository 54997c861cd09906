"""The whole service with an account: the same conversation as on the web, hostile pushes, a kill in the middle."""

import asyncio
import gzip
import random
import sys
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.app import Service, service
from db.wechat import WeChatWaiting, WeChatWindow
from services.messaging import Message
from services.wechat import waiting
from tests.bot.channels.platform import AES_KEY, APP_ID, PERSON, TOKEN, Platform, encrypt
from tests.bot.channels.platform_api import SECRET, PlatformApi
from tests.bot.channels.wechat_chat import NOON, until
from tests.bot.conftest import Client, settings


class Account:
    """The account's front door, and the platform in front of it."""

    def __init__(self, client: Client, safe: bool = False):
        self.client, self.platform = client, Platform(safe)

    async def say(self, text: str) -> str:
        query, body = self.platform.push(self.platform.message(Content=text))
        async with self.client.post("/wechat", params=query, data=body) as response:
            return self.platform.answer(await response.text())["Content"]

    async def post(self, query: dict[str, str], body: bytes, **headers: str) -> int:
        async with self.client.post("/wechat", params=query, data=body, headers=headers) as response:
            await response.read()
            return response.status


@pytest.fixture
async def with_account(tmp_path: Path) -> AsyncIterator[Service]:
    wechat = {"token": TOKEN, "app_id": APP_ID, "aes_key": AES_KEY}
    async with service(settings(tmp_path, wechat=wechat)) as running:
        yield running


@pytest.fixture
async def client(with_account: Service) -> AsyncIterator[Client]:
    async with TestClient(TestServer(with_account.web)) as client:
        yield client


@pytest.mark.parametrize("safe", [False, True])
async def test_a_question_a_number_and_a_word_lead_where_they_lead_on_the_web(
    client: Client, safe: bool
) -> None:
    account = Account(client, safe)
    assert "优才" in await account.say("你好")
    menu = await account.say("菜单")
    number = next(line.split(".")[0] for line in menu.splitlines() if line.endswith("转人工"))
    assert "已经记下" in await account.say(number)


async def test_erasing_oneself_erases_what_waits_too(client: Client, with_account: Service) -> None:
    account = Account(client)
    await account.say("你好")
    now = datetime.now(UTC)
    await with_account.database.run(
        lambda s: waiting.lay_down(s, PERSON, "notice:1", (Message("明天见"),), now)
    )
    assert await rows(with_account) == (1, 1)
    await account.say("删除我的数据")
    await account.say("1")
    # What is left is the count for what was just said, under a keyed hash.
    assert await rows(with_account) == (0, 1)


async def rows(running: Service) -> tuple[int, int]:
    found = await running.database.read(
        lambda s: [
            len(s.execute(select(table.address_mark)).all()) for table in (WeChatWaiting, WeChatWindow)
        ]
    )
    return found[0], found[1]


async def test_an_account_that_cannot_be_reached_holds_up_nothing_and_is_named(tmp_path: Path) -> None:
    wechat = {"token": TOKEN, "app_id": APP_ID, "secret": "s", "base_url": "http://127.0.0.1:9"}
    async with (
        service(settings(tmp_path, wechat=wechat)) as running,
        TestClient(TestServer(running.web)) as client,
    ):
        assert "优才" in await Account(client).say("你好")
        await until(lambda: running.channels["wechat"].health() != "")  # type: ignore[attr-defined]
        async with client.get("/healthz") as response:
            assert response.status == 503
            assert "network" in (await response.json())["sick"]["wechat"]


async def test_without_a_token_there_is_no_account(person: object) -> None:
    response = await person().get("/wechat")  # type: ignore[operator]
    assert response.status == 404


async def test_hostile_pushes_are_refused_without_a_fault_and_without_growing(client: Client) -> None:
    account, dice = Account(client), random.Random(7)
    xml = account.platform.message(Content="x").encode()
    tracemalloc.start()
    try:
        await hostile(account, dice, xml)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(3):
            await hostile(account, dice, xml)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 2_000_000
    assert "优才" in await account.say("你好")


async def test_a_body_of_unknown_length_is_cut_off_at_the_limit(client: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"A" * 10_000

    query = Account(client).platform.query()
    async with client.post("/wechat", params=query, data=endless()) as response:
        assert response.status == 413


async def hostile(account: Account, dice: random.Random, xml: bytes) -> None:
    signed = account.platform.query
    sealed = account.platform.sealed(signed(), encrypt(xml))
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><xml><Content>&b;</Content></xml>"
    cases = [
        ({**signed(), "signature": "0" * 40}, xml, {403}),
        ({}, xml, {403}),
        (signed(timestamp="x"), xml, {403}),
        (signed(), b"A" * 2_000_000, {413}),
        (signed(), bomb, {400}),
        (signed(), gzip.compress(b"<xml>" + b"A" * 5_000_000), {400, 413}),
        (sealed[0], sealed[1][: dice.randrange(len(sealed[1]))], {400}),
        (sealed[0] | {"msg_signature": "0"}, sealed[1], {403}),
        *((signed(), dice.randbytes(dice.randrange(400)), {400}) for _ in range(20)),
        *((signed(encrypt_type="aes", msg_signature="x"), dice.randbytes(99), {400}) for _ in range(5)),
    ]
    for query, body, expected in cases:
        headers = {"Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
        assert await account.post(query, body, **headers) in expected, body[:60]


async def test_a_late_reply_outlives_a_kill(tmp_path: Path) -> None:
    """A process answered `success`, and is killed before the Reply is there; the next one says it, once."""
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot.channels.killed", str(tmp_path)),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )
    assert killed.stdout is not None
    assert b"success" in await asyncio.wait_for(killed.stdout.readline(), 60)
    killed.kill()
    await killed.wait()
    later = NOON + timedelta(minutes=5)
    async with PlatformApi() as api:
        wechat = {"token": TOKEN, "app_id": APP_ID, "secret": SECRET, "base_url": api.url}
        for start in (1, 2):
            async with service(settings(tmp_path, wechat=wechat), clock=lambda: later):
                await until(lambda: menus(api) == start)  # noqa: B023 - awaited here, after what was left behind
        said = api.said()
    assert "优才" in said[0]["msgmenu"]["head_content"]
    assert len(said) == len({str(one) for one in said})


def menus(api: PlatformApi) -> int:
    return sum(path == "menu/create" for path, _ in api.calls)
