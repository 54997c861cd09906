"""The ledger at size: a campaign written down for a million people, and what the ledger costs each message.

.venv/bin/python bench/delivery.py --people 10000 100000 1000000
.venv/bin/python bench/delivery.py --url postgresql+psycopg://postgres@127.0.0.1:5432/postgres

First a started campaign is expanded, as the tick does it, in a process of its own; meanwhile somebody answers in the
same database all the time. Then the real Sender, with no limit of its rate, delivers a campaign through a channel that
returns at once, and through one that takes 20 ms a call; beside it the same calls by a bare loop without a ledger, no
more of them in the air than the Sender may have.
"""

import argparse
import asyncio
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text, update
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).parents[1]))
from crowd import TOPIC, Crowd
from delivery_house import House, house
from rank import resident, table

from bot.delivering import IN_THE_AIR, Manners, Sender
from bot.pace import Pace, Paced
from db.base import table as columns_of
from db.conversation import Conversation
from db.session import Database
from services import campaign_runs, campaigns, delivery
from services.campaign_terms import CampaignDesk
from services.campaigns import Draft
from services.messaging import Abilities, Message, Sent

DESK = CampaignDesk()
WORDS = Message("明天上午开放预约。")
AGAIN = timedelta(minutes=11)  # by then those who joined are looked for, even among a million


def campaign(session: Session) -> int:
    """Approved; it begins with the next tick, and looks for joiners once a minute."""
    now = datetime.now(UTC)
    draft = Draft("通知", WORDS.text, topic=TOPIC, send_at=now)
    draft = replace(draft, useful_until=now + timedelta(days=1), join_until=now + timedelta(hours=1))
    made = campaigns.create(session, draft, "command", now)
    assert made is not None
    campaigns.approve_at_once(session, DESK, made, "command", now)
    return made


async def expand(database: Database, now: datetime) -> list[float]:
    """Whatever there is to do, bit by bit; how long each transaction took, with its wait for its turn."""
    spent, more = [], True
    while more:
        begun = time.perf_counter()
        more = await database.run(partial(campaign_runs.advance, desk=DESK, now=now))
        spent.append(time.perf_counter() - begun)
    return spent


async def answering(database: Database, waits: list[float]) -> None:
    """What every answer must do: write, and be told that it is committed."""
    changed = update(columns_of(Conversation)).where(columns_of(Conversation).c.identity_id == 1)
    while True:
        begun = time.perf_counter()
        await database.run(lambda s: s.execute(changed.values(changed_at=datetime.now(UTC))), brief=True)
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(0.01)


async def expansion(url: str, key: str, people: int) -> dict[str, Any]:
    with House(url, key).opened() as database:
        made, waits = await database.run(campaign), list[float]()
        held = resident()
        somebody = asyncio.create_task(answering(database, waits))
        begun = time.perf_counter()
        spent = await expand(database, datetime.now(UTC))
        took = time.perf_counter() - begun
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - held
        begun = time.perf_counter()
        await expand(database, datetime.now(UTC) + AGAIN)
        again = time.perf_counter() - begun
        somebody.cancel()
        begun = time.perf_counter()
        left_out = await database.read(partial(campaigns.preview, campaign_id=made, now=datetime.now(UTC)))
        counting = time.perf_counter() - begun
        counted = await database.read(partial(delivery.counts, reason="campaign", subject=str(made)))
    assert counted["queued"] == left_out.targeted == people, (counted, left_out)
    return {
        "recipients": people,
        "seconds": took,
        "rows_per_s": people / took,
        "peak_growth_mb": grown / 1e6,
        "transactions": len(spent),
        "longest_ms": max(spent) * 1_000,
        "answer_p99_ms": float(np.percentile(waits, 99)) * 1_000,
        "answer_max_ms": max(waits) * 1_000,
        "look_again_s": again,
        "count_s": counting,
    }


class Platform:
    """A channel that takes everything, each call in its own time."""

    name = "telegram"
    abilities = Abilities()

    def __init__(self, seconds: float):
        self._seconds = seconds
        self.begun = 0.0
        self.calls = 0

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        self.begun = self.begun or time.perf_counter()
        self.calls += 1
        if self._seconds:
            await asyncio.sleep(self._seconds)
        return Sent("1")


async def bare(platform: Platform, people: int) -> float:
    waiting = iter(range(people))

    async def sender() -> None:
        for _ in waiting:
            await platform.send("7000000000", WORDS, bulk=True)

    await asyncio.gather(*(sender() for _ in range(IN_THE_AIR)))
    return people / (time.perf_counter() - platform.begun)


async def ledger(database: Database, platform: Platform, people: int) -> float:
    """From the first call to the last outcome written."""
    written, over = 0, asyncio.Event()

    def told(*_: object) -> None:
        nonlocal written
        written += 1
        if written == people:
            over.set()

    pace = Pace(1e6)
    async with Sender(database, Paced(platform, pace), Manners(), pace, settled=told):
        await over.wait()
        took = time.perf_counter() - platform.begun
    assert platform.calls == people
    return people / took


async def throughput(url: str, key: str, people: int, seconds: float) -> dict[str, Any]:
    with House(url, key).opened() as database:
        made = await database.run(campaign)
        await expand(database, datetime.now(UTC))
        analyze(database)
        ours = await ledger(database, Platform(seconds), people)
        counted = await database.read(partial(delivery.counts, reason="campaign", subject=str(made)))
    assert counted["sent"] == people
    plain = await bare(Platform(seconds), people)
    return {
        "deliveries": people,
        "call_ms": seconds * 1_000,
        "ledger_per_s": ours,
        "bare_per_s": plain,
        "ratio": ours / plain,
    }


def prepared(made: House, people: int) -> None:
    with made.opened() as database:
        database.run_now(lambda session: Crowd(session, people).draw())
        analyze(database)


def analyze(database: Database) -> None:
    """What PostgreSQL does by itself within a minute."""
    if database.dialect == "postgresql":
        with database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def alone(url: str, people: int, measure: Callable[..., Any], *more: Any) -> dict[str, Any]:
    """In a new database and a process of its own, so that memory is its own."""
    with house(url) as made:
        prepared(made, people)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found: dict[str, Any] = pool.apply(run, (measure, made.url, made.key, people, *more))
    return found


def run(measure: Callable[..., Any], *how: Any) -> Any:
    return asyncio.run(measure(*how))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--deliveries", type=int, default=20_000)
    parser.add_argument("--url", default="sqlite", help="sqlite, or the address of a PostgreSQL server")
    chosen = parser.parse_args()
    if chosen.people:
        table([alone(chosen.url, people, expansion) for people in chosen.people])
    if chosen.deliveries:
        table([alone(chosen.url, chosen.deliveries, throughput, seconds) for seconds in (0.0, 0.02)])


if __name__ == "__main__":
    main()
