"""A notice takes the first way that is open: inside the window, a subscription, a template; else it says why not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.session import Database, Unavailable
from services.messaging import Attachment, DeliveryError, Message
from services.wechat import waiting
from tests.bot.channels.platform import PERSON
from tests.bot.channels.platform_api import PlatformApi
from tests.bot.channels.wechat_chat import Chat, choices

FORMS = {"subscribe_ids": {"notice": "S-1:thing4"}, "template_ids": {"notice": "T-1"}}
SAY, SUBSCRIBED, TEMPLATE = "message/custom/send", "message/subscribe/bizsend", "message/template/send"
NOTICE = Message("明天 9:00 请到江海分中心办理优才卡，带上身份证和学位证。")


@pytest.fixture
async def api() -> AsyncIterator[PlatformApi]:
    async with PlatformApi() as api:
        yield api


@pytest.fixture
async def chat(house: Database, api: PlatformApi) -> AsyncIterator[Chat]:
    async with Chat(house, api, account=FORMS) as chat:
        yield chat


def taken(api: PlatformApi, path: str) -> list[dict[str, Any]]:
    return [body for called, body in api.calls if called == path]


async def refused(chat: Chat, message: Message = NOTICE, **how: bool) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await chat.channel.send(PERSON, message, **how)
    return caught.value


async def test_inside_the_window_it_is_an_ordinary_message(chat: Chat, api: PlatformApi) -> None:
    await chat.say("您好")
    await chat.channel.send(PERSON, NOTICE)
    await chat.channel.send(PERSON, choices("去", "不去"))
    assert api.texts() == [NOTICE.text]
    assert api.said()[1]["msgmenu"]["list"][0] == {"id": "choice:去", "content": "去"}


async def test_a_tap_opens_a_minute_and_a_word_two_days(chat: Chat, api: PlatformApi) -> None:
    await chat.push(chat.platform.event("CLICK", EventKey="menu"))
    await chat.channel.send(PERSON, NOTICE)
    chat.later(minutes=2)
    await chat.channel.send(PERSON, NOTICE)
    assert (len(taken(api, SAY)), len(taken(api, SUBSCRIBED))) == (1, 1)
    await chat.say("在")
    chat.later(hours=47)
    await chat.channel.send(PERSON, NOTICE)
    chat.later(hours=2)
    await chat.channel.send(PERSON, NOTICE)
    assert (len(taken(api, SAY)), len(taken(api, SUBSCRIBED))) == (2, 2)


async def test_the_sixth_message_takes_another_way(chat: Chat, api: PlatformApi) -> None:
    await chat.say("您好")
    for _ in range(6):
        await chat.channel.send(PERSON, NOTICE)
    assert (len(taken(api, SAY)), len(taken(api, SUBSCRIBED))) == (5, 1)


async def test_bulk_leaves_the_last_message_for_an_answer(chat: Chat, api: PlatformApi) -> None:
    await chat.say("您好")
    for _ in range(5):
        await chat.channel.send(PERSON, NOTICE, bulk=True)
    assert (len(taken(api, SAY)), len(taken(api, SUBSCRIBED))) == (4, 1)


async def test_outside_it_a_subscription_notice_holds_the_beginning_and_the_rest_waits(
    chat: Chat, api: PlatformApi
) -> None:
    await chat.channel.send(PERSON, NOTICE)
    [form] = taken(api, SUBSCRIBED)
    assert form["template_id"] == "S-1"
    [(field, value)] = form["data"].items()
    assert (field, len(value["value"])) == ("thing4", 20)
    assert NOTICE.text.startswith(value["value"].rstrip("…"))
    assert NOTICE.text in await chat.say("收到")


async def test_who_refused_subscriptions_gets_a_template_but_never_bulk(chat: Chat, api: PlatformApi) -> None:
    api.next_for(SUBSCRIBED, {"errcode": 43101}, {"errcode": 43101})
    sent = await chat.channel.send(PERSON, Message("办好了"))
    assert sent.message_id == "201"
    assert taken(api, TEMPLATE)[0]["data"] == {"thing1": {"value": "办好了"}}
    assert (await refused(chat, bulk=True)).reason == "window_over"


async def test_without_any_way_it_says_so(house: Database, api: PlatformApi) -> None:
    async with Chat(house, api) as chat:
        error = await refused(chat)
    assert (error.reason, error.permanent) == ("window_over", True)
    async with Chat(house) as chat:
        assert (await refused(chat)).reason == "not_granted"


@pytest.mark.parametrize("code", [45015, 45047])
async def test_the_platforms_word_on_the_window_is_believed(chat: Chat, api: PlatformApi, code: int) -> None:
    await chat.say("您好")
    api.next_for(SAY, {"errcode": code})
    await chat.channel.send(PERSON, NOTICE)
    await chat.channel.send(PERSON, NOTICE)
    assert (len(taken(api, SAY)), len(taken(api, SUBSCRIBED))) == (0, 2)


async def test_a_busy_platform_costs_none_of_the_messages_left(chat: Chat, api: PlatformApi) -> None:
    await chat.say("您好")
    api.next_for(SAY, *[{"errcode": -1}] * 7)
    for _ in range(7):
        assert (await refused(chat)).reason == "busy"
    for _ in range(5):
        await chat.channel.send(PERSON, NOTICE)
    assert len(taken(api, SAY)) == 5


@pytest.mark.parametrize(("code", "reason"), [(40003, "unknown"), (43004, "blocked")])
async def test_who_cannot_be_reached_is_not_tried_by_other_ways(
    chat: Chat, api: PlatformApi, code: int, reason: str
) -> None:
    await chat.say("您好")
    api.next_for(SAY, {"errcode": code})
    error = await refused(chat)
    assert (error.reason, error.permanent) == (reason, True)
    assert taken(api, SUBSCRIBED) == []


async def test_a_notice_that_was_begun_is_finished_with_the_next_word(chat: Chat, api: PlatformApi) -> None:
    await chat.say("您好")
    pictured = Message("请出示：", attachments=(Attachment("签到.png", "image/png", b"\x89"),))
    api.next_for("media/upload", {"errcode": -1})
    await chat.channel.send(PERSON, pictured)
    assert api.texts() == ["请出示："]
    assert "《签到.png》在微信里发不了" in await chat.say("图呢")


async def test_what_is_out_in_part_is_not_tried_again_when_the_rest_cannot_be_kept(
    chat: Chat, api: PlatformApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("disk full")

    monkeypatch.setattr(waiting, "lay_down", gone)
    assert (await refused(chat)).perhaps
    assert len(taken(api, SUBSCRIBED)) == 1
    await chat.say("您好")
    api.next_for("media/upload", {"errcode": -1})
    pictured = Message("请出示：", attachments=(Attachment("签到.png", "image/png", b"\x89"),))
    assert (await refused(chat, pictured)).perhaps


async def test_who_left_has_no_window_any_more(chat: Chat, api: PlatformApi) -> None:
    await chat.say("您好")
    await chat.push(chat.platform.event("unsubscribe"))
    await chat.channel.send(PERSON, NOTICE)
    assert taken(api, SAY) == []
