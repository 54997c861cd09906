"""The web chat through its front door: what is said is answered, remembered and streamed, and only to its person."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from bot.app import Service
from db.session import Unavailable
from services.messaging import Attachment, DeliveryError, Message
from tests.bot.conftest import Client

Come = Callable[[], Client]


async def say(client: Client, text: str, **more: str) -> list[dict[str, Any]]:
    response = await client.post("/chat/messages", json={"text": text, **more})
    assert response.status == 200, await response.text()
    messages: list[dict[str, Any]] = (await response.json())["messages"]
    return messages


def address(client: Client) -> str:
    cookies = {cookie.key: cookie.value for cookie in client.session.cookie_jar}
    return cookies["youcai_chat"].split(".")[0]


async def test_a_question_is_answered_with_its_clause(person: Come) -> None:
    said = (await say(person(), "优才卡每年发多少张"))[0]
    assert "100张" in said["text"]
    assert said["citations"][0]["in_force"] is False
    assert {"label": "转人工", "choice": "handoff"} in said["buttons"]


async def test_who_comes_back_finds_what_was_said(person: Come) -> None:
    chen = person()
    await say(chen, "你好")
    await chen.post("/chat/messages", json={"choice": "handoff"})
    history = await (await chen.get("/chat/history")).json()
    said = [turn["said"] for turn in history["turns"]]
    assert said == [{"text": "你好"}, {"choice": "handoff", "label": "转人工"}]


async def test_nobody_sees_anothers_conversation(person: Come) -> None:
    chen, li = person(), person()
    await say(chen, "优才卡每年发多少张")
    assert (await (await li.get("/chat/history")).json())["turns"] == []


async def test_the_same_update_id_is_answered_once(person: Come) -> None:
    chen = person()
    await say(chen, "你好")
    first = await say(chen, "优才卡每年发多少张", update_id="once")
    assert await say(chen, "优才卡每年发多少张", update_id="once") == first
    assert len((await (await chen.get("/chat/history")).json())["turns"]) == 2


async def test_a_forged_cookie_is_nobody(person: Come) -> None:
    chen, thief = person(), person()
    await say(chen, "优才卡每年发多少张")
    for value in (f"{address(chen)}.{'0' * 40}", address(chen), f"{address(chen)}.", ".", "签名"):
        response = await thief.get("/chat/history", headers={"Cookie": f"youcai_chat={value}"})
        assert (await response.json())["turns"] == []


async def test_the_cookie_cannot_be_read_by_scripts(person: Come) -> None:
    response = await person().get("/")
    given = response.headers["Set-Cookie"]
    assert "HttpOnly" in given
    assert "SameSite=Lax" in given
    assert "no-cache" in response.headers["Cache-Control"]
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


async def test_files_are_given_to_their_person_only(person: Come) -> None:
    chen, li = person(), person()
    file = (await say(chen, "导出我的数据"))[0]["attachments"][0]
    await say(li, "你好")
    mine = await chen.get(file["url"])
    assert json.loads(await mine.read())["identities"]
    assert "attachment" in mine.headers["Content-Disposition"]
    assert "sandbox" in mine.headers["Content-Security-Policy"]
    assert (await li.get(file["url"])).status == 404
    for wrong in ("/chat/files/x/0", file["url"][:-1] + "9", file["url"][:-1] + "x", file["url"] + "000"):
        assert (await chen.get(wrong)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"text": 1}',
        b'{"text": null}',
        b'{"text": "a", "choice": "menu"}',
        b'{"text": ""}',
        b'{"text": " \\n "}',
        b'{"choice": ""}',
        b'{"choice": "%s"}' % (b"x" * 65),
        b'{"choice": "a\\u0000"}',
        b'{"text": "a", "update_id": "\\u0000"}',
        b'{"text": "a", "update_id": "a b"}',
        b'{"text": "a", "update_id": 7}',
        b'{"text": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 50_000,
        json.dumps({"text": "长" * 2001}).encode(),
    ],
)
async def test_whatever_is_not_a_message_is_told_in_a_sentence(person: Come, body: bytes) -> None:
    response = await person().post("/chat/messages", data=body)
    assert response.status == 400
    assert (await response.json())["error"].endswith("。")


async def test_a_body_of_a_megabyte_is_refused_by_its_size(person: Come) -> None:
    response = await person().post("/chat/messages", data=b"x" * 1_000_000)
    assert response.status == 413
    assert "太大" in (await response.json())["error"]


async def test_another_site_cannot_speak_for_a_person(person: Come) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    response = await person().post("/chat/messages", json={"text": "你好"}, headers=cross)
    assert response.status == 403


@pytest.mark.parametrize(
    "text", ["🎉" * 1000, "‮文字", "a\x00b\x07c", "👩‍👩‍👧‍👦", "\n\n\n优才卡\n\n", "%s%n{}{{7*7}}"]
)
async def test_odd_texts_are_answered(person: Come, text: str) -> None:
    assert (await say(person(), text))[0]["text"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@tries(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["text", "choice", "update_id", "x"]), anything))
async def test_no_json_whatever_makes_the_service_fail(person: Come, body: dict[str, Any]) -> None:
    response = await person().post("/chat/messages", json=body)
    assert response.status in (200, 400)


async def test_who_writes_too_fast_is_asked_to_wait(person: Come, running: Service) -> None:
    chen, li = person(), person()
    await say(li, "你好")
    answer = await chen.post("/chat/messages", json={"choice": "menu"})
    told = 1
    while answer.status == 200 and told < 300:  # a slow machine gives a minute's allowance time to grow back
        answer = await chen.post("/chat/messages", json={"choice": "menu"})
        told += 1
    assert answer.status == 429
    assert told > 60
    assert int(answer.headers["Retry-After"]) >= 1
    assert "太快" in (await answer.json())["error"]
    await say(li, "别人不受影响")


async def test_a_database_that_is_gone_is_a_sentence_and_a_time_to_come_back(
    person: Come, running: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object, **__: object) -> None:
        raise Unavailable("disk full")

    chen = person()
    await say(chen, "你好")
    monkeypatch.setattr(running.database, "run", gone)
    response = await chen.post("/chat/messages", json={"text": "在吗"})
    assert response.status == 503
    assert response.headers["Retry-After"]
    assert "还没有收下" in (await response.json())["error"]


async def _next(stream: Any) -> dict[str, Any]:
    async for line in stream.content:
        if line.startswith(b"data: "):
            found: dict[str, Any] = json.loads(line[6:])
            return found
    raise AssertionError("the stream ended")


async def test_a_later_message_comes_through_the_stream(person: Come, running: Service) -> None:
    chen = person()
    await say(chen, "你好")
    file = Attachment("预约.ics", "text/calendar", b"BEGIN:VCALENDAR")
    async with chen.get("/chat/events") as stream:
        await running.webchat.send(address(chen), Message("有新消息", attachments=(file,)))
        told = await asyncio.wait_for(_next(stream), 10)
    assert told["text"] == "有新消息"
    assert await (await chen.get(told["attachments"][0]["url"])).read() == b"BEGIN:VCALENDAR"
    history = await (await chen.get("/chat/history")).json()
    assert history["turns"][-1]["messages"][0]["text"] == "有新消息"
    assert history["last_event"] > 0


async def test_a_stream_goes_on_where_the_last_one_broke(person: Come, running: Service) -> None:
    chen = person()
    await say(chen, "你好")
    first = await running.webchat.send(address(chen), Message("第一条"))
    await running.webchat.send(address(chen), Message("第二条"))
    async with chen.get("/chat/events", headers={"Last-Event-ID": first.message_id}) as stream:
        assert (await asyncio.wait_for(_next(stream), 10))["text"] == "第二条"


async def test_a_message_laid_down_by_another_process_comes_too(person: Come, running: Service) -> None:
    """Another process has no way to wake this one: it looks by itself."""
    from bot.channels.webchat import WebChat

    chen = person()
    await say(chen, "你好")
    parts = vars(running.webchat)
    other = WebChat(
        running.database, parts["_dispatch"], b"", parts["_cookie"], parts["_limits"], parts["_caller"]
    )
    async with chen.get("/chat/events") as stream:
        await asyncio.sleep(0.1)
        await other.send(address(chen), Message("来自工作进程"))
        assert (await asyncio.wait_for(_next(stream), 10))["text"] == "来自工作进程"


async def test_a_stream_of_somebody_who_had_themselves_forgotten_tells_nothing_of_who_comes_next(
    person: Come, running: Service
) -> None:
    """On SQLite the next one gets the number that became free."""
    chen, li = person(), person()
    await say(chen, "菜单")
    async with chen.get("/chat/events") as stream:
        await asyncio.sleep(0.1)
        await chen.post("/chat/messages", json={"choice": "erase.now"})
        await say(li, "菜单")
        await running.webchat.send(address(li), Message("只给李博士"))
        with pytest.raises((AssertionError, TimeoutError)):
            await asyncio.wait_for(_next(stream), 2)


async def test_a_stream_needs_somebody_known_and_has_a_limit(person: Come) -> None:
    chen = person()
    assert (await chen.get("/chat/events")).status == 401
    await say(chen, "你好")
    streams = [await chen.get("/chat/events") for _ in range(7)]
    assert [stream.status for stream in streams] == [200] * 6 + [429]
    for stream in streams:
        stream.close()


async def test_nobody_can_be_reached_who_never_came(running: Service) -> None:
    with pytest.raises(DeliveryError) as failed:
        await running.webchat.send("nobody", Message("在吗"))
    assert failed.value.permanent


async def test_a_page_that_is_not_there_is_a_sentence(person: Come) -> None:
    for response in (await person().get("/nothing"), await person().put("/chat/messages")):
        assert "没有这个页面" in (await response.json())["error"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_static_files_are_kept_by_browsers_under_their_version(person: Come) -> None:
    chen = person()
    page = await (await chen.get("/")).text()
    sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
    response = await chen.get(sheet)
    assert response.status == 200
    assert "immutable" in response.headers["Cache-Control"]
