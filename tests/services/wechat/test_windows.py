"""What a person still allows us is counted once, however many processes count."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from db.session import Database
from services.wechat import windows
from services.wechat.windows import WindowKind

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
LONG, SHORT = timedelta(hours=48), timedelta(minutes=1)
CHEN = "o-chen"


def mark(session: Session) -> str:
    return windows.mark_of(session, CHEN)


def written(at: datetime = NOW, quota: int = 5) -> Callable[[Session], None]:
    return lambda s: windows.open_window(s, mark(s), WindowKind.WRITTEN, at + LONG, quota)


def tapped(at: datetime = NOW) -> Callable[[Session], None]:
    return lambda s: windows.open_window(s, mark(s), WindowKind.TAPPED, at + SHORT, 3)


def left(now: datetime) -> Callable[[Session], int]:
    return lambda s: windows.left(s, mark(s), now)


def take(count: int = 1, now: datetime = NOW, spare: int = 0) -> Callable[[Session], WindowKind | None]:
    return lambda s: windows.take(s, mark(s), count, now, spare)


async def test_nobody_is_written_to_who_did_not_write(database: Database) -> None:
    assert await database.run(take()) is None
    assert await database.run(left(NOW)) == 0


async def test_of_many_who_take_at_once_five_get_a_message(database: Database) -> None:
    await database.run(written())
    taken = await asyncio.gather(*(database.run(take()) for _ in range(20)))
    assert [kind for kind in taken if kind] == [WindowKind.WRITTEN] * 5
    assert await database.run(left(NOW)) == 0


async def test_the_window_that_closes_first_is_used_up_first(house: Database) -> None:
    await house.run(written())
    await house.run(tapped())
    assert await house.run(left(NOW)) == 8
    taken = [await house.run(take()) for _ in range(4)]
    assert taken == [WindowKind.TAPPED] * 3 + [WindowKind.WRITTEN]


async def test_a_window_is_over_at_its_end(house: Database) -> None:
    await house.run(written())
    await house.run(tapped())
    assert await house.run(take(now=NOW + SHORT)) is WindowKind.WRITTEN
    assert await house.run(take(now=NOW + LONG)) is None


async def test_a_repeat_or_an_older_word_opens_no_new_window(database: Database) -> None:
    await database.run(written())
    await database.run(take(4))
    await database.run(written())
    await database.run(written(NOW - timedelta(hours=1)))
    assert await database.run(left(NOW)) == 1
    await database.run(written(NOW + timedelta(seconds=1)))
    assert await database.run(left(NOW)) == 5


async def test_several_pieces_are_taken_together_or_not_at_all(house: Database) -> None:
    await house.run(written(quota=2))
    assert await house.run(take(3)) is None
    assert await house.run(take(2, spare=1)) is None
    assert await house.run(take(2)) is WindowKind.WRITTEN


async def test_what_the_platform_did_not_take_is_given_back_and_its_word_closes(house: Database) -> None:
    await house.run(written())
    await house.run(take(2))
    await house.run(lambda s: windows.give_back(s, mark(s), WindowKind.WRITTEN, 2))
    assert await house.run(left(NOW)) == 5
    await house.run(lambda s: windows.close(s, mark(s)))
    assert await house.run(left(NOW)) == 0


@pytest.mark.parametrize(("later", "gone"), [(timedelta(hours=1), 0), (LONG * 2, 1)])
async def test_closed_windows_are_forgotten(house: Database, later: timedelta, gone: int) -> None:
    await house.run(written())
    assert await house.run(lambda s: windows.forget_closed(s, NOW + later)) == gone
