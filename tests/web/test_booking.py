"""办卡预约 on a phone: booked, moved, cancelled, waited for, reminded of, and chosen on the calendar page."""

import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

from bot.app import service as open_service
from bot.config import Settings
from services import appointments, attendance, offers, planning, reminders
from tests.web.conftest import Chat, Service

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)  # a Tuesday, 12:00 in 江门; booking opened the day before
TOLD = ("陈一诺", "13800138000", "江门市某材料公司")


class BookingService(Service):
    """The service, with a clock to turn and a desk to work at."""

    def __init__(self, url: str, running, clock: SimpleNamespace):
        super().__init__(url, running)
        self.clock = clock

    async def work(self, work, *values, **named):
        desk = self._running.desk.booking
        return await self._running.database.run(
            lambda session: work(session, desk, *values, now=self.clock.now, **named)
        )

    async def read(self, read):
        return await self._running.database.run(read)


@pytest_asyncio.fixture(loop_scope="session")
async def service(tmp_path) -> AsyncIterator[BookingService]:
    clock = SimpleNamespace(now=NOON)
    settings = Settings(
        service={"data_dir": tmp_path, "base_url": "https://youcai.example"},
        web={"per_person_minute": 100_000, "per_address_minute": 100_000},
        booking={"first_opening": "2026-11-23 09:00", "times": ["09:00", "10:00"]},
    )
    async with open_service(settings, clock=lambda: clock.now) as running:
        # As on http in a test: the cookie of an https address would not come back.
        running.webchat._cookie._secure = False
        async with TestServer(running.web, host="127.0.0.1") as server:
            there = BookingService(str(server.make_url("")).rstrip("/"), running, clock)
            await there.work(planning.plan_ahead)
            yield there
            running.webchat.streams.close()


async def book(chat: Chat, day: str = "12月1日 周二 · 余 2", time: str = "09:00") -> None:
    await chat.ask("办卡预约")
    for label in ("银卡", "首次办卡", day, time):
        await tap(chat, label)
    for answer in TOLD:
        await chat.ask(answer)
    await tap(chat, "博士")
    await tap(chat, "确认预约")


async def tap(chat: Chat, label: str) -> None:
    before = await chat.last.inner_text()
    await chat.tap(label)
    await expect(chat.last).not_to_have_text(before, use_inner_text=True)
    await expect(chat.page.locator("#typing")).to_be_empty()


async def another(context: BrowserContext, service: Service) -> Chat:
    stranger = await context.browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    return await Chat(await stranger.new_page(), service.url).open()


async def test_a_card_is_booked_and_its_files_can_be_taken_along(chat: Chat) -> None:
    await book(chat)
    await expect(chat.last).to_contain_text("约好了")
    await expect(chat.last).to_contain_text("12月1日（周二）09:00—09:30")
    await expect(chat.last).to_contain_text("江海分中心")
    await expect(chat.last).to_contain_text("预约码.png")
    await expect(chat.last).to_contain_text("优才卡预约.ics")
    await picture(chat.page, "booked")


async def test_an_appointment_is_moved_and_cancelled(chat: Chat) -> None:
    await book(chat)
    await chat.ask("我的预约")
    for label in ("改时间", "12月3日 周四 · 余 2", "10:00", "确认改时间"):
        await tap(chat, label)
    await expect(chat.last).to_contain_text("12月3日（周四）10:00")
    await chat.ask("我的预约")
    await tap(chat, "取消预约")
    await tap(chat, "确定取消")
    await expect(chat.last).to_contain_text("已经取消")


async def test_a_full_day_is_waited_for_and_its_offer_taken(
    chat: Chat, service: BookingService, context: BrowserContext
) -> None:
    others = [await another(context, service) for _ in range(2)]
    await book(others[0])
    await book(others[1], "12月1日 周二 · 余 1", "10:00")
    await chat.ask("办卡预约")
    for label in ("银卡", "首次办卡", "12月1日 周二 · 已满", "排队等空位"):
        await tap(chat, label)
    await expect(chat.last).to_contain_text("第 1 位")
    await others[0].ask("我的预约")
    await tap(others[0], "取消预约")
    await tap(others[0], "确定取消")
    await expect(chat.last).to_contain_text("您等的时间空出来了")
    await picture(chat.page, "offered")
    await tap(chat, "要这个时间")
    await expect(chat.last).to_contain_text("1/4")
    for other in others:
        await other.page.context.close()


async def test_an_offer_that_nobody_takes_passes_on(
    chat: Chat, service: BookingService, context: BrowserContext
) -> None:
    others = [await another(context, service) for _ in range(3)]
    await book(others[0])
    await book(others[1], "12月1日 周二 · 余 1", "10:00")
    for waits in (chat, others[2]):
        await waits.ask("办卡预约")
        for label in ("银卡", "首次办卡", "12月1日 周二 · 已满", "排队等空位"):
            await tap(waits, label)
    await others[0].ask("我的预约")
    await tap(others[0], "取消预约")
    await tap(others[0], "确定取消")
    await expect(chat.last).to_contain_text("您等的时间空出来了")
    service.clock.now += timedelta(minutes=120)
    await service.work(offers.expire_offers)
    await expect(chat.last).to_contain_text("已经让给下一位了")
    await expect(others[2].last).to_contain_text("您等的时间空出来了")
    for other in others:
        await other.page.context.close()


async def test_a_reminder_comes_by_itself_and_the_code_checks_in(chat: Chat, service: BookingService) -> None:
    await book(chat)
    booked = await service.read(lambda session: appointments.find(session, 1))
    service.clock.now = booked.starts_at - timedelta(hours=24)
    await service.work(reminders.queue_due)
    await expect(chat.last).to_contain_text("提醒您：12月1日（周二）09:00")
    shown = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", await chat.last.inner_text())
    assert shown
    service.clock.now = booked.starts_at
    await service.read(
        lambda session: attendance.check_in(session, "staff:1", shown[0], booked.day, booked.starts_at)
    )
    await chat.ask("我的预约")
    await expect(chat.last).to_contain_text("已到场，正在办理")


@pytest.fixture
def no_scripts(context: BrowserContext):
    return context.browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="zh-CN"
    )


async def test_the_calendar_and_the_form_work_without_javascript(
    chat: Chat, service: BookingService, no_scripts
) -> None:
    await chat.ask("办卡预约")
    for label in ("银卡", "首次办卡"):
        await tap(chat, label)
    link = re.search(r"https://youcai\.example(\S+)", await chat.last.inner_text())
    assert link
    plain = await no_scripts
    page = await plain.new_page()
    await page.goto(service.url + link[1])
    await picture(page, "calendar")
    await page.get_by_role("link", name="12.1 余 2").click()
    await picture(page, "times")
    await page.get_by_role("button", name="10:00").click()
    await page.get_by_label("姓名").fill("陈一诺")
    await page.get_by_role("button", name="填好了").click()
    await expect(page.get_by_role("alert")).to_contain_text("有 3 项要改")
    await picture(page, "details")
    await page.get_by_label("手机号").fill("13800138000")
    await page.get_by_label("工作单位").fill("某公司")
    await page.get_by_label("在站博士后").check()
    await page.get_by_role("button", name="填好了").click()
    await expect(page.get_by_role("heading")).to_have_text("填好了，还差一步")
    await plain.close()
    await chat.ask("办卡预约")
    await expect(chat.last).to_contain_text("陈一诺，138****8000")
    await tap(chat, "确认预约")
    await expect(chat.last).to_contain_text("12月1日（周二）10:00")


async def test_the_pages_can_be_used_by_everybody(chat: Chat, service: BookingService) -> None:
    await chat.ask("办卡预约")
    for label in ("钻石卡", "首次办卡"):
        await tap(chat, label)
    link = re.search(r"https://youcai\.example(\S+)", await chat.last.inner_text())
    assert link
    page = await chat.page.context.new_page()
    await page.goto(f"{service.url}{link[1]}?day=2026-12-01")
    await passes_axe(page)
    await page.get_by_role("button", name="09:00").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("上门地址")).to_be_visible()
    await page.get_by_role("button", name="填好了").click()
    await passes_axe(page)
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


async def passes_axe(page: Page) -> None:
    found = await Axe().run(page)
    assert found.response["violations"] == []


async def picture(page: Page, name: str) -> None:
    """Kept where somebody wants to look: YOUCAI_TEST_PICTURES names a folder."""
    folder = os.environ.get("YOUCAI_TEST_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
