"""The plain pages of events and the sign-in of colleagues: on any screen, by keyboard, aloud, by day and night."""

import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

from bot.app import Role as Process
from bot.app import service as open_service
from bot.config import Settings
from services import checkins, events, staff
from services.messaging import Attachment
from services.staff import Role
from tests.services.events.town import START, Town

BEFORE, OVER = START - timedelta(days=7), START + timedelta(hours=4)
LONG = "https://example.org/an/address/that/does/not/end/anywhere/" + "at-all" * 10
# name: when it is looked at, and its heading
SHEETS = {
    "nothing ahead": (OVER, "近期活动"),
    "all": (BEFORE, "近期活动"),
    "poster": (BEFORE, "经纶江海：青年博士沙龙"),
    "full": (BEFORE, "龙溪聚贤坊"),
    "cancelled": (BEFORE, "取消的一场"),
    "past": (OVER, "经纶江海：青年博士沙龙"),
    "door": (START, "签到：经纶江海：青年博士沙龙"),
    "door not open": (BEFORE, "签到"),
    "door over": (OVER, "签到"),
    "door cancelled": (BEFORE, "签到：取消的一场"),
    "sign-in": (BEFORE, "工作人员登录"),
}
ALL = pytest.mark.parametrize("name", SHEETS)


@dataclass
class Office:
    url: str
    clock: SimpleNamespace
    paths: dict[str, str]

    async def open(self, page: Page, name: str) -> Page:
        self.clock.now, _ = SHEETS[name]
        answered = await page.goto(self.url + self.paths[name])
        assert answered is not None
        assert answered.status == 200
        return page


def picture(width: int, height: int) -> bytes:
    """A grey one."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress((b"\0" + b"\x80" * width) * height))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


def furnish(town: Town) -> dict[str, str]:
    """The address of every page."""
    poster = Attachment("poster", "image/png", picture(600, 800))
    told = f"三位青年博士分享。\n\n详情见 {LONG}"
    first = town.published(text=told, audience="博士", map_url="https://map.example/1", poster=poster)
    full = town.published(title="龙溪聚贤坊" + "很长" * 50, place="P" * 120, capacity=1)
    town.joins(full, town.person("first"))
    gone = town.published(title="取消的一场")
    town.do(events.cancel, town.desk, gone, town.colleague("何审核", Role.REVIEWER))
    door, shut = (f"/scan/{checkins.payload_of(town.database.vault, one)}" for one in (first, gone))
    return {
        **dict.fromkeys(("nothing ahead", "all"), "/events"),
        **dict.fromkeys(("poster", "past"), f"/events/{first}"),
        "full": f"/events/{full}",
        "cancelled": f"/events/{gone}",
        **dict.fromkeys(("door", "door not open", "door over"), door),
        "door cancelled": shut,
        "sign-in": f"/console/sign-in/{town.do(staff.invite, '新同事', Role.EDITOR)}",
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    clock = SimpleNamespace(now=BEFORE)
    settings = Settings(service={"data_dir": tmp_path_factory.mktemp("sheets")})
    async with (
        open_service(settings, Process.WEB, clock=lambda: clock.now) as running,
        TestServer(running.web, host="127.0.0.1") as server,
    ):
        paths = furnish(Town(running.database, now=BEFORE))
        yield Office(str(server.make_url("")).rstrip("/"), clock, paths)


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


@ALL
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_fault(office: Office, page: Page, name: str, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await office.open(page, name)
    found = (await Axe().run(page)).response["violations"]
    assert [(one["id"], node["html"]) for one in found for node in one["nodes"]] == []


@ALL
async def test_it_says_what_it_is(office: Office, page: Page, name: str) -> None:
    await office.open(page, name)
    _, heading = SHEETS[name]
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    title = await page.get_by_role("heading", level=1).inner_text()
    assert (await page.title()).startswith(f"{title} · ")
    for landmark in ("banner", "main"):
        await expect(page.get_by_role(landmark)).to_have_count(1)  # type: ignore[arg-type]


@ALL
@pytest.mark.parametrize(("width", "text_size"), [(320, "100%"), (320, "200%"), (390, "100%"), (640, "200%")])
async def test_nothing_is_cut_off_sideways(
    office: Office, page: Page, name: str, width: int, text_size: str
) -> None:
    await page.set_viewport_size({"width": width, "height": 740})
    await office.open(page, name)
    await page.evaluate("size => { document.documentElement.style.fontSize = size }", text_size)
    wide = (
        "[...document.body.querySelectorAll('*')].filter(it => it.getBoundingClientRect().right > innerWidth)"
    )
    assert await page.evaluate(f"{wide}.map(it => it.outerHTML.slice(0, 80))") == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@ALL
async def test_whatever_can_be_tapped_is_large_enough(office: Office, page: Page, name: str) -> None:
    await office.open(page, name)
    small = "[...document.querySelectorAll('a, button')].filter(it => it.offsetHeight < 41.9 || it.offsetWidth < 43.9)"
    assert await page.evaluate(f"{small}.map(it => it.outerHTML)") == []


@ALL
async def test_the_keyboard_reaches_everything_in_its_order_and_in_sight(
    office: Office, page: Page, name: str
) -> None:
    await office.open(page, name)
    ways = await page.evaluate(
        "[...document.querySelectorAll('a, button')].map((it, at) => it.dataset.at = String(at))"
    )
    reached = []
    for _ in ways:
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        await expect(focused).to_be_in_viewport()
        assert await focused.evaluate("it => parseFloat(getComputedStyle(it).outlineWidth)") >= 2
        reached.append(await focused.evaluate("it => it.dataset.at"))
    assert reached == ways


@pytest.mark.parametrize(
    "path", ["/events/999", "/scan/checkin-999-000000", "/console/sign-in/short", "/nowhere"]
)
async def test_what_is_not_there_is_told_on_a_page_like_any_other(
    office: Office, page: Page, path: str
) -> None:
    answered = await page.goto(office.url + path)
    assert answered is not None
    assert answered.status == 404
    await expect(page.get_by_role("main")).to_contain_text("没有这个页面")
    assert (await Axe().run(page)).response["violations"] == []
    await page.get_by_role("link", name="打开聊天").click()
    await expect(page.locator(".card")).not_to_have_count(0)


async def test_the_way_to_a_place_is_in_sight_before_any_picture(office: Office, page: Page) -> None:
    await office.open(page, "poster")
    await expect(page.get_by_role("button", name="去报名")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("img", name="海报")).to_have_js_property("naturalWidth", 600)


async def test_the_digits_at_the_door_are_read_one_by_one(office: Office, page: Page) -> None:
    await office.open(page, "door")
    aloud = page.locator(".code .unseen")
    assert len((await aloud.inner_text()).split()) == 6
    await expect(page.locator(".code [aria-hidden=true]")).to_be_visible()


async def test_the_door_is_passed_by_keyboard_without_scripts(office: Office, page: Page) -> None:
    await office.open(page, "door")
    await page.get_by_role("button", name="在网页聊天里签到").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".card").first).to_contain_text("欢迎参加")
