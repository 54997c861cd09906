"""The platform's API: one token for all, every fault told as a DeliveryError, nothing asked for in vain."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.wechat_account import menu_of
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_errors import MEANINGS, error_of
from db.session import Database
from services.messaging import Attachment, DeliveryError
from tests.bot.channels.platform_api import CUT, SECRET, PlatformApi

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, 16, tzinfo=UTC)  # in Shanghai
SAY = "message/custom/send"
TOKEN = "stable_token"
APP = "wx1234567890abcdef"


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform() -> AsyncIterator[PlatformApi]:
    async with PlatformApi() as platform:
        yield platform


@pytest.fixture
async def api(platform: PlatformApi, house: Database, clock: Clock) -> AsyncIterator[WeChatApi]:
    api = WeChatApi(platform.url, APP, SECRET, house, clock)
    await api.open()
    yield api
    await api.close()


async def refused(api: WeChatApi) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await api.say("o-chen", "您好")
    return caught.value


async def test_a_text_goes_out_as_it_is(api: WeChatApi, platform: PlatformApi) -> None:
    await api.say("o-chen", "您好 😀 <&>")
    assert platform.said() == [{"touser": "o-chen", "msgtype": "text", "text": {"content": "您好 😀 <&>"}}]


async def test_choices_go_out_as_a_list_to_tap(api: WeChatApi, platform: PlatformApi) -> None:
    await api.offer("o-chen", "要改约吗？", {"move:3:1": "改约", "keep": "不改"})
    assert platform.said()[0]["msgmenu"] == {
        "head_content": "要改约吗？",
        "list": [{"id": "move:3:1", "content": "改约"}, {"id": "keep", "content": "不改"}],
        "tail_content": "",
    }


async def test_a_picture_is_uploaded_and_shown(api: WeChatApi, platform: PlatformApi) -> None:
    await api.show("o-chen", Attachment("签到.png", "image/png", b"\x89PNG"))
    assert platform.calls == [
        ("media/upload", {"name": "picture.png", "size": 4}),
        (SAY, {"touser": "o-chen", "msgtype": "image", "image": {"media_id": "media-1"}}),
    ]


async def test_many_calls_at_once_fetch_one_token(api: WeChatApi, platform: PlatformApi) -> None:
    await asyncio.gather(*(api.say("o-chen", str(n)) for n in range(20)))
    assert platform.fetched == [False]
    assert len(platform.said()) == 20


async def test_another_process_uses_the_token_of_the_first(
    api: WeChatApi, platform: PlatformApi, house: Database, clock: Clock
) -> None:
    await api.say("o-chen", "一")
    second = WeChatApi(platform.url, APP, SECRET, house, clock)
    await second.open()
    await second.say("o-chen", "二")
    await second.close()
    assert platform.fetched == [False]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_and_the_call_made_again_once(
    api: WeChatApi, platform: PlatformApi, code: int
) -> None:
    await api.say("o-chen", "一")
    platform.expire_token()
    platform.next_for(SAY, {"errcode": code})
    await api.say("o-chen", "二")
    assert platform.texts() == ["一", "二"]
    assert platform.fetched == [False, False]


async def test_a_token_that_stays_refused_is_forced_once_and_then_told(
    api: WeChatApi, platform: PlatformApi
) -> None:
    for _ in range(2):
        platform.next_for(SAY, {"errcode": 40001}, {"errcode": 40001})
        error = await refused(api)
        assert (error.reason, error.permanent) == ("token", False)
    assert platform.fetched.count(True) == 1
    assert "token" in api.alarm
    await api.say("o-chen", "好了")
    assert api.alarm == ""


async def test_a_token_is_renewed_before_it_ends(api: WeChatApi, platform: PlatformApi, clock: Clock) -> None:
    await api.say("o-chen", "一")
    clock.now += timedelta(minutes=114)
    await api.say("o-chen", "二")
    assert len(platform.fetched) == 1
    clock.now += timedelta(minutes=2)
    await api.say("o-chen", "三")
    assert len(platform.fetched) == 2


async def test_a_wrong_secret_is_an_alarm(platform: PlatformApi, house: Database, clock: Clock) -> None:
    api = WeChatApi(platform.url, APP, "wrong", house, clock)
    await api.open()
    assert (await refused(api)).reason == "secret"
    assert "secret" in api.alarm
    await api.close()


@pytest.mark.parametrize("code", [code for code in MEANINGS if code not in (40001, 40014, 42001)])
async def test_every_code_has_one_meaning(api: WeChatApi, platform: PlatformApi, code: int) -> None:
    platform.next_for(SAY, {"errcode": code, "errmsg": "no"})
    error = await refused(api)
    assert (error.reason, error.permanent) == (MEANINGS[code].reason, MEANINGS[code].permanent)
    assert error.permanent or (error.retry_at is not None and error.retry_at > NOON)


async def test_an_unknown_code_is_tried_again_later(api: WeChatApi, platform: PlatformApi) -> None:
    platform.next_for(SAY, {"errcode": 99999})
    assert (await refused(api)).retry_at == NOON + timedelta(minutes=5)


async def test_the_daily_limit_stops_that_call_until_midnight_in_shanghai(
    api: WeChatApi, platform: PlatformApi, clock: Clock
) -> None:
    platform.next_for(SAY, {"errcode": 45009})
    assert (await refused(api)).retry_at == MIDNIGHT
    clock.now = MIDNIGHT - timedelta(seconds=1)
    assert (await refused(api)).reason == "daily_limit"
    assert platform.said() == []
    clock.now = MIDNIGHT
    await api.say("o-chen", "早")
    assert platform.texts() == ["早"]


async def test_a_busy_platform_is_left_alone_longer_each_time(api: WeChatApi, platform: PlatformApi) -> None:
    platform.next_for(SAY, *[{"errcode": -1}] * 12)
    waits = [(await refused(api)).retry_at for _ in range(12)]
    seconds = [(at - NOON).total_seconds() for at in waits if at]
    assert seconds[:4] == [2, 4, 8, 16]
    assert seconds[-1] == 300
    await api.say("o-chen", "好")
    platform.next_for(SAY, {"errcode": -1})
    assert (await refused(api)).retry_at == NOON + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (502, "network"),
        (404, "network"),
        (504, "timeout"),
        (CUT, "timeout"),
        ("<html>busy</html>", "garbage"),
        ("[1]", "garbage"),
        ("", "garbage"),
    ],
)
async def test_no_readable_answer_may_work_again_soon(
    api: WeChatApi, platform: PlatformApi, answer: str | int, reason: str
) -> None:
    platform.next_for(SAY, answer)
    error = await refused(api)
    assert (error.reason, error.permanent) == (reason, False)
    assert error.perhaps is (reason != "network")


async def test_a_token_that_could_not_be_had_leaves_nobody_in_doubt(
    api: WeChatApi, platform: PlatformApi
) -> None:
    platform.next_for(TOKEN, CUT)
    error = await refused(api)
    assert (error.reason, error.perhaps) == ("timeout", False)


async def test_a_platform_that_is_gone_is_told_and_the_token_stays_out_of_the_error(
    api: WeChatApi, platform: PlatformApi
) -> None:
    await api.say("o-chen", "一")
    await platform._server.close()
    first, then = await refused(api), await refused(api)  # the first may still find the old connection
    assert (then.reason, then.perhaps) == ("network", False)
    assert "token-1" not in f"{first} {then}"


async def test_a_scene_is_made_for_a_code_to_scan(api: WeChatApi, platform: PlatformApi) -> None:
    assert await api.scene("event-12", timedelta(days=90)) == "http://weixin.qq.com/q/1"
    body = platform.calls[-1][1]
    assert body["action_info"]["scene"]["scene_str"] == "event-12"
    assert body["expire_seconds"] == 30 * 24 * 3600
    with pytest.raises(ValueError, match="64"):
        await api.scene("x" * 65)


def test_the_wait_of_any_code_lies_ahead() -> None:
    for code in (*MEANINGS, 12345):
        error = error_of(code, "", NOON)
        assert error.permanent or (error.retry_at and error.retry_at > NOON), code


def test_the_menu_as_configured() -> None:
    entries = ("问政策", "办事/预约=book", "办事/官网=https://www.example.cn/", "近期活动=events", "多余")
    assert menu_of(entries) == {
        "button": [
            {"name": "问政策", "type": "click", "key": "say:问政策"},
            {
                "name": "办事",
                "sub_button": [
                    {"name": "预约", "type": "click", "key": "book"},
                    {"name": "官网", "type": "view", "url": "https://www.example.cn/"},
                ],
            },
            {"name": "近期活动", "type": "click", "key": "events"},
        ]
    }


def test_one_entry_in_a_group_stays_in_it() -> None:
    assert menu_of(("办事/预约",))["button"][0]["sub_button"][0]["name"] == "预约"
