"""SQLite's two lanes take turns: nothing is lost between them, and nobody makes the event loop wait."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from db.base import table
from db.later import later
from db.people import Person
from db.prepared import Prepared
from db.session import Database, Unavailable, inserted
from tests.cast import NOON

KEEP = Prepared(insert(table(Person)).inline(), ("created_at",))


def add(session: Session) -> int:
    return inserted(session.execute(insert(table(Person)), {"created_at": NOON}))


def add_later(session: Session) -> None:
    later(session, KEEP, {"created_at": NOON})


def refuse(session: Session) -> None:
    raise KeyError("no")


def fail_half_way(session: Session) -> None:
    add(session)
    raise KeyError("half-way")


async def count(database: Database) -> int:
    return await database.read(lambda s: s.execute(select(func.count()).select_from(Person)).scalar_one())


async def test_units_of_both_lanes_are_all_done_once(database: Database) -> None:
    units = [database.run(add, brief=number % 2 == 0) for number in range(200)]
    numbers = await asyncio.gather(*units)
    assert len(set(numbers)) == 200
    assert await count(database) == 200


async def test_whoever_fails_in_a_shared_commit_fails_alone(database: Database) -> None:
    works = [add, refuse, add_later, fail_half_way, add] * 12
    units = [database.run(work, brief=number % 3 != 0) for number, work in enumerate(works)]  # type: ignore[arg-type]
    results = await asyncio.gather(*units, return_exceptions=True)
    assert [isinstance(one, KeyError) for one in results] == [False, True, False, True, False] * 12
    assert await count(database) == 36


async def test_what_a_unit_wanted_written_later_goes_with_it_when_it_fails(database: Database) -> None:
    def keeps_and_fails(session: Session) -> None:
        add_later(session)
        raise KeyError

    with pytest.raises(KeyError):
        await database.run(keeps_and_fails, brief=True)
    await database.run(add_later, brief=True)
    assert await count(database) == 1


async def test_a_row_that_cannot_be_written_later_fails_the_unit_that_wanted_it(database: Database) -> None:
    broken = Prepared(text("INSERT INTO nowhere (x) VALUES (:created_at)"), ("created_at",))

    def wants(session: Session) -> None:
        later(session, broken, {"created_at": "x"})

    results = await asyncio.gather(
        database.run(wants, brief=True), database.run(add, brief=True), return_exceptions=True
    )
    assert isinstance(results[0], Exception)
    assert isinstance(results[1], int)
    assert await count(database) == 1


async def test_while_another_process_writes_the_loop_goes_on(house: Database) -> None:
    """Were the loop to wait with it, nobody would be left to end the other's transaction."""
    other = sqlite3.connect(str(house.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(house.run(add, brief=True))
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert not waiting.done()
    other.execute("COMMIT")
    assert isinstance(await waiting, int)
    other.close()


async def test_a_disk_that_is_full_for_both_lanes_loses_nothing_that_was_answered(house: Database) -> None:
    await house.run(add, brief=True)

    def much(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count = 1"))
        for _ in range(3000):
            add(session)

    results = await asyncio.gather(*(house.run(much, brief=True) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in results), results
    assert await count(house) == 1


def test_brief_units_that_wait_are_finished_before_closing(house: Database) -> None:
    async def main() -> None:
        waiting = [asyncio.create_task(house.run(add, brief=True)) for _ in range(200)]
        await asyncio.sleep(0)
        await house.close()
        assert len(set(await asyncio.gather(*waiting))) == 200

    asyncio.run(main())
