"""Files reach people on WeChat: by a link that gives exactly that file, to whoever has it, while it lasts."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import func, select
from yarl import URL

from bot.app import service
from bot.wiring import laying_out
from db.session import Database
from db.wechat import WeChatFile
from services import planning
from services.messaging import Attachment, DeliveryError, Message
from tests.bot.channels.platform import PERSON, TOKEN
from tests.bot.channels.platform_api import PlatformApi
from tests.bot.channels.test_booking_journeys import BOOKING, NOON, OnWeChat
from tests.bot.channels.test_wechat_killed import free_port, process
from tests.bot.channels.wechat_chat import Chat
from tests.bot.conftest import Client, settings

T = TypeVar("T")
SITE = "https://youcai.example"
CALENDAR = Attachment("活动.ics", "text/calendar", b"BEGIN:VCALENDAR")


@asynccontextmanager
async def office(folder: Path, clock: SimpleNamespace, site: str = SITE) -> AsyncIterator[Client]:
    """The service as it runs, with an account that can only answer."""
    place = {"data_dir": folder, "base_url": site}
    set_up = settings(folder, service=place, wechat={"token": TOKEN}, booking=BOOKING)
    async with service(set_up, clock=lambda: clock.now) as running:
        desk = running.desk.booking
        await running.database.run(lambda session: planning.plan_ahead(session, desk, NOON))
        async with TestClient(TestServer(running.web)) as client:
            yield client


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=NOON)


def links(said: str) -> dict[str, str]:
    """File name -> path."""
    found = re.findall(rf"《([^》]+)》点这里打开（[^\n]+前有效）：\n(?:{SITE})?(/file/\S+)\n", said)
    return dict(found)


async def fetched(client: Any, path: str) -> tuple[int, str, bytes]:
    async with client.get(path) as response:
        return response.status, response.headers["Content-Type"], await response.read()


async def booked(client: Client) -> str:
    chen = OnWeChat(client)
    await chen.say("办卡预约")
    for label in ("银卡", "首次办卡", "12月1日 周二 · 余 1", "09:00"):
        await chen.pick(label)
    for told in ("陈一诺", "13800138000", "某公司"):
        await chen.say(told)
    await chen.pick("在站博士后")
    return await chen.pick("确认预约")


async def test_the_appointment_and_its_code_are_opened_from_the_answer(
    tmp_path: Path, clock: SimpleNamespace
) -> None:
    async with office(tmp_path, clock) as client:
        found = links(await booked(client))
        calendar, code = found["优才卡预约.ics"], found["预约码.png"]
        status, kind, content = await fetched(client, calendar)
        assert (status, kind) == (200, "text/calendar; charset=utf-8")
        [event] = Calendar.from_ical(content).walk("VEVENT")
        assert event["dtstart"].dt == datetime(2026, 12, 1, 1, tzinfo=UTC)
        status, kind, content = await fetched(client, code)
        assert (status, kind, content[:4]) == (200, "image/png", b"\x89PNG")
        assert not re.search("chen|陈|13800138000", calendar + code)
        wrong = [code.replace("file/", "file/1"), f"{code}0", calendar.replace("file", "details"), "/file/1"]
        for path in wrong:
            assert (await fetched(client, path))[0] == 410
    async with office(tmp_path, clock) as again:
        assert (await fetched(again, calendar))[0] == 200, "after a restart"
        clock.now += timedelta(days=8)
        status, _, page = await fetched(again, calendar)
        assert (status, "已经过期" in page.decode()) == (410, True)


async def test_ones_data_are_handed_out_and_gone_when_they_are_erased(
    tmp_path: Path, clock: SimpleNamespace
) -> None:
    async with office(tmp_path, clock) as client:
        chen = OnWeChat(client)
        [path] = links(await chen.say("导出我的数据")).values()
        _, kind, content = await fetched(client, path)
        assert (kind, json.loads(content)["identities"][0]["address"]) == ("application/json", PERSON)
        await chen.say("删除我的数据")
        await chen.pick("确定删除")
        assert (await fetched(client, path))[0] == 410


async def test_without_a_public_address_no_link_is_promised(tmp_path: Path, clock: SimpleNamespace) -> None:
    async with office(tmp_path, clock, site="") as client:
        said = await booked(client)
    assert "约好了" in said
    assert "《优才卡预约.ics》在微信里发不了" in said
    assert "《预约码.png》在微信里发不了" in said
    assert "http" not in said


ACCOUNT = {"template_ids": {"notice": "T-1"}, "subscribe_ids": {"notice": "S-1"}}
NOTICE = Message("活动改到周五", attachments=(CALENDAR,))


@asynccontextmanager
async def chatting(database: Database, api: PlatformApi, **account: Any) -> AsyncIterator[Chat]:
    set_up = settings(Path("/nowhere"), service={"base_url": SITE})
    async with Chat(database, api, account=account, link=laying_out(set_up, lambda: NOON)) as chat:
        yield chat


async def kept(database: Database) -> int:
    return await database.read(lambda s: s.execute(select(func.count()).select_from(WeChatFile)).scalar_one())


async def test_a_notices_file_comes_with_it_inside_the_window(house: Database) -> None:
    async with PlatformApi() as api, chatting(house, api) as chat:
        await chat.say("您好")
        await chat.channel.send(PERSON, NOTICE)
        [said] = api.texts()
        assert list(links(said)) == ["活动.ics"]


async def test_outside_of_it_the_file_waits_for_the_next_word(house: Database) -> None:
    async with PlatformApi() as api, chatting(house, api, **ACCOUNT) as chat:
        await chat.channel.send(PERSON, NOTICE)
        form = next(body for path, body in api.calls if "subscribe" in path)
        assert form["data"] == {"thing1": {"value": "活动改到周五"}}
        assert list(links(await chat.say("收到"))) == ["活动.ics"]


async def test_a_broadcast_keeps_its_file_once_and_for_nobody_who_cannot_be_told(house: Database) -> None:
    async with PlatformApi() as api, chatting(house, api) as chat:
        with pytest.raises(DeliveryError, match="window_over"):
            await chat.channel.send(PERSON, NOTICE, bulk=True)
        assert await kept(house) == 0
        for person in ("o-a", "o-b"):
            chat.later(seconds=1)
            await chat.post(chat.platform.message(person=person, Content="您好"))
            await chat.channel.send(person, NOTICE, bulk=True)
        assert len(api.texts()) == 2
        assert len({links(said)["活动.ics"] for said in api.texts()}) == 1
    assert await kept(house) == 1


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Until the process listens."""
    for _ in range(240):
        try:
            return await call()
        except aiohttp.ClientError:
            await asyncio.sleep(0.25)
    raise AssertionError("nobody listens")


async def test_a_link_outlives_the_process_that_gave_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed as soon as the answer is out."""
    port = free_port()
    monkeypatch.setenv("YOUCAI_SERVICE__BASE_URL", SITE)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with process(tmp_path, port) as first:
            chen = OnWeChat(session)  # type: ignore[arg-type]
            chen.platform.now = datetime.now(UTC).timestamp()
            said = await patiently(lambda: chen.say("导出我的数据"))
            first.kill()
        [path] = links(said).values()
        async with process(tmp_path, port):
            status, _, content = await patiently(lambda: fetched(session, path))
    assert (status, b"identities" in content) == (200, True)


@pytest.fixture
async def page(tmp_path: Path, clock: SimpleNamespace) -> AsyncIterator[Client]:
    async with office(tmp_path, clock) as client:
        yield client


@effort(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="/?#\\"), min_size=1, max_size=120))
async def test_no_link_upsets_the_page(page: Client, token: str) -> None:
    async with page.get(f"/file/{token}") as response:
        assert response.status in (400, 404, 410)


@pytest.mark.parametrize("raw", ["%ff.9.%fe", "%00", "..", "1-2.99999999999.x", "%ED%A0%80.1.1", "." * 5_000])
async def test_no_bytes_upset_it_either(page: Client, raw: str) -> None:
    async with page.session.get(URL(f"{page.make_url('/file/')}{raw}", encoded=True)) as response:
        assert response.status in (400, 404, 410)
