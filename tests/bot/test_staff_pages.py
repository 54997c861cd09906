"""A colleague's one-time link: looking uses nothing up, the button does, and it goes on in the chat."""

import re
from collections.abc import Callable

import pytest
from aiohttp.test_utils import TestClient

from bot.app import Service, utc_now
from services import staff
from services.staff import Role

Client = TestClient  # aiohttp's generics say nothing here


@pytest.fixture
async def path(running: Service) -> str:
    token = await running.database.run(lambda s: staff.invite(s, "王敏", Role.REVIEWER, utc_now()))
    return f"/console/sign-in/{token}"


async def last_said(browser: Client) -> str:
    turns = (await (await browser.get("/chat/history")).json())["turns"]
    return str(turns[-1]["messages"][0]["text"])


async def test_the_button_signs_this_browser_in_and_leads_to_the_chat(
    person: Callable[[], Client], path: str
) -> None:
    preview, browser = person(), person()
    for _ in range(3):
        assert "登录" in await (await preview.get(path)).text()
    chat = await browser.post(path)
    assert (chat.status, chat.url.path) == (200, "/")
    assert "王敏，您好" in await last_said(browser)
    again = await preview.post(path)
    assert again.url.path == "/"
    assert "用过" in await last_said(preview)


async def test_who_was_here_before_stays_who_they_are(person: Callable[[], Client], path: str) -> None:
    browser = person()
    await browser.post("/chat/messages", json={"text": "菜单"})
    await browser.post(path)
    assert len((await (await browser.get("/chat/history")).json())["turns"]) == 2
    said = await (await browser.post("/chat/messages", json={"text": "工作台"})).json()
    assert "王敏（审核员）" in said["messages"][0]["text"]


async def test_the_page_names_the_words_for_other_channels_and_is_kept_by_nobody(
    person: Callable[[], Client], path: str
) -> None:
    page = await person().get(path)
    assert page.headers["Cache-Control"] == "no-store"
    text = await page.text()
    assert f"登录 {path.rsplit('/', 1)[1]}" in text
    assert re.search(r'<form method="post"><button', text)


async def test_another_site_cannot_sign_anybody_in(person: Callable[[], Client], path: str) -> None:
    foreign = await person().post(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status == 403
    assert (await person().get("/console/sign-in/short")).status == 404
