"""Killed in the middle of Telegram traffic and started again: every update is answered, none is handled twice."""

import asyncio
import json
import random
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select

from bot.app import open_database
from db.conversation import SeenUpdate
from db.knowledge import Question
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram, bring
from tests.bot.conftest import settings
from tests.bot.test_serving import process

PEOPLE, EACH, POLLED = 8, 15, 20


@pytest.mark.parametrize("way", ["on", "off"], ids=["webhook", "polling"])
async def test_nothing_is_lost_and_nothing_is_handled_twice(tmp_path: Path, way: str) -> None:
    telegram = FakeTelegram()
    chance = random.Random(7)
    updates = [
        telegram.text("优才卡每年发多少张", who=100 + who) for _ in range(EACH) for who in range(PEOPLE)
    ]
    async with TestServer(telegram.app, host="127.0.0.1") as server:
        account = {
            "YOUCAI_TELEGRAM__TOKEN": TOKEN,
            "YOUCAI_TELEGRAM__BASE_URL": str(server.make_url("")).rstrip("/"),
            "YOUCAI_TELEGRAM__SECRET_TOKEN": "s3cret",
            "YOUCAI_TELEGRAM__WEBHOOK": way,
        }
        if way == "off":
            telegram.queue = list(updates)
        waiting = list(updates)
        for life in range(3):
            before = len(telegram.calls)
            async with process(tmp_path, **account) as (running, address):
                if way == "on":
                    bringing = asyncio.create_task(_bring_all(f"{address}telegram", waiting))
                if life < 2:
                    await telegram.said(_answers(telegram, before) + chance.randint(10, 35), "sendMessage")
                    running.kill()
                elif way == "on":
                    await bringing
                else:
                    await asyncio.wait_for(_all_confirmed(telegram), 60)
                if way == "on":
                    await asyncio.gather(bringing, return_exceptions=True)
    answered = {call.fields["chat_id"] for call in telegram.calls if call.method == "sendMessage"}
    assert answered == {100 + who for who in range(PEOPLE)}
    database = open_database(settings(tmp_path))
    seen = database.run_now(lambda s: s.execute(select(func.count()).select_from(SeenUpdate)).scalar_one())
    asked = database.run_now(lambda s: s.execute(select(func.count()).select_from(Question)).scalar_one())
    database.close_now()
    assert (seen, asked) == (PEOPLE * EACH, PEOPLE * EACH)
    texts = [
        call for call in telegram.calls if call.method == "sendMessage" and "100张" in call.fields["text"]
    ]
    # Each answer's buttons rate its own question: counting these, a repeat cannot stand in for a loss.
    rated = {call.choice("👍 有用") for call in texts}
    assert len(rated) == PEOPLE * EACH, "an answer was lost"
    again = 2 * (PEOPLE if way == "on" else POLLED)
    assert len(texts) <= PEOPLE * EACH + again, "only what was being said at a kill may come again"


def _answers(telegram: FakeTelegram, before: int) -> int:
    return sum(call.method == "sendMessage" for call in telegram.calls[:before])


async def _bring_all(url: str, waiting: list[dict[str, object]]) -> None:
    """As Telegram does: in order for each chat, again and again until it is taken."""
    by_chat: dict[int, list[dict[str, object]]] = {}
    for update in list(waiting):
        by_chat.setdefault(json.loads(json.dumps(update))["message"]["chat"]["id"], []).append(update)

    async def one_chat(updates: list[dict[str, object]]) -> None:
        async with ClientSession() as session:
            for update in updates:
                for _ in range(1_000):
                    if await bring(session, url, update) == 200:
                        break
                    await asyncio.sleep(0.05)
                waiting.remove(update)

    await asyncio.gather(*map(one_chat, by_chat.values()))


async def _all_confirmed(telegram: FakeTelegram) -> None:
    telegram.confirmed.clear()
    await telegram.confirmed.wait()
