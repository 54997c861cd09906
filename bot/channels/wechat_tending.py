"""What goes on beside the answers: the token and the menu at the start, and taking up what was left behind."""

import asyncio
from contextlib import suppress

import structlog

from bot.channels.wechat_account import Account, menu_of
from bot.channels.wechat_answers import Answers
from bot.channels.wechat_api import WeChatApi
from db.session import Unavailable
from services.messaging import DeliveryError

log = structlog.get_logger(__name__)
_EVERY = 20.0  # seconds


class Tending:
    """Nothing in it holds up the start, an answer, or another channel."""

    def __init__(self, account: Account, api: WeChatApi | None, answers: Answers):
        self._account, self._api, self._answers = account, api, answers
        self._task: asyncio.Task[None] | None = None
        self._fault = ""
        self._menu_set = False

    async def start(self) -> None:
        if self._api is not None:
            await self._api.open()
        self._task = asyncio.create_task(self._go_round())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._api is not None:
            await self._api.close()

    def health(self) -> str:
        if self._api is not None and self._api.alarm:
            return self._api.alarm
        return self._fault

    async def _go_round(self) -> None:
        while True:
            try:
                await self._answers.take_up()
                await self._greet_platform()
                self._fault = ""
            except (DeliveryError, Unavailable) as error:
                self._note(str(error))
            except Exception as error:  # the round goes on: what failed is tried again with the next
                log.exception("wechat round failed")
                self._note(type(error).__name__)
            await asyncio.sleep(_EVERY)

    async def _greet_platform(self) -> None:
        """Once well, the token renews itself whenever it is needed."""
        if self._api is None or self._menu_set:
            return
        await self._api.token.get()
        if self._account.menu:
            await self._api.set_menu(menu_of(self._account.menu))
        self._menu_set = True

    def _note(self, fault: str) -> None:
        if fault != self._fault:
            log.warning("wechat is not well", fault=fault)
        self._fault = fault
