"""1,000 people at once for 20 seats: how many are booked, how fast everyone is answered, beside check-then-insert.

.venv/bin/python bench/booking.py                       # in this process, on SQLite in a new folder
.venv/bin/python bench/booking.py --url postgresql+psycopg://postgres@127.0.0.1/bench
.venv/bin/python bench/booking.py --chat [--url ...]    # through POST /chat/messages of two processes

The recipe beside it is what booking plugins commonly do: count what is booked, and if there is room, insert. A named
database must be empty; each round makes its own opening in it.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from aiohttp import ClientSession, TCPConnector
from rank import table
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from bot.app import Role, open_database
from bot.booking_plan import booking_desk
from bot.config import Settings
from bot.logs import set_up_logs
from bot.serving import serve
from db.base import table as columns_of
from db.booking import Appointment, Slot
from db.people import Person
from db.session import Database, inserted
from services import booking, holds, planning
from services.booking_desk import BookingDesk
from services.booking_terms import Kind, Refused, Tier
from services.calendar import Notice
from services.delivery import announce
from services.texts import Texts

PEOPLE, SEATS = 1_000, 20
PORTS = (18451, 18452)
TOLD = {"name": "陈一诺", "phone": "13800138000", "employer": "某公司", "standing": "doctor"}
recipe = Table(
    "recipe_booking", MetaData(), Column("id", Integer, primary_key=True), Column("slot_id", Integer)
)


def settings(folder: str, url: str, port: int = 0) -> Settings:
    week_ago = datetime.now(UTC).date() - timedelta(days=7)
    return Settings(
        service={"data_dir": folder, "secret_keys": ["a key for nothing but measuring, long enough"]},
        database={"url": url},
        web={"port": port, "per_person_minute": 10**9, "per_address_minute": 10**9},
        booking={
            "first_opening": f"{week_ago} 00:00",
            "days": [1, 2, 3, 4, 5, 6, 7],
            "times": ["09:00"],
            "per_counter": SEATS,
        },
    )


def opened(database: Database, desk: BookingDesk) -> list[int]:
    """Slots of twenty seats that can be booked now: every day is a working day here."""
    now = datetime.now(UTC)
    days = {now.date() + timedelta(days=count): True for count in range(-10, 40)}

    def work(session: Any) -> list[int]:
        planning.import_notice(session, Notice(frozenset({now.year, now.year + 1}), days), "bench", now)
        planning.plan_ahead(session, desk, now)
        free = select(Slot.id).where(Slot.service == "counter", Slot.opens_at <= now, Slot.book_until > now)
        return list(session.execute(free.where(Slot.booked == 0).order_by(Slot.starts_at)).scalars())

    return database.run_now(work)


async def ours(database: Database, desk: BookingDesk, person: int, slot: int) -> bool:
    """Held, told for, confirmed: two messages of a person."""

    def choose(session: Any) -> int:
        now = datetime.now(UTC)
        held = holds.hold(session, desk, person, slot, Tier.SILVER, Kind.FIRST, now)
        holds.fill_in(session, held, TOLD, now)
        return held

    try:
        held = await database.run(choose)
        await database.run(lambda session: booking.book(session, desk, person, held, datetime.now(UTC)))
    except Refused:
        return False
    return True


async def check_then_insert(database: Database, desk: BookingDesk, person: int, slot: int) -> bool:
    taken = select(func.count()).where(recipe.c.slot_id == slot)
    if await database.read(lambda session: session.execute(taken).scalar_one()) >= SEATS:
        return False
    await database.run(lambda session: session.execute(insert(recipe).values(slot_id=slot)))
    return True


async def rush(attempts: list[Callable[[], Awaitable[bool]]]) -> tuple[int, float, float, float]:
    """How many were told yes; answers a second; the median and 99th percentile of the wait in ms."""

    async def timed(attempt: Callable[[], Awaitable[bool]]) -> tuple[bool, float]:
        began = time.perf_counter()
        return await attempt(), time.perf_counter() - began

    began = time.perf_counter()
    told = await asyncio.gather(*map(timed, attempts))
    took = time.perf_counter() - began
    cuts = statistics.quantiles([one[1] for one in told], n=100)
    return sum(one[0] for one in told), len(told) / took, 1000 * cuts[49], 1000 * cuts[98]


def row(name: str, said: int, kept: int, rates: list[tuple[int, float, float, float]]) -> dict[str, object]:
    _, rate, median, p99 = (statistics.median(values) for values in zip(*rates, strict=True))
    return {
        "recipe": name, "seats": SEATS, "told yes": said, "in the database": kept,
        "answers/s": round(rate), "median ms": round(median), "p99 ms": round(p99),
    }  # fmt: skip


async def in_process(database: Database, desk: BookingDesk, rounds: int) -> None:
    slots = await asyncio.to_thread(opened, database, desk)
    recipe.create(database.engine)
    people = await database.run(
        lambda session: [
            inserted(session.execute(insert(Person).values(created_at=datetime.now(UTC))))
            for _ in range(PEOPLE * rounds)
        ]
    )
    for name, attempt, kept_in in (
        ("ours", ours, columns_of(Appointment)), ("check, then insert", check_then_insert, recipe)
    ):  # fmt: skip
        rates, kept = [], []
        for number in range(rounds):
            slot, some = slots[number], people[number * PEOPLE : (number + 1) * PEOPLE]
            rates.append(await rush([partial(attempt, database, desk, person, slot) for person in some]))
            kept.append(await database.run(partial(_kept, kept_in, slot)))
        table([row(name, max(one[0] for one in rates), max(kept), rates)])


def _kept(kept_in: Table, slot: int, session: Any) -> int:
    return int(session.execute(select(func.count()).where(kept_in.c.slot_id == slot)).scalar_one())


def server(folder: str, url: str, port: int) -> None:
    set_up_logs("json", 40)
    asyncio.run(serve(settings(folder, url, port), Role.ALL))


async def guest(client: ClientSession, port: int, slot: int, cookie: str) -> bool:
    """Chooses the time; who gets it tells everything and confirms."""

    async def send(**words: str) -> dict[str, Any]:
        address = f"http://127.0.0.1:{port}/chat/messages"
        async with client.post(address, json=words, headers={"Cookie": cookie}) as answered:
            assert answered.status == 200
            found: dict[str, Any] = (await answered.json())["messages"][0]
            return found

    said = await send(choice=f"book.slot:{slot}:silver:first")
    if "1/4" not in said["text"]:
        assert any(button["choice"].startswith("book.") for button in said["buttons"])
        return False
    for field in ("name", "phone", "employer"):
        await send(text=TOLD[field])
    card = await send(choice="book.standing:doctor")
    done = await send(choice=card["buttons"][0]["choice"])
    return "约好了" in done["text"]


async def cookie_of(client: ClientSession, port: int) -> str:
    async with client.get(f"http://127.0.0.1:{port}/") as page:
        name, value = next(iter(page.cookies.items()))
        return f"{name}={value.value}"


async def through_chat(database: Database, desk: BookingDesk, rounds: int) -> None:
    slots = await asyncio.to_thread(opened, database, desk)
    async with ClientSession(connector=TCPConnector(limit=0)) as client:
        rates = []
        for number in range(rounds):
            cookies = [await cookie_of(client, PORTS[at % 2]) for at in range(PEOPLE)]
            rates.append(
                await rush(
                    [
                        partial(guest, client, PORTS[at % 2], slots[number], one)
                        for at, one in enumerate(cookies)
                    ]
                )
            )
    kept = [
        await database.read(partial(_kept, columns_of(Appointment), slots[number]))
        for number in range(rounds)
    ]
    table([row("chat, two processes", max(one[0] for one in rates), max(kept), rates)])


async def answering() -> None:
    async with ClientSession() as client:
        for port in PORTS:
            for _ in range(200):
                try:
                    await client.get(f"http://127.0.0.1:{port}/healthz")
                    break
                except OSError:
                    await asyncio.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chat", action="store_true", help="through the web chat of two processes")
    parser.add_argument("--url", default="", help="an empty database to use instead of SQLite")
    chosen = parser.parse_args()
    set_up_logs("json", 40)
    folder = tempfile.mkdtemp()
    set_up = settings(folder, chosen.url)
    database = open_database(set_up)
    desk = booking_desk(set_up, announce, Texts())
    if not chosen.chat:
        asyncio.run(in_process(database, desk, chosen.rounds))
    else:
        processes = [
            multiprocessing.Process(target=server, args=(folder, chosen.url, port)) for port in PORTS
        ]
        for process in processes:
            process.start()
        try:
            asyncio.run(answering())
            asyncio.run(through_chat(database, desk, chosen.rounds))
        finally:
            for process in processes:
                process.terminate()
                process.join()
    database.close_now()


if __name__ == "__main__":
    main()
