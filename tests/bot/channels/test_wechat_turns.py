"""An answer is in time, or promised; never neither, never both."""

import asyncio
from datetime import UTC, datetime

from bot.channels.wechat_turns import Turns, Work
from bot.channels.wechat_updates import Heard
from services.messaging import Message, Reply, Update
from services.wechat.waiting import Settled

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
HEARD = Heard(Update("wechat", "o-chen", "1", NOON, text="一"), NOON, True)


class Desk:
    """Keeps a log; `settling` holds the last step."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.settling = asyncio.Event()

    async def dispatch(self, update: Update) -> Reply:
        self.log.append("dispatch")
        return Reply((Message("答"),))

    async def owe(self, heard: Heard) -> None:
        self.log.append("owe")

    async def settle(self, heard: Heard, reply: Reply, listening: bool) -> Settled:
        self.log.append(f"settle {listening}")
        await self.settling.wait()
        return Settled("答" if listening else "", False)


async def test_once_it_is_decided_that_the_request_gets_the_reply_nothing_is_promised_any_more() -> None:
    desk = Desk()
    turns = Turns(Work(desk.dispatch, desk.owe, desk.settle), late_after=0.05)
    answer = asyncio.create_task(turns.answer(HEARD, asyncio.get_running_loop().time()))
    await asyncio.sleep(0.2)
    desk.settling.set()
    assert (await answer).text == "答"
    assert desk.log == ["dispatch", "settle True"]
    assert turns.at_work == 0


async def test_what_is_at_work_when_the_service_stops_is_finished() -> None:
    desk = Desk()
    turns = Turns(Work(desk.dispatch, desk.owe, desk.settle))
    answer = asyncio.create_task(turns.answer(HEARD, asyncio.get_running_loop().time()))
    await asyncio.sleep(0)
    desk.settling.set()
    await turns.finish()
    assert (await answer).text == "答"
