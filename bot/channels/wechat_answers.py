"""From what was heard to its passive answer, and the way of everything that did not fit into one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from bot.channels.wechat_account import Account
from bot.channels.wechat_notices import Notices
from bot.channels.wechat_pieces import Speech, Spoken
from bot.channels.wechat_turns import LATE_AFTER, Turns, Work
from bot.channels.wechat_updates import Heard
from db.session import Database, Unavailable
from services.messaging import Reply, Update, UpdateKind
from services.wechat import leftovers, waiting, windows
from services.wechat.waiting import Settled
from services.wechat.windows import TAPPED_LASTS, TAPPED_QUOTA, WindowKind

log = structlog.get_logger(__name__)
_PATIENCE = 30.0  # seconds for one Reply that is owed; it stays owed, and the others have their turn


class Answers:
    def __init__(
        self,
        account: Account,
        dispatch: Callable[[Update], Awaitable[Reply]],
        database: Database,
        speech: Speech,
        notices: Notices,
        clock: Callable[[], datetime],
        late_after: float = LATE_AFTER,
    ):
        self._account, self._dispatch, self._database = account, dispatch, database
        self._speech, self._notices, self._clock = speech, notices, clock
        self._turns = Turns(Work(dispatch, self._owe, self._settle), late_after)
        self._going_on: dict[str, asyncio.Task[None]] = {}

    async def answer(self, heard: Heard, arrived: float) -> Settled:
        """Raises Unavailable."""
        return await self._turns.answer(heard, arrived)

    def go_on(self, address: str) -> None:
        """Says what waits for this person, as far as the platform allows; one at a time."""
        if address not in self._going_on:
            task = self._going_on[address] = asyncio.create_task(self._say_waiting(address))
            task.add_done_callback(lambda _: self._going_on.pop(address))

    @property
    def quiet(self) -> bool:
        """Nothing is being answered or sent."""
        return not self._going_on and not self._turns.at_work

    async def take_up(self) -> None:
        """What another process, or this one before its end, left behind."""
        now = self._clock()
        for _, packed in await self._database.run(partial(leftovers.left_behind, now=now)):
            await self._pay(Heard.unpacked(packed))
        for address in await self._database.read(partial(leftovers.reachable, now=now)):
            self.go_on(address)

    async def _pay(self, heard: Heard) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                reply = await self._dispatch(heard.update)
        except TimeoutError:
            log.warning("wechat reply is still owed", channel=heard.update.channel)
            return
        await self._settle(heard, reply, False)

    async def finish(self) -> None:
        await self._turns.finish()
        if self._going_on:
            await asyncio.wait(self._going_on.values(), timeout=LATE_AFTER)

    async def _owe(self, heard: Heard) -> None:
        update = heard.update
        await self._database.run(
            lambda s: waiting.owe(s, update.address, update.update_id, heard.packed(), self._clock())
        )

    async def _settle(self, heard: Heard, reply: Reply, listening: bool) -> Settled:
        try:
            settled = await self._database.run(partial(self._settled, heard, reply, listening), brief=True)
        except Unavailable:
            if not listening:
                raise  # it stays owed
            return Settled(self._speech.compose(reply.messages, ())[0], False)
        if settled.more and not listening:
            self.go_on(heard.update.address)
        return settled

    def _settled(self, heard: Heard, reply: Reply, listening: bool, session: Session) -> Settled:
        update, mark = heard.update, windows.mark_of(session, heard.update.address)
        if update.kind is UpdateKind.LEAVE:
            windows.close(session, mark)
            return Settled("", False)
        windows.open_window(session, mark, *self._opened(heard))
        return waiting.settle(
            session,
            update.address,
            mark,
            update.update_id,
            Spoken(self._speech.within(session, update.address), reply.messages),
            listening=listening,
            now=self._clock(),
        )

    def _opened(self, heard: Heard) -> tuple[WindowKind, datetime, int]:
        if heard.written:
            lasts = timedelta(hours=self._account.customer_window_hours)
            return WindowKind.WRITTEN, heard.happened_at + lasts, self._account.customer_quota
        return WindowKind.TAPPED, heard.happened_at + TAPPED_LASTS, TAPPED_QUOTA

    async def _say_waiting(self, address: str) -> None:
        try:
            while await self._notices.say_next(address):
                pass
        except Unavailable as error:
            log.warning("wechat cannot go on", error=str(error))
