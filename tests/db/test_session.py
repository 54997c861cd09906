"""A unit of work happens whole or not at all, whoever else is at work, whatever fails."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.audit import AuditHead
from db.people import Person
from db.session import Database, Unavailable, changed, vault_in
from db.vault import Vault

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def add(session: Session) -> int:
    key = session.execute(insert(Person).values(created_at=NOON)).inserted_primary_key
    assert key is not None
    return int(key[0])


def count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Person)).scalar_one()


async def test_what_a_unit_of_work_returns_comes_back_and_is_kept(database: Database) -> None:
    number = await database.run(add)
    assert await database.read(lambda session: session.get_one(Person, number).created_at) == NOON


async def test_what_a_unit_of_work_raises_comes_back_and_undoes_it(database: Database) -> None:
    def fails(session: Session) -> None:
        add(session)
        raise KeyError("no")

    with pytest.raises(KeyError):
        await database.run(fails)
    assert await database.read(count) == 0


async def test_a_fault_undoes_only_its_own_unit_among_many_at_once(database: Database) -> None:
    def work(number: int) -> int:
        def unit(session: Session) -> int:
            add(session)
            if number % 3 == 0:
                raise KeyError(number)
            return number

        return unit  # type: ignore[return-value]

    results = await asyncio.gather(
        *(database.run(work(number)) for number in range(60)), return_exceptions=True
    )  # type: ignore[arg-type]
    assert [r for r in results if isinstance(r, int)] == [n for n in range(60) if n % 3]
    assert await database.read(count) == 40


async def test_a_unit_that_spoils_the_shared_transaction_costs_the_others_nothing(database: Database) -> None:
    def spoils(session: Session) -> None:
        session.add(Person(id=1, created_at=NOON))
        session.add(Person(id=1, created_at=NOON))

    def breaks(session: Session) -> None:
        session.execute(insert(AuditHead).values(id=1, number=0, seal=""))
        session.execute(insert(AuditHead).values(id=1, number=0, seal=""))

    units = [add, spoils, add, breaks, add] * 4
    results = await asyncio.gather(*(database.run(unit) for unit in units), return_exceptions=True)
    assert sum(isinstance(result, int) for result in results) == 12
    assert await database.read(count) == 12
    assert all(isinstance(r, Exception) for r in results if not isinstance(r, int))
    assert any(isinstance(result, IntegrityError) for result in results)


async def test_a_guarded_update_counts_to_its_limit_and_never_further(database: Database) -> None:
    await database.run(lambda session: session.add(AuditHead(id=1, number=0, seal="")))

    def take(session: Session) -> bool:
        guarded = update(AuditHead).where(AuditHead.id == 1, AuditHead.number < 20)
        return changed(session.execute(guarded.values(number=AuditHead.number + 1))) == 1

    taken = await asyncio.gather(*(database.run(take) for _ in range(100)))
    assert sum(taken) == 20


async def test_a_waiter_who_gives_up_leaves_the_others_alone(house: Database) -> None:
    impatient = asyncio.create_task(house.run(add))
    await asyncio.sleep(0)
    impatient.cancel()
    await house.run(add)
    assert await house.read(count) in (1, 2)


async def test_readers_of_sqlite_cannot_write(house: Database) -> None:
    with pytest.raises(Unavailable, match="readonly"):
        await house.read(add)


async def test_units_know_the_vault(database: Database, vault: Vault) -> None:
    assert await database.run(vault_in) is vault


async def test_a_closed_database_says_so(house: Database) -> None:
    await house.close()
    with pytest.raises(RuntimeError, match="closed"):
        await house.run(add)


def test_work_that_waits_is_finished_before_closing(house: Database) -> None:
    async def main() -> None:
        waiting = [asyncio.create_task(house.run(add)) for _ in range(50)]
        await asyncio.sleep(0)
        await house.close()
        await asyncio.gather(*waiting)

    asyncio.run(main())
    engine = create_engine(house.engine.url)
    with Session(engine) as session:
        assert count(session) == 50
    engine.dispose()


async def test_a_postgresql_that_is_down_is_unavailable(vault: Vault) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing", vault)
    with pytest.raises(Unavailable):
        await database.run(add)
    await database.close()


async def test_broken_connections_are_replaced(postgres_url: str, vault: Vault) -> None:
    database = Database(postgres_url, vault, pool=3)
    await asyncio.gather(*(database.run(add) for _ in range(9)))
    killer = create_engine(postgres_url)
    with killer.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    killer.dispose()
    await asyncio.gather(*(database.run(add) for _ in range(9)))
    assert await database.read(count) == 18
    await database.close()


async def test_a_full_disk_is_unavailable_and_what_was_committed_stays(house: Database) -> None:
    """A limit on the file's pages answers as a full disk does: SQLITE_FULL."""
    await house.run(add)
    await house.run(lambda session: session.execute(text("PRAGMA max_page_count = 1")))

    def much(session: Session) -> None:
        for _ in range(2000):
            add(session)

    results = await asyncio.gather(house.run(much), house.run(much), return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    await house.run(lambda session: session.execute(text("PRAGMA max_page_count = 1000000")))
    await house.run(add)
    assert await house.read(count) == 2


async def test_units_that_lose_a_race_on_postgresql_are_tried_again(postgres_url: str, vault: Vault) -> None:
    database = Database(postgres_url, vault)
    await database.run(lambda session: session.add_all([AuditHead(id=n, number=0, seal="") for n in (1, 2)]))
    both = asyncio.Barrier(2)
    loop = asyncio.get_running_loop()
    met: list[int] = []

    def crossing(first: int, second: int) -> None:
        def work(session: Session) -> None:
            raise_one = update(AuditHead).values(number=AuditHead.number + 1)
            session.execute(raise_one.where(AuditHead.id == first))
            if len(met) < 2:
                met.append(first)
                asyncio.run_coroutine_threadsafe(both.wait(), loop).result(5)
            session.execute(raise_one.where(AuditHead.id == second))

        return work  # type: ignore[return-value]

    await asyncio.gather(database.run(crossing(1, 2)), database.run(crossing(2, 1)))  # type: ignore[arg-type]
    assert await database.read(lambda s: s.execute(select(AuditHead.number)).scalars().all()) == [2, 2]
    await database.close()
