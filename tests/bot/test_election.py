"""One process at a time sits in a seat, on both databases; its end frees it, however it ends."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from sqlalchemy import create_engine, text

from bot.election import Seat
from db.session import Database
from db.vault import Vault

ROOT = Path(__file__).resolve().parents[2]
SIT = """
import asyncio, sys
from bot.election import Seat
from db.session import Database
from db.vault import Vault, new_key

async def sit():
    seat = Seat(Database(sys.argv[1], Vault([new_key()])), "sender of x")
    print(await seat.take(), flush=True)
    await asyncio.Event().wait()

asyncio.run(sit())
"""


async def test_a_second_one_gets_it_only_when_the_first_gives_it_up(database: Database) -> None:
    first, second, elsewhere = (
        Seat(database, name) for name in ("sender of x", "sender of x", "sender of y")
    )
    assert await first.take()
    assert not await second.take()
    assert not second.held
    assert await elsewhere.take()
    await first.give_up()
    second._looked_at = 0.0
    assert await second.take()
    assert second.held
    for seat in (second, elsewhere):
        await seat.give_up()


async def test_a_process_killed_in_its_seat_frees_it(database_url: str, vault: Vault) -> None:
    there = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SIT, database_url, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=PIPE
    )
    assert there.stdout is not None
    assert await there.stdout.readline() == b"True\n"
    database = Database(database_url, vault)
    seat = Seat(database, "sender of x")
    assert not await seat.take()
    there.kill()
    await there.wait()
    for _ in range(200):
        seat._looked_at = 0.0
        if await seat.take():
            break
    assert seat.held
    await seat.give_up()
    await database.close()


async def test_a_seat_is_lost_with_the_connection_that_held_it(postgres_url: str, vault: Vault) -> None:
    database = Database(postgres_url, vault)
    seat = Seat(database, "sender of x")
    assert await seat.take()
    killer = create_engine(postgres_url)
    with killer.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
    killer.dispose()
    seat._looked_at = 0.0
    try:
        await seat.take()
    except Exception:
        assert not seat.held
    seat._looked_at = 0.0
    assert await seat.take(), "free again, and ours as something new"
    await seat.give_up()
    await database.close()
