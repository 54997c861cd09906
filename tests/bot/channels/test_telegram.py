"""Telegram through our own front door, against a Bot API that refuses, delays and repeats."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.app import Service, service
from db.conversation import SeenUpdate
from db.people import Identity
from services.messaging import Attachment, Button, Citation, DeliveryError, Message
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram, bring
from tests.bot.conftest import settings

GROUP = {"id": -100, "type": "supergroup", "title": "博士群"}
Bring = Callable[[Any], Awaitable[int]]


def account(telegram: FakeTelegram, **more: object) -> dict[str, object]:
    return {"token": TOKEN, "base_url": telegram.url, "secret_token": "s3cret", **more}


@pytest.fixture
async def hooked(tmp_path: Path, telegram: FakeTelegram) -> AsyncIterator[Service]:
    async with service(settings(tmp_path, telegram=account(telegram, webhook="on"))) as running:
        await telegram.said(1, "setWebhook")
        yield running


@pytest.fixture
async def send(hooked: Service) -> AsyncIterator[Bring]:
    async with TestServer(hooked.web, host="127.0.0.1") as server, ClientSession() as session:
        url = str(server.make_url("/telegram"))

        async def one(update: Any, secret: str = "s3cret") -> int:
            return await bring(session, url, update, secret)

        yield one


async def rows(running: Service, table: type) -> int:
    return await running.database.read(
        lambda s: s.execute(select(func.count()).select_from(table)).scalar_one()
    )


async def test_it_introduces_itself(hooked: Service, telegram: FakeTelegram) -> None:
    await telegram.said(1, "setChatMenuButton")
    told = {call.method: call.fields for call in telegram.calls}
    assert told["setWebhook"]["allowed_updates"] == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]
    assert told["setWebhook"]["secret_token"] == "s3cret"
    languages = [
        call.fields.get("language_code") for call in telegram.calls if call.method == "setMyCommands"
    ]
    assert languages == [None, "zh", "en"]
    assert "setChatMenuButton" in told


async def test_a_question_is_answered_with_its_clause_folded_and_buttons(
    send: Bring, telegram: FakeTelegram
) -> None:
    assert await send(telegram.text("优才卡每年发多少张")) == 200
    said = (await telegram.said(1))[0]
    assert "<blockquote>「每年发放优才卡不少于100张。」</blockquote>" in said.fields["text"]
    assert "<blockquote expandable>" in said.fields["text"]
    assert said.labels == ["👍 有用", "👎 没用", "转人工"]


async def test_a_follow_up_follows(send: Bring, telegram: FakeTelegram) -> None:
    await send(telegram.text("钻石卡能不能上门办"))
    before = len(await telegram.said(1))
    await send(telegram.text("那金卡呢"))
    assert "上门" in (await telegram.said(before + 1))[before].fields["text"]


async def test_a_tap_is_acknowledged_and_a_card_changes_in_place(send: Bring, telegram: FakeTelegram) -> None:
    await send(telegram.text("/menu"))
    await send(telegram.tap("menu", card=5))
    edited = (await telegram.said(1, "editMessageText"))[0]
    assert edited.fields["message_id"] == 5
    await telegram.said(1, "answerCallbackQuery")


@pytest.mark.parametrize("description", ["message can't be edited", "message to edit not found"])
async def test_a_card_that_cannot_change_is_said_anew(
    send: Bring, telegram: FakeTelegram, description: str
) -> None:
    telegram.refuse("editMessageText", 400, description=f"Bad Request: {description}")
    await send(telegram.tap("menu"))
    assert (await telegram.said(1, "sendMessage"))[0].labels


async def test_a_card_that_is_the_same_already_is_left(send: Bring, telegram: FakeTelegram) -> None:
    await send(telegram.text("你好"))
    before = len(await telegram.said(1, "sendMessage"))
    telegram.refuse("editMessageText", 400, description="Bad Request: message is not modified: same content")
    assert await send(telegram.tap("menu")) == 200
    assert len(await telegram.said(before, "sendMessage")) == before


async def test_a_stale_button_brings_the_menu(send: Bring, telegram: FakeTelegram) -> None:
    await send(telegram.tap("gone:1:2"))
    assert "过期" in (await telegram.said(1))[0].fields["text"]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/start", "您好"),
        ("/start unknown-1", "您好"),
        ("/help", "直接打字"),
        ("/privacy", "保存着"),
        ("/nonsense", "直接打字"),
        ("/ask 优才卡每年发多少张", "100张"),
        ("/menu@youcai_bot", "需要什么"),
    ],
)
async def test_commands_mean_what_they_say(
    send: Bring, telegram: FakeTelegram, command: str, told: str
) -> None:
    await send(telegram.text(command))
    assert told in (await telegram.said(1))[0].fields["text"]


@pytest.mark.parametrize("kind", ["voice", "sticker", "location", "photo", "document", "contact"])
async def test_what_cannot_be_read_is_told(send: Bring, telegram: FakeTelegram, kind: str) -> None:
    file = {"file_id": "1", "file_unique_id": "1"}
    content = {
        "voice": {**file, "duration": 1},
        "sticker": {
            **file,
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
        },
        "location": {"latitude": 1.0, "longitude": 1.0},
        "photo": [{**file, "width": 1, "height": 1}],
        "document": file,
        "contact": {"phone_number": "1", "first_name": "陈"},
    }[kind]
    await send(telegram.update(message=telegram.message(**{kind: content})))
    assert "看不了" in (await telegram.said(1))[0].fields["text"]


async def test_a_slip_put_right_at_once_is_answered_and_an_old_edit_is_not(
    send: Bring, telegram: FakeTelegram
) -> None:
    old = telegram.message(text="优才卡每年发多少张")
    assert await send(telegram.update(edited_message={**old, "date": int(time.time()) - 600})) == 200
    assert await send(telegram.update(edited_message=telegram.message(text="优才卡每年发多少张"))) == 200
    assert len(await telegram.said(1)) in (1, 2)
    assert "100张" in (await telegram.said(1))[0].fields["text"]


async def test_channels_services_and_other_bots_are_passed_over(
    send: Bring, telegram: FakeTelegram, hooked: Service
) -> None:
    post = telegram.message(text="大家好", chat={"id": -5, "type": "channel", "title": "公告"})
    bot = telegram.message(text="优才卡")
    bot["from"]["is_bot"] = True
    for update in (
        telegram.update(channel_post=post),
        telegram.update(message=bot),
        telegram.update(message=telegram.message(chat=GROUP, migrate_to_chat_id=-101)),
        telegram.update(poll={"id": "1"}),
        telegram.update(),
    ):
        assert await send(update) == 200
    assert await rows(hooked, SeenUpdate) == 0


async def test_in_groups_only_who_speaks_to_us_is_answered_and_never_personally(
    send: Bring, telegram: FakeTelegram
) -> None:
    await send(telegram.text("优才卡每年发多少张", chat=GROUP))
    await send(telegram.text("@youcai_bot 优才卡每年发多少张", chat=GROUP))
    answer = telegram.message(text="优才卡每年发多少张", chat=GROUP)
    answer["reply_to_message"] = {
        **telegram.message(chat=GROUP, text="?"),
        "from": {**answer["from"], "id": 123456},
    }
    await send(telegram.update(message=answer))
    await send(telegram.text("@youcai_bot 导出我的数据", chat=GROUP))
    said = await telegram.said(3)
    assert [call.fields["chat_id"] for call in said] == [-100] * 3
    assert ["100张" in call.fields["text"] for call in said] == [True, True, False]
    assert "私下" in said[2].fields["text"]


async def test_who_blocks_us_has_left_and_is_met_again_when_they_write(
    send: Bring, telegram: FakeTelegram, hooked: Service
) -> None:
    await send(telegram.text("你好"))
    user = {"id": 7, "is_bot": False, "first_name": "陈"}
    member = {
        "chat": {"id": 7, "type": "private"},
        "from": user,
        "date": int(time.time()),
        "old_chat_member": {"user": user, "status": "member"},
        "new_chat_member": {"user": user, "status": "kicked", "until_date": 0},
    }
    await send(telegram.update(my_chat_member=member))
    left = select(Identity.left_at)
    assert await hooked.database.read(lambda s: s.execute(left).scalar_one()) is not None
    await send(telegram.text("你好"))
    assert await hooked.database.read(lambda s: s.execute(left).scalar_one()) is None


async def test_a_person_who_blocked_us_between_is_marked_and_not_asked_again(
    send: Bring, telegram: FakeTelegram, hooked: Service
) -> None:
    telegram.refuse("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    assert await send(telegram.text("优才卡每年发多少张")) == 200
    assert len(await telegram.said(1, "sendMessage")) == 1
    assert await hooked.database.read(lambda s: s.execute(select(Identity.left_at)).scalar_one()) is not None


async def test_a_pause_asked_for_is_kept_and_the_answer_follows(send: Bring, telegram: FakeTelegram) -> None:
    await send(telegram.text("你好"))
    before = len(await telegram.said(1, "sendMessage"))
    telegram.refuse("sendMessage", 429, retry_after=1)
    assert await send(telegram.text("优才卡每年发多少张")) == 200
    tried = (await telegram.said(before + 2, "sendMessage"))[before:]
    assert tried[1].at - tried[0].at >= 1
    assert "100张" in tried[1].fields["text"]


async def test_a_pause_in_bulk_holds_up_no_answer(
    send: Bring, telegram: FakeTelegram, hooked: Service
) -> None:
    channel = hooked.channels["telegram"]
    telegram.refuse("sendMessage", 429, retry_after=30)
    with pytest.raises(DeliveryError) as told:
        await channel.send("8", Message("通知"), bulk=True)
    assert told.value.retry_at is not None
    calls = len(telegram.calls)
    with pytest.raises(DeliveryError) as still:
        await channel.send("9", Message("通知"), bulk=True)
    assert (still.value.reason, len(telegram.calls)) == ("busy", calls), "nobody is asked during the pause"
    await asyncio.wait_for(send(telegram.text("优才卡每年发多少张")), 5)
    assert "100张" in (await telegram.said(2, "sendMessage"))[1].fields["text"]


@pytest.mark.parametrize(
    ("status", "description", "reason", "permanent"),
    [
        (403, "Forbidden: user is deactivated", "blocked", True),
        (400, "Bad Request: chat not found", "blocked", True),
        (400, "Bad Request: message text is empty", "refused", True),
        (500, "Internal Server Error", "network", False),
        (502, "Bad Gateway", "network", False),
        (401, "Unauthorized", "token", False),
    ],
)
async def test_each_refusal_is_told_once_and_for_what_it_is(
    hooked: Service, telegram: FakeTelegram, status: int, description: str, reason: str, permanent: bool
) -> None:
    telegram.refuse("sendMessage", status, description=description)
    with pytest.raises(DeliveryError) as told:
        await hooked.channels["telegram"].send("7", Message("通知"))
    assert (told.value.reason, told.value.permanent) == (reason, permanent)


async def test_a_pause_longer_than_a_reader_waits_is_kept_and_the_update_asked_for_again(
    send: Bring, telegram: FakeTelegram, hooked: Service
) -> None:
    update = telegram.text("优才卡每年发多少张")
    telegram.refuse("sendMessage", 429, retry_after=60)
    assert await send(update) == 503
    assert await send(update) == 503
    assert len(await telegram.said(1, "sendMessage")) == 1, "nobody is asked again before the pause is over"
    assert await rows(hooked, SeenUpdate) == 1


async def test_copies_at_once_are_one(send: Bring, telegram: FakeTelegram, hooked: Service) -> None:
    update = telegram.text("优才卡每年发多少张")
    assert await asyncio.gather(*(send(update) for _ in range(5))) == [200] * 5
    texts = [call.fields["text"] for call in await telegram.said(1, "sendMessage")]
    assert sum("100张" in text for text in texts) == 1


@pytest.mark.parametrize("secret", ["", "wrong", "秘密"])
async def test_nobody_without_the_secret_is_heard(
    send: Callable[..., Awaitable[int]], telegram: FakeTelegram, secret: str
) -> None:
    with pytest.MonkeyPatch.context():
        assert await send(telegram.text("优才卡"), secret.encode().decode("latin-1")) == 403


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["update_id", "message", "callback_query", "edited_message", "my_chat_member", "x"])


@tries(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(fields, anything) | anything)
async def test_no_body_whatever_makes_it_fail(send: Bring, body: Any) -> None:
    assert await send(body) in (200, 400)


async def test_what_is_no_json_or_far_too_large_is_refused(send: Bring) -> None:
    assert await send(b"{") == 400
    assert await send(b"\xff") == 400
    assert await send(b"[" * 30_000) == 400
    assert await send(b"x" * 2_000_000) == 413


async def test_long_answers_are_cut_and_files_go_along(hooked: Service, telegram: FakeTelegram) -> None:
    long = "\n\n".join(f"第{number}段。" + "字" * 300 for number in range(30))
    files = (Attachment("码.png", "image/png", b"png"), Attachment("预约.ics", "text/calendar", b"ics"))
    buttons = (Button("好", "menu"),)
    await hooked.channels["telegram"].send("7", Message(long, buttons, files))
    said = await telegram.said(1)
    texts = [call for call in said if call.method == "sendMessage"]
    assert len(texts) > 1
    assert all(len(call.fields["text"]) <= 4096 for call in texts)
    assert [bool(call.labels) for call in texts] == [False] * (len(texts) - 1) + [True]
    assert [call.method for call in said[-2:]] == ["sendPhoto", "sendDocument"]


@given(st.text(min_size=1, max_size=300), st.text(max_size=300))
def test_markup_in_words_stays_words(text: str, clause: str) -> None:
    from html.parser import HTMLParser

    from bot.channels.telegram_text import pieces

    found: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            found.add(tag)

    for part in pieces(Message(text, citations=(Citation("t", text[:20], "附件", clause, True),))):
        Tags().feed(part.html)
    assert found <= {"blockquote", "b"}


async def test_a_telegram_that_is_down_holds_up_nothing_and_is_named(tmp_path: Path) -> None:
    down = {"token": TOKEN, "base_url": "http://127.0.0.1:1"}
    async with (
        service(settings(tmp_path, telegram=down)) as running,
        TestClient(TestServer(running.web)) as person,
    ):
        assert (await person.post("/chat/messages", json={"text": "你好"})).status == 200
        for _ in range(100):
            body = await (await person.get("/healthz")).json()
            if body["sick"]["telegram"] != "starting":
                break
            await asyncio.sleep(0.05)
        assert body["sick"] == {"telegram": "network"}


async def test_personal_details_are_off_unless_the_office_allows_them(
    tmp_path: Path, telegram: FakeTelegram
) -> None:
    for allowed in (False, True):
        section = account(telegram, personal_details=allowed)
        async with service(settings(tmp_path / str(allowed), telegram=section)) as running:
            assert running.channels["telegram"].abilities.personal_details is allowed
