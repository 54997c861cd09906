"""办卡预约 on Telegram and WeChat, through their own front doors, against peers that behave like the platforms."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, service
from db.booking import Appointment
from services import appointments, attendance, offers, planning, reminders
from tests.bot.channels.fake_telegram import TOKEN, Call, FakeTelegram
from tests.bot.channels.guests import NOON, OnTelegram, OnWeChat
from tests.bot.channels.platform import AES_KEY, APP_ID
from tests.bot.channels.platform import TOKEN as WECHAT_TOKEN
from tests.bot.conftest import Client, settings

BOOKING = {"first_opening": "2026-11-23 09:00", "times": ["09:00"]}  # one seat a day
TOLD = {"name": "陈一诺", "phone": "13800138000", "employer": "某公司", "standing": "doctor"}


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=NOON)


async def plan(running: Service) -> None:
    await running.database.run(lambda session: planning.plan_ahead(session, running.desk.booking, NOON))


async def tick(running: Service, work, now: datetime) -> None:  # type: ignore[no-untyped-def]
    await running.database.run(lambda session: work(session, running.desk.booking, now))


class Booker(OnTelegram):
    async def book(self) -> Call:
        await self.say("办卡预约")
        for label in ("银卡", "首次办卡", "12月1日 周二 · 余 1", "09:00"):
            await self.tap(label)
        return await self.fill_in()

    async def fill_in(self) -> Call:
        link = re.search(r"https://youcai\.example(/details/[\w.%-]+)", self.last.fields["text"])
        assert link, self.last.fields["text"]
        assert "姓名？" not in self.last.fields["text"]
        async with self.client.post(link[1], data=TOLD) as page:
            assert page.status == 200
        await self.tap("填好了")
        return await self.tap("确认预约")


@pytest.fixture
async def bot(tmp_path: Path, telegram: FakeTelegram, clock: SimpleNamespace) -> AsyncIterator[Service]:
    account = {"token": TOKEN, "base_url": telegram.url, "secret_token": "s3cret", "webhook": "on"}
    at = {"data_dir": tmp_path, "base_url": "https://youcai.example"}
    async with service(
        settings(tmp_path, service=at, telegram=account, booking=BOOKING), clock=lambda: clock.now
    ) as bot:
        await plan(bot)
        yield bot


@pytest.fixture
async def front(bot: Service) -> AsyncIterator[Client]:
    async with TestClient(TestServer(bot.web, host="127.0.0.1")) as client:
        yield client


async def test_on_telegram_details_stay_out_of_the_chat_and_all_else_is_tapped(
    telegram: FakeTelegram, front: Client, bot: Service, clock: SimpleNamespace
) -> None:
    chen = Booker(telegram, front, 7)
    assert "约好了" in (await chen.book()).fields["text"]
    await telegram.said(1, "sendPhoto")
    await telegram.said(1, "sendDocument")
    await chen.say("我的预约")
    for label in ("改时间", "12月3日 周四 · 余 1", "09:00"):
        await chen.tap(label)
    assert "改好了" in (await chen.tap("确认改时间")).fields["text"]

    start = datetime(2026, 12, 3, 1, tzinfo=UTC)
    clock.now = start - timedelta(hours=2)
    await tick(bot, reminders.queue_due, clock.now)
    clock.now = start - timedelta(minutes=50)  # past the quiet hours
    reminded = await chen.hears("快到时间了：12月3日")
    shown = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", reminded.fields["text"])
    assert shown
    await bot.database.run(lambda s: attendance.check_in(s, "staff:1", shown[0], start.date(), clock.now))
    assert "已到场" in (await chen.say("我的预约")).fields["text"]


async def test_on_telegram_a_freed_seat_is_offered_passed_on_and_taken(
    telegram: FakeTelegram, front: Client, bot: Service, clock: SimpleNamespace
) -> None:
    chen, li, zhang = (Booker(telegram, front, who) for who in (7, 8, 9))
    await chen.book()
    for waits in (li, zhang):
        await waits.say("办卡预约")
        for label in ("银卡", "首次办卡", "12月1日 周二 · 已满", "排队等空位"):
            await waits.tap(label)
    await chen.say("我的预约")
    await chen.tap("取消预约")
    await chen.tap("确定取消")
    await li.hears("您等的时间空出来了")
    clock.now += timedelta(hours=2)
    await tick(bot, offers.expire_offers, clock.now)
    await li.hears("已经让给下一位了")
    await zhang.hears("您等的时间空出来了")
    await zhang.tap("要这个时间")
    assert "约好了" in (await zhang.fill_in()).fields["text"]


@pytest.fixture
async def account(tmp_path: Path, clock: SimpleNamespace) -> AsyncIterator[Service]:
    wechat = {"token": WECHAT_TOKEN, "app_id": APP_ID, "aes_key": AES_KEY}
    async with service(
        settings(tmp_path, wechat=wechat, booking=BOOKING), clock=lambda: clock.now
    ) as running:
        await plan(running)
        yield running


async def test_on_wechat_a_card_is_booked_moved_and_cancelled_by_numbers(account: Service) -> None:
    async with TestClient(TestServer(account.web)) as client:
        chen = OnWeChat(client)
        await chen.say("办卡预约")
        for label in ("银卡", "首次办卡", "12月1日 周二 · 余 1", "09:00"):
            await chen.pick(label)
        for told in ("陈一诺", "13800138000", "某公司"):
            await chen.say(told)
        await chen.pick("在站博士后")
        assert "约好了" in await chen.pick("确认预约")
        await chen.say("我的预约")
        for label in ("改时间", "12月3日 周四 · 余 1", "09:00"):
            await chen.pick(label)
        assert "改好了" in await chen.pick("确认改时间")
        await chen.say("我的预约")
        await chen.pick("取消预约")
        assert "已经取消" in await chen.pick("确定取消")
        status = await account.database.read(lambda s: s.get_one(Appointment, 1).status)
        assert status == "cancelled"
        history = await account.database.read(lambda s: [one.happened for one in appointments.history(s, 1)])
        assert history == ["booked", "moved", "cancelled"]


async def test_on_wechat_a_place_in_line_is_offered_and_taken(
    account: Service, clock: SimpleNamespace
) -> None:
    async with TestClient(TestServer(account.web)) as client:
        chen = OnWeChat(client)
        other = TestClient(TestServer(account.web))
        async with other:
            await other.get("/")
            await _books_on_the_web(other)
            await chen.say("办卡预约")
            for label in ("银卡", "首次办卡", "12月1日 周二 · 已满", "排队等空位"):
                await chen.pick(label)
            assert "第 1 位" in chen.last
            for choice in ("book.cancel:1:1", "book.cancel.now:1:1"):
                await other.post("/chat/messages", json={"choice": choice})
        assert "有空位给您留着" in await chen.say("我的预约")
        assert "1/4" in await chen.pick("要这个时间")


async def _books_on_the_web(client: Client) -> None:
    slots = {"text": "办卡预约"}, {"choice": "book.day:silver:first:2026-12-01"}
    for words in slots:
        said = await (await client.post("/chat/messages", json=words)).json()
    choice = said["messages"][0]["buttons"][0]["choice"]
    for words in ({"choice": choice}, *({"text": TOLD[name]} for name in ("name", "phone", "employer"))):
        await client.post("/chat/messages", json=words)
    card = await (await client.post("/chat/messages", json={"choice": "book.standing:doctor"})).json()
    confirm = card["messages"][0]["buttons"][0]["choice"]
    done = await (await client.post("/chat/messages", json={"choice": confirm})).json()
    assert "约好了" in done["messages"][0]["text"]
