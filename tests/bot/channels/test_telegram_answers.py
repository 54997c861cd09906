"""How a Reply gets out on Telegram when not all goes well: in order, to the end, once; given up only in the open."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from db.session import Unavailable
from services.messaging import Attachment, Button, Message, Reply, Update
from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.telegram_house import QUICK, House, echo, hooked

GROUP = {"id": -100, "type": "supergroup", "title": "博士群"}
FILE = Attachment("预约.ics", "text/calendar", b"ics")


def texts(telegram: FakeTelegram) -> list[str]:
    return [call.fields["text"] for call in telegram.calls if call.method == "sendMessage"]


async def until_taken(house: House, update: object) -> None:
    for _ in range(500):
        if await house.bring(update) == 200:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("never taken")


async def test_a_fault_of_telegram_is_tried_over_at_once(telegram: FakeTelegram) -> None:
    async with hooked(telegram) as house:
        telegram.refuse("sendMessage", 502, times=2)
        assert await house.bring(telegram.text("你好")) == 200
        assert texts(telegram) == ["你好"] * 3
        assert await house.channel.health() == ""


async def test_what_follows_in_a_chat_waits_until_what_went_before_is_said(telegram: FakeTelegram) -> None:
    async with hooked(telegram) as house:
        telegram.refuse("sendMessage", 502, times=2)
        await asyncio.gather(house.bring(telegram.text("一")), house.bring(telegram.text("二")))
        assert texts(telegram) == ["一", "一", "一", "二"]


async def test_what_was_put_back_is_said_before_what_came_after_it(telegram: FakeTelegram) -> None:
    patience = replace(QUICK, pauses=(), rest=0.2, seconds=60)
    async with hooked(telegram, patience=patience) as house:
        first, second = telegram.text("一"), telegram.text("二")
        telegram.refuse("sendMessage", 502)
        assert [await house.bring(first), await house.bring(second)] == [503, 503]
        assert await house.bring(telegram.text("别人", who=8)) == 200
        await until_taken(house, first)
        assert await house.bring(second) == 200
        assert texts(telegram) == ["一", "别人", "一", "二"]


async def test_a_reply_goes_on_where_it_stopped(telegram: FakeTelegram) -> None:
    """Its first piece is not said again when the second did not get through."""

    async def two(update: Update) -> Reply:
        return Reply((Message("一"), Message("二", attachments=(FILE,))))

    async with hooked(telegram, two) as house:
        update = telegram.text("你好")
        telegram.refuse("sendDocument", 502, times=3)
        assert await house.bring(update) == 503
        assert await house.channel.health() == "network"
        await until_taken(house, update)
        assert texts(telegram) == ["一", "二"]
        assert [call.method for call in telegram.calls].count("sendDocument") == 4
        assert await house.channel.health() == ""


async def test_a_reply_that_nobody_takes_for_long_is_given_up_in_the_open(telegram: FakeTelegram) -> None:
    async with hooked(telegram) as house:
        update = telegram.text("你好")
        telegram.refuse("sendMessage", 502, times=9)
        await until_taken(house, update)
        assert house.unsaid == ["network"]
        assert len(texts(telegram)) == 9
        assert await house.bring(update) == 200
        assert len(texts(telegram)) == 9


async def test_one_refused_piece_keeps_no_other_back(telegram: FakeTelegram) -> None:
    async def two(update: Update) -> Reply:
        return Reply((Message("一"), Message("二")))

    async with hooked(telegram, two) as house:
        telegram.refuse("sendMessage", 400, description="Bad Request: message is too long")
        assert await house.bring(telegram.text("你好")) == 200
        assert texts(telegram) == ["一", "二"]
        assert house.unsaid == ["refused"]


async def test_without_the_database_the_update_is_asked_for_again(telegram: FakeTelegram) -> None:
    gone = True

    async def dispatch(update: Update) -> Reply:
        if gone:
            raise Unavailable
        return await echo(update)

    async with hooked(telegram, dispatch) as house:
        update = telegram.text("你好")
        assert await house.bring(update) == 503
        gone = False
        assert await house.bring(update) == 200
        assert (texts(telegram), house.unsaid) == (["你好"], [])


async def test_a_fault_of_ours_is_counted_and_does_not_come_again_and_again(telegram: FakeTelegram) -> None:
    async def dispatch(update: Update) -> Reply:
        raise RuntimeError

    async with hooked(telegram, dispatch) as house:
        assert await house.bring(telegram.text("你好")) == 200
        assert house.unsaid == ["fault"]


async def test_a_tap_is_acknowledged_while_the_chat_is_still_busy(telegram: FakeTelegram) -> None:
    go_on = asyncio.Event()

    async def slow(update: Update) -> Reply:
        await go_on.wait()
        return await echo(update)

    async with hooked(telegram, slow) as house:
        busy = asyncio.create_task(house.bring(telegram.text("你好")))
        tap = asyncio.create_task(house.bring(telegram.tap("menu")))
        await telegram.said(1, "answerCallbackQuery")
        await telegram.said(1, "sendChatAction")  # it takes long by now
        assert texts(telegram) == []
        go_on.set()
        assert await asyncio.gather(busy, tap) == [200, 200]
        assert texts(telegram) == ["你好", "menu"]


async def test_a_quick_answer_shows_no_typing(telegram: FakeTelegram) -> None:
    async with hooked(telegram) as house:
        await house.bring(telegram.text("你好"))
        assert "sendChatAction" not in [call.method for call in telegram.calls]


async def test_no_link_is_opened_by_telegram_to_show_what_is_behind_it(telegram: FakeTelegram) -> None:
    async def dispatch(update: Update) -> Reply:
        return Reply((Message("https://office.test/details/signed", in_place=True),))

    async with hooked(telegram, dispatch) as house:
        await house.bring(telegram.text("你好"))
        await house.bring(telegram.tap("menu"))
        said = await telegram.said(2)
        assert [call.method for call in said] == ["sendMessage", "editMessageText"]
        assert [call.fields["link_preview_options"] for call in said] == [{"is_disabled": True}] * 2


async def test_in_a_group_an_answer_hangs_on_its_question_and_stays_in_its_topic(
    telegram: FakeTelegram,
) -> None:
    async with hooked(telegram) as house:
        forum: Any = {**GROUP, "is_forum": True}
        asked = telegram.text("@Youcai_Bot 优才卡", chat=forum, message_thread_id=9, is_topic_message=True)
        await house.bring(asked)
        await house.bring(telegram.text("优才卡"))
        in_group, alone = await telegram.said(2)
        assert in_group.fields["text"] == "优才卡"
        assert in_group.fields["message_thread_id"] == 9
        assert in_group.fields["reply_parameters"]["message_id"] == asked["message"]["message_id"]
        assert "reply_parameters" not in alone.fields


@pytest.mark.parametrize(
    ("text", "heard"),
    [("@youcai_bot2 你好", None), ("@youcai_bot", "帮助"), ("/menu", None), ("/menu@youcai_bot", "菜单")],
)
async def test_in_a_group_only_our_own_name_calls_us(
    telegram: FakeTelegram, text: str, heard: str | None
) -> None:
    async with hooked(telegram) as house:
        assert await house.bring(telegram.text(text, chat=GROUP)) == 200
        assert texts(telegram) == ([heard] if heard else [])


async def test_a_group_that_moved_gets_everything_in_its_new_place(telegram: FakeTelegram) -> None:
    async def dispatch(update: Update) -> Reply:
        return Reply((Message("一", attachments=(FILE,)),))

    async with hooked(telegram, dispatch) as house:
        for method in ("sendMessage", "sendDocument"):
            telegram.refuse(
                method, 400, description="Bad Request: group chat was upgraded", migrate_to_chat_id=-200
            )
        await house.bring(telegram.text("@youcai_bot 你好", chat=GROUP))
        said = [call for call in telegram.calls if call.method in ("sendMessage", "sendDocument")]
        assert [int(call.fields["chat_id"]) for call in said] == [-100, -200, -100, -200]
        assert house.unsaid == []


async def test_what_somebody_forwards_is_read_as_their_own_question(telegram: FakeTelegram) -> None:
    async with hooked(telegram) as house:
        origin = {"type": "hidden_user", "date": 1, "sender_user_name": "李"}
        await house.bring(telegram.text("优才卡怎么办", forward_origin=origin))
        assert texts(telegram) == ["优才卡怎么办"]


async def test_words_under_a_picture_are_a_question(telegram: FakeTelegram) -> None:
    photo = [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]
    async with hooked(telegram) as house:
        await house.bring(telegram.update(message=telegram.message(photo=photo, caption="这是优才卡吗")))
        assert texts(telegram) == ["这是优才卡吗"]


async def test_a_picture_that_cannot_be_drawn_goes_as_a_file_and_a_file_needs_no_words(
    telegram: FakeTelegram,
) -> None:
    async def dispatch(update: Update) -> Reply:
        return Reply((Message("", attachments=(Attachment("码.png", "image/png", b"png"),)),))

    async with hooked(telegram, dispatch) as house:
        telegram.refuse("sendPhoto", 400, description="Bad Request: IMAGE_PROCESS_FAILED")
        await house.bring(telegram.text("你好"))
        assert [call.method for call in telegram.calls[-2:]] == ["sendPhoto", "sendDocument"]


async def test_words_with_wide_characters_are_cut_as_telegram_counts_them(telegram: FakeTelegram) -> None:
    async def dispatch(update: Update) -> Reply:
        return Reply((Message("𠮷" * 4000, (Button("好", "ok"),)),))

    async with hooked(telegram, dispatch) as house:
        await house.bring(telegram.text("你好"))
        said = texts(telegram)
        assert "".join(said) == "𠮷" * 4000
        assert all(len(one.encode("utf-16-le")) // 2 <= 4096 for one in said)


async def test_an_update_of_the_largest_size_is_heard_and_a_larger_one_is_not(telegram: FakeTelegram) -> None:
    async with hooked(telegram, patience=replace(QUICK, pauses=())) as house:
        quoted = telegram.message(text="\U00020bb7" * 4000)
        assert await house.bring(telegram.text("\U00020bb7" * 4000, reply_to_message=quoted)) == 200
        assert await house.bring(telegram.text("字" * 50_000)) == 413
