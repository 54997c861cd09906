"""Several processes behind one account: whichever the platform asks, a person meets one office."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import func, select

from db.conversation import SeenUpdate
from db.session import Database
from db.vault import Vault
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services.messaging import Reply, Update
from tests.bot.channels.platform_api import PlatformApi
from tests.bot.channels.wechat_chat import Chat, until


class Slow:
    """The real dispatch of one process, which waits before it begins."""

    def __init__(self, dispatch: Dispatch):
        self.dispatch, self.go = dispatch, asyncio.Event()

    async def __call__(self, update: Update) -> Reply:
        await self.go.wait()
        return await self.dispatch(update)


@pytest.fixture
async def api() -> AsyncIterator[PlatformApi]:
    async with PlatformApi() as api:
        yield api


@pytest.fixture
def second(database: Database, database_url: str, vault: Vault) -> Iterator[Database]:
    other = Database(database_url, vault)
    yield other
    other.close_now()


async def seen(database: Database) -> int | None:
    return await database.read(lambda s: s.scalar(select(func.count()).select_from(SeenUpdate)))


async def test_repeats_in_two_processes_at_once_are_one_update_with_one_answer(
    database: Database, second: Database, desk: Desk
) -> None:
    async with (
        Chat(database, dispatch=Dispatch(database, desk)) as one,
        Chat(second, dispatch=Dispatch(second, desk)) as other,
    ):
        for number in range(5):
            xml = one.platform.message(Content=f"第 {number} 问：优才卡每年发多少张？")
            answers = await asyncio.gather(*(chat.push(xml) for chat in (one, other, one, other)))
            assert len(set(answers)) == 1
            assert answers[0]
    assert await seen(database) == 5


async def test_a_repeat_at_another_process_takes_the_reply_that_one_owes(
    database: Database, second: Database, desk: Desk, api: PlatformApi
) -> None:
    slow = Slow(Dispatch(database, desk))
    async with (
        Chat(database, api, dispatch=slow, late_after=0) as one,
        Chat(second, api, dispatch=Dispatch(second, desk)) as other,
    ):
        xml = one.platform.message(Content="优才卡每年发多少张？")
        assert await one.push(xml) == ""
        assert "优才卡" in await other.push(xml)
        slow.go.set()
        await until(lambda: one.channel._answers.quiet)
    assert api.said() == []
    assert await seen(database) == 1


async def test_what_one_process_paid_is_not_said_again_by_another(
    database: Database, second: Database, desk: Desk, api: PlatformApi
) -> None:
    slow = Slow(Dispatch(database, desk))
    async with (
        Chat(database, api, dispatch=slow, late_after=0) as one,
        Chat(second, api, dispatch=Dispatch(second, desk)) as other,
    ):
        xml = one.platform.message(Content="优才卡每年发多少张？")
        assert await one.push(xml) == ""
        slow.go.set()
        await until(lambda: bool(api.said()) and one.channel._answers.quiet)
        said = len(api.said())
        assert await other.push(xml) == ""
        assert len(api.said()) == said
    assert await seen(database) == 1
