"""A real browser in front of the page: every test gets a fresh person on a phone."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    Route,
    async_playwright,
    expect,
)

from bot.app import Service as Running
from bot.app import service as open_service
from bot.channels.webcookie import NAME
from bot.config import Settings
from services.messaging import Message

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 390, "height": 844}
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]
HERE = Path(__file__).parent
THERE = Path(CHROMIUM).exists()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One loop for all of them, since the browser and the service live in it."""
    missing = not THERE and not os.environ.get("CI")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if missing:
                item.add_marker(
                    pytest.mark.skip(reason=f"no browser here: install {CHROMIUM} to test the page")
                )


class Chat:
    """The page as a person meets it."""

    def __init__(self, page: Page, url: str):
        self.page, self.url = page, url
        self.field = page.get_by_label("您的问题")
        self.cards = page.locator(".card")
        self.said = page.locator(".said .words")
        self.sent: list[dict[str, Any]] = []  # bodies of every POST, also of those that failed
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "POST" and urlsplit(request.url).path == "/chat/messages":
            self.sent.append(json.loads(request.post_data or "{}"))

    @property
    def last(self) -> Locator:
        return self.cards.last

    async def open(self) -> "Chat":
        await self.page.goto(self.url)
        await expect(self.cards).not_to_have_count(0)
        return self

    async def say(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def ask(self, text: str) -> Locator:
        """Says it and waits for what is answered."""
        before = await self.cards.count()
        await self.say(text)
        await expect(self.cards).not_to_have_count(before)
        await expect(self.page.locator("#typing")).to_be_empty()
        return self.last

    async def answers_with(self, *messages: dict[str, Any]) -> None:
        """The next things said are answered with just these, whatever the service would say."""

        async def answer(route: Route) -> None:
            await route.fulfill(json={"messages": [message(**one) for one in messages]})

        await self.page.unroute("**/chat/messages")
        await self.page.route("**/chat/messages", answer)

    async def tap(self, label: str) -> None:
        await self.page.get_by_role("button", name=label, exact=True).last.click()


def message(text: str = "好的。", **more: Any) -> dict[str, Any]:
    """A message as the service writes it."""
    empty: dict[str, Any] = {"buttons": [], "attachments": [], "citations": [], "in_place": False}
    return {"text": text, **empty, **more}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if not THERE:
        pytest.fail(f"{CHROMIUM} is missing")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A new person; whatever the test does, nothing may leave this machine and no script may fail or be blocked."""
    context = await browser.new_context(
        viewport=PHONE, has_touch=True, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    strangers: list[str] = []
    faults: list[str] = []
    context.on("request", lambda request: _local(request.url) or strangers.append(request.url))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda line: "Content Security Policy" in line.text and faults.append(line.text))
    yield context
    await context.close()
    assert (strangers, faults) == ([], [])


def _local(url: str) -> bool:
    return urlsplit(url).hostname == "127.0.0.1" or url.startswith(("data:", "blob:"))


class Service:
    """What the tests know of the other end: where it is, and that it can speak up by itself."""

    def __init__(self, url: str, running: Running):
        self.url, self._running = url, running

    async def tell(self, chat: Chat, text: str) -> None:
        cookies = await chat.page.context.cookies(self.url)
        address = next(one["value"] for one in cookies if one["name"] == NAME).split(".")[0]
        await self._running.webchat.send(address, Message(text))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """The real one, on the real plan."""
    folder = tmp_path_factory.mktemp("web")
    endless = {"per_person_minute": 100_000, "per_address_minute": 100_000}
    settings = Settings(service={"data_dir": folder}, web=endless)
    async with open_service(settings) as running, TestServer(running.web, host="127.0.0.1") as server:
        yield Service(str(server.make_url("")).rstrip("/"), running)


@pytest_asyncio.fixture(loop_scope="session")
async def chat(context: BrowserContext, service: Service) -> Chat:
    return await Chat(await context.new_page(), service.url).open()
