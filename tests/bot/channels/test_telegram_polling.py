"""Long polling confirms only what is done, keeps nobody waiting for somebody else, and is done by one process."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.app import service
from db.conversation import SeenUpdate
from services.messaging import Reply, Update
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram
from tests.bot.channels.telegram_house import Seat, echo, polling
from tests.bot.conftest import settings


def texts(telegram: FakeTelegram) -> list[str]:
    return [call.fields["text"] for call in telegram.calls if call.method == "sendMessage"]


async def confirmed(telegram: FakeTelegram) -> None:
    telegram.confirmed.clear()
    await asyncio.wait_for(telegram.confirmed.wait(), 10)


async def test_an_answer_that_failed_comes_before_its_update_is_confirmed(
    tmp_path: Path, telegram: FakeTelegram
) -> None:
    telegram.queue.append(telegram.text("优才卡每年发多少张"))
    telegram.refuse("sendMessage", 502)
    account = {"token": TOKEN, "base_url": telegram.url}
    async with service(settings(tmp_path, telegram=account)) as running:
        await telegram.said(1, "deleteWebhook")
        assert "100张" in (await telegram.said(2, "sendMessage"))[1].fields["text"]
        await confirmed(telegram)
        seen = select(func.count()).select_from(SeenUpdate)
        assert await running.database.read(lambda s: s.execute(seen).scalar_one()) == 1


async def test_a_chat_that_is_slow_keeps_no_other_waiting(telegram: FakeTelegram) -> None:
    go_on = asyncio.Event()

    async def dispatch(update: Update) -> Reply:
        if update.address == "1":
            await go_on.wait()
        return await echo(update)

    slow, quick = telegram.text("慢", who=1), telegram.text("快", who=2)
    async with polling(telegram, dispatch):
        telegram.queue.append(slow)
        await telegram.said(1, "sendChatAction")
        telegram.queue.append(quick)
        await telegram.said(1, "sendMessage")
        assert texts(telegram) == ["快"]
        assert telegram.queue == [slow, quick], "nothing behind the slow one is confirmed"
        go_on.set()
        await confirmed(telegram)
    assert texts(telegram) == ["快", "慢"], "each once"


async def test_a_chat_that_is_told_to_wait_long_keeps_no_other_waiting(telegram: FakeTelegram) -> None:
    telegram.refuse("sendMessage", 429, retry_after=3600)
    telegram.queue.append(telegram.text("等", who=1))
    async with polling(telegram) as house:
        await telegram.said(1, "sendMessage")
        telegram.queue += [telegram.text(str(number), who=2) for number in range(99)]
        await telegram.said(100, "sendMessage")
        assert await house.channel.health() == ""
        assert house.unsaid == []
        telegram.queue.append(telegram.text("又", who=3))
        await telegram.said(101, "sendMessage")
        assert house.unsaid == ["in the way"], "given up only when nothing behind it could be seen any more"


async def test_an_update_that_cannot_be_read_is_passed_over(telegram: FakeTelegram) -> None:
    poison: dict[str, Any] = telegram.update(message={"message_id": "x", "chat": 7})
    telegram.queue += [poison, telegram.text("你好")]
    async with polling(telegram):
        await telegram.said(1, "sendMessage")
        await confirmed(telegram)
    assert texts(telegram) == ["你好"]


async def test_what_was_said_just_before_the_end_is_confirmed_at_the_end(telegram: FakeTelegram) -> None:
    begun = asyncio.Event()

    async def dispatch(update: Update) -> Reply:
        begun.set()
        await asyncio.sleep(0.1)
        return await echo(update)

    telegram.queue.append(telegram.text("你好"))
    async with polling(telegram, dispatch):
        await begun.wait()
    assert texts(telegram) == ["你好"]
    assert telegram.queue == []


async def test_only_who_has_the_seat_polls_and_it_is_given_back(telegram: FakeTelegram) -> None:
    seat = Seat(held=False)
    telegram.queue.append(telegram.text("你好"))
    async with polling(telegram, seat=seat) as house:
        await telegram.said(1, "setChatMenuButton")
        assert (texts(telegram), telegram.confirmed.is_set()) == ([], False)
        assert await house.channel.health() == "", "another process hears"
        seat.held = True
        await telegram.said(1, "sendMessage")
    assert seat.given_up


async def test_a_failing_poll_is_told_and_tried_again(telegram: FakeTelegram) -> None:
    telegram.refuse("getUpdates", 409, description="Conflict: terminated by other getUpdates request")
    async with polling(telegram) as house:
        for _ in range(500):
            if await house.channel.health() == "another polls":
                break
            await asyncio.sleep(0.01)
        assert await house.channel.health() == "another polls"
        telegram.queue.append(telegram.text("你好"))
        await telegram.said(1, "sendMessage")
        assert await house.channel.health() == ""


async def test_of_two_processes_one_polls_and_the_other_when_that_is_gone(
    tmp_path: Path, telegram: FakeTelegram
) -> None:
    account = {"token": TOKEN, "base_url": telegram.url}
    both = settings(tmp_path, telegram=account)
    async with service(both):
        telegram.queue.append(telegram.text("优才卡每年发多少张"))
        await telegram.said(1, "sendMessage")
        second = service(both)
        other = await second.__aenter__()
        await confirmed(telegram)
        await confirmed(telegram)
        assert await other.channels["telegram"].health() == ""  # type: ignore[attr-defined]
    telegram.queue.append(telegram.text("你好"))
    said = len(texts(telegram))
    await telegram.said(said + 1, "sendMessage")
    assert telegram.conflicts == 0
    await second.__aexit__(None, None, None)
