"""The public pages of events: what anybody may see, and how the chat goes on from there."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, service
from services import checkins, events
from services.messaging import Attachment
from services.staff import Role
from tests.bot.conftest import settings
from tests.services.events.town import START, Town

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
Client = TestClient  # aiohttp's generics say nothing here


class Office:
    def __init__(self, client: Client):
        self.client = client
        self.town: Town
        self.house: Service
        self.number = 0

    async def read(self, path: str, status: int = 200) -> str:
        answered = await self.client.get(path)
        assert answered.status == status, path
        return await answered.text()

    async def said(self) -> list[str]:
        turns = (await (await self.client.get("/chat/history")).json())["turns"]
        return [message["text"] for turn in turns for message in turn["messages"]]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    town: Town | None = None
    async with service(
        settings(tmp_path), clock=lambda: town.now if town else START - timedelta(days=7)
    ) as house:
        town = Town(house.database)
        async with TestClient(
            TestServer(house.web, host="127.0.0.1"), cookie_jar=CookieJar(unsafe=True)
        ) as client:
            office = Office(client)
            office.town, office.house = town, house
            office.number = town.published(
                text="第一行\n<b>第二行</b>",
                map_url="https://map.example/1",
                poster=Attachment("poster.png", "image/png", PNG),
            )
            yield office


async def test_what_is_ahead_is_listed_and_shown(office: Office) -> None:
    assert "经纶江海：青年博士沙龙" in await office.read("/events")
    page = await office.read(f"/events/{office.number}")
    assert "还有 2 个名额" in page
    assert "&lt;b&gt;第二行" in page
    poster = await office.client.get(f"/events/{office.number}/poster")
    assert (poster.content_type, await poster.read()) == ("image/png", PNG)


async def test_what_is_not_public_is_not_there(office: Office) -> None:
    editor = office.town.colleague("林编辑", Role.EDITOR)
    draft = office.town.do(events.create, office.town.draft(title="还没审"), editor)
    for path in (
        f"/events/{draft}",
        f"/events/{draft}/poster",
        f"/events/{draft}/calendar.ics",
        "/events/999",
    ):
        await office.read(path, 404)
    await office.read(f"/events/{office.number}0/poster", 404)
    assert "还没审" not in await office.read("/events") + await office.read("/events.ics")


async def test_calendars_get_a_feed_with_changes_and_cancellations(office: Office) -> None:
    def entry(text: str) -> icalendar.cal.Component:
        return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]

    first = entry(await office.read("/events.ics"))
    assert first["summary"] == "经纶江海：青年博士沙龙"
    assert first["status"] == "CONFIRMED"
    boss = office.town.colleague("何审核", Role.REVIEWER)
    office.town.do(events.cancel, office.town.desk, office.number, boss)
    later = entry(await office.read("/events.ics"))
    assert later["uid"] == first["uid"]
    assert later["status"] == "CANCELLED"
    assert int(later["sequence"]) > int(first["sequence"])
    page = await office.read(f"/events/{office.number}")
    assert "取消了" in page
    assert "加到日历" not in page
    assert "经纶江海：青年博士沙龙" not in await office.read("/events")


async def test_signing_up_goes_on_in_the_chat(office: Office) -> None:
    answered = await office.client.post(f"/scan/event-{office.number}", allow_redirects=False)
    assert (answered.status, answered.headers["Location"]) == (303, "/")
    card, notice = await office.said()
    assert "还有 2 个名额" in card
    assert "第一次见面" in notice
    done = await office.client.post("/chat/messages", json={"choice": f"event.join:{office.number}"})
    assert (await done.json())["messages"][0]["text"].startswith("报好了")


async def test_the_door_checks_in_whoever_has_a_place(office: Office) -> None:
    await office.client.post("/chat/messages", json={"choice": f"event.join:{office.number}"})
    office.town.now = START
    payload = checkins.payload_of(office.house.database.vault, office.number)
    page = await office.read(f"/scan/{payload}")
    assert payload.rpartition("-")[2] in page
    assert not any("欢迎参加" in said for said in await office.said()), "looking at it checks nobody in"
    await office.client.post(f"/scan/{payload}", allow_redirects=False)
    assert "欢迎参加" in (await office.said())[-1]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (START - timedelta(minutes=61), "现在还不能签到"),
        (START + timedelta(hours=3, seconds=1), "已经结束了"),
        (START - timedelta(days=1), "取消了"),
        (START, "取消了"),
    ],
)
async def test_while_the_door_is_shut_its_page_tells_why_and_offers_nothing(
    office: Office, at: datetime, said: str
) -> None:
    if said == "取消了":
        boss = office.town.colleague("何审核", Role.REVIEWER)
        office.town.do(events.cancel, office.town.desk, office.number, boss)
    office.town.now = at
    payload = checkins.payload_of(office.house.database.vault, office.number)
    page = await office.read(f"/scan/{payload}")
    assert said in page
    assert "<button" not in page
    assert 'class="code"' not in page


async def test_the_door_stays_open_for_who_checks_in_on_their_way_out(office: Office) -> None:
    office.town.now = START + timedelta(hours=3)
    payload = checkins.payload_of(office.house.database.vault, office.number)
    assert "<button" in await office.read(f"/scan/{payload}")


async def test_the_page_at_the_door_does_not_tell_who_guesses_whether_they_are_right(office: Office) -> None:
    right = checkins.code_of(office.house.database.vault, office.number)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for office.town.now in (START - timedelta(days=5), START, START + timedelta(days=1)):
        pages = [await office.read(f"/scan/checkin-{office.number}-{code}") for code in (right, wrong)]
        assert pages[0].replace(right, "").replace(" ".join(right), "") == pages[1].replace(
            wrong, ""
        ).replace(" ".join(wrong), "")
    await office.client.post(f"/scan/checkin-{office.number}-{wrong}", allow_redirects=False)
    assert not any("欢迎参加" in said for said in await office.said())


@pytest.mark.parametrize("payload", ["checkin-9-123456", "checkin-1-12345", "..%2f", "a" * 65, "%E4%BD%A0"])
async def test_what_nobody_printed_opens_nothing(office: Office, payload: str) -> None:
    assert (await office.client.get(f"/scan/{payload}")).status in (404, 405)
    assert (await office.client.post(f"/scan/{payload}", allow_redirects=False)).status in (303, 404)
    assert not any("欢迎参加" in said for said in await office.said())


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_elsewhere_takes_nobody_out_of_their_conversation(office: Office, site: str) -> None:
    """It sends no cookie along, so that the answer's cookie would make them somebody else."""
    foreign = await office.client.post(
        f"/scan/event-{office.number}", headers={"Sec-Fetch-Site": site}, allow_redirects=False
    )
    assert (foreign.status, "Set-Cookie" in foreign.headers) == (403, False)
