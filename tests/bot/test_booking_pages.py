"""Our own pages for appointments: a signed link and plain forms, and it goes on in the chat."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import service
from services import planning
from services.signed_links import BadLink, opened, signed_path
from tests.bot.conftest import settings

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
Client = TestClient  # aiohttp's generics say nothing here
TOLD = {"name": "陈一诺", "phone": "13800138000", "employer": "某公司", "standing": "doctor"}


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=NOW)


@pytest.fixture
async def chat(tmp_path: Path, clock: SimpleNamespace):  # type: ignore[no-untyped-def]
    """Somebody on the web chat of a service that is reached at a public address."""
    set_up = settings(
        tmp_path,
        service={"data_dir": tmp_path, "base_url": "https://youcai.example"},
        booking={"first_opening": "2026-11-23 09:00"},
    )
    async with service(set_up, clock=lambda: clock.now) as running:
        desk = running.desk.booking
        await running.database.run(lambda session: planning.plan_ahead(session, desk, NOW))
        async with TestClient(TestServer(running.web, host="127.0.0.1")) as client:
            await client.get("/")
            cookie = next(iter(client.session.cookie_jar))
            client.session.headers["Cookie"] = f"{cookie.key}={cookie.value}"
            yield client


async def say(chat: Client, **words: str) -> dict[str, object]:
    answered = await chat.post("/chat/messages", json=words)
    found: dict[str, object] = (await answered.json())["messages"][0]
    return found


async def link(chat: Client) -> str:
    said = await say(chat, choice="book.kind:silver:first")
    url = re.search(r"https://youcai\.example(/calendar/\S+)", str(said["text"]))
    assert url
    return url[1]


def buttons(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<button name="slot" value="(\d+)">([\d:]+)</button>', page)


async def test_a_day_and_a_time_are_chosen_told_for_and_confirmed_in_the_chat(chat: Client) -> None:
    calendar = await link(chat)
    page = await (await chat.get(calendar)).text()
    assert re.search(r'href="\?day=2026-11-26"', page)
    times = buttons(await (await chat.get(f"{calendar}?day=2026-12-01")).text())
    assert times[0][1] == "09:00"
    form = await chat.post(calendar, data={"slot": times[0][0]})
    assert form.status == 200
    assert "/details/" in str(form.url)
    assert "12:10" in await form.text()
    done = await chat.post(form.url.path, data=TOLD)
    assert "还差一步" in await done.text()
    card = await say(chat, text="办卡预约")
    assert "陈一诺，138****8000" in str(card["text"])
    assert "约好了" in str((await say(chat, text="1"))["text"])


async def test_wrong_answers_are_told_beside_their_field_and_numbers_never_come_back(chat: Client) -> None:
    calendar = await link(chat)
    times = buttons(await (await chat.get(f"{calendar}?day=2026-12-01")).text())
    form = await chat.post(calendar, data={"slot": times[0][0]})
    wrong = TOLD | {"name": "11010519491231002X", "phone": "12", "standing": ""}
    again = await chat.post(form.url.path, data=wrong)
    page = await again.text()
    assert again.status == 422
    assert "有 3 项要改一下" in page
    assert "11010519491231002X" not in page
    assert 'id="phone-wrong"' in page
    assert 'value="某公司"' in page


async def test_a_time_that_was_taken_meanwhile_leads_back_to_the_calendar(chat: Client) -> None:
    calendar = await link(chat)
    gone = await chat.post(calendar, data={"slot": "999999"})
    assert gone.status == 409
    assert f'href="{calendar}"' in await gone.text()


@pytest.mark.parametrize(
    "tear", [lambda path: path[:-1] + "x", lambda path: path.replace("silver", "golden")]
)
async def test_a_link_that_was_changed_opens_nothing(chat: Client, tear: Callable[[str], str]) -> None:
    torn = tear(await link(chat))
    assert (await chat.get(torn)).status == 410
    assert (await chat.post(torn, data={"slot": "1"})).status == 410


async def test_a_link_of_somebody_who_was_erased_opens_nothing(chat: Client) -> None:
    calendar = await link(chat)
    times = buttons(await (await chat.get(f"{calendar}?day=2026-12-01")).text())
    await say(chat, choice="erase.now")
    assert (await chat.post(calendar, data={"slot": times[0][0]})).status == 410


async def test_links_end_with_their_time(chat: Client, clock: SimpleNamespace) -> None:
    calendar = await link(chat)
    clock.now += timedelta(hours=2)
    assert (await chat.get(calendar)).status == 410


async def test_a_form_ends_with_its_hold(chat: Client, clock: SimpleNamespace) -> None:
    calendar = await link(chat)
    times = buttons(await (await chat.get(f"{calendar}?day=2026-12-01")).text())
    form = await chat.post(calendar, data={"slot": times[0][0]})
    clock.now += timedelta(minutes=10)
    over = await chat.post(form.url.path, data=TOLD)
    assert over.status == 410
    assert "过期" in await over.text()


async def test_a_move_is_confirmed_in_the_chat(chat: Client) -> None:
    calendar = await link(chat)
    times = buttons(await (await chat.get(f"{calendar}?day=2026-12-01")).text())
    form = await chat.post(calendar, data={"slot": times[0][0]})
    await chat.post(form.url.path, data=TOLD)
    await say(chat, text="办卡预约")
    await say(chat, text="1")
    held = await chat.post(calendar, data={"slot": times[1][0]})
    assert "原来的预约不变" in await held.text()
    card = await say(chat, text="办卡预约")
    assert "改到 12月1日（周二）09:30" in str(card["text"])


async def test_pages_work_without_scripts_and_are_kept_by_nobody(chat: Client) -> None:
    page = await chat.get(await link(chat))
    assert "<script" not in await page.text()
    assert page.headers["Cache-Control"] == "no-store"
    assert urlsplit(str(page.url)).path.startswith("/calendar/")


@pytest.mark.parametrize("token", ["", "a", "..", "1.2.3", "1.x." + "0" * 40])
def test_a_link_that_is_not_ours_is_bad(vault, token: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadLink):
        opened(vault, "details", token, NOW)
    path = signed_path(vault, "details", "7", NOW + timedelta(minutes=1))
    assert opened(vault, "details", path.removeprefix("/details/"), NOW) == "7"
    with pytest.raises(BadLink):
        opened(vault, "calendar", path.removeprefix("/details/"), NOW)


async def test_a_calendar_link_is_over_once_its_person_had_themselves_forgotten(chat: Client) -> None:
    """On SQLite the next one who comes gets the number that became free."""
    calendar = await link(chat)
    times = buttons(await (await chat.get(f"{calendar}?day=2026-12-01")).text())
    await say(chat, choice="erase.now")
    own = chat.session.headers.pop("Cookie")
    await chat.post("/chat/messages", json={"text": "菜单"})
    chat.session.headers["Cookie"] = own
    gone = await chat.post(calendar, data={"slot": times[0][0]}, allow_redirects=False)
    assert gone.status == 410
