"""A moment means the same on both databases: aware, in UTC, in order."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from db.people import Person
from db.session import Database

CHINA = timezone(timedelta(hours=8))


async def test_moments_come_back_in_utc_and_sort_as_time(database: Database) -> None:
    moments = [
        datetime(2026, 11, 24, 7, 59, 59, 999999, CHINA),
        datetime(2026, 11, 24, 0, 0, tzinfo=UTC),
        datetime(2026, 11, 24, 8, 0, 0, 1, CHINA),
    ]
    await database.run(lambda s: s.add_all([Person(created_at=one) for one in reversed(moments)]))
    found = await database.read(
        lambda s: s.execute(select(Person.created_at).order_by(Person.created_at)).scalars().all()
    )
    assert found == moments
    assert all(one.tzinfo is UTC for one in found)
    later = select(Person.created_at).where(Person.created_at > moments[1])
    assert await database.read(lambda s: s.execute(later).scalars().all()) == moments[2:]


async def test_a_moment_without_a_zone_is_refused(house: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        await house.run(lambda session: session.add(Person(created_at=datetime(2026, 11, 24))))
