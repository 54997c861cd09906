"""Saying a Reply on Telegram: in its chat, in place where that was asked for, part by part, typing meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import telegram
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram_calls import Calls
from bot.channels.telegram_lanes import BULK
from bot.channels.telegram_text import Part, parts, plain
from bot.channels.telegram_updates import Incoming
from services.messaging import Attachment, Message

_SLOW = 0.7  # seconds after which people see that we are at it
_TYPING = 4.5  # Telegram forgets it after five


class Speech:
    def __init__(self, calls: Calls, bot: ExtBot[str]):
        self._calls, self._bot = calls, bot

    async def say(self, chat: int, message: Message, *, bulk: bool = False, topic: int | None = None) -> str:
        """All parts and files of one message; what comes back names the last part. Raises TelegramError."""
        number = ""
        for part in parts(message):
            number = await self._send(chat, part, bulk, topic)
        for file in message.attachments:
            await self._send_file(chat, file, bulk, topic)
        return number

    async def say_in_place(self, tapped: Incoming, message: Message) -> bool:
        """False: it cannot be shown there (too long, with files, the card too old), so say it anew."""
        written = parts(message)
        if tapped.card is None or not message.in_place or len(written) > 1 or message.attachments:
            return False
        card: dict[str, Any] = {"chat_id": tapped.chat, "message_id": tapped.card, "parse_mode": "HTML"}
        try:
            await self._calls.make(
                "editMessageText", **card, text=written[0].html, reply_markup=written[0].keyboard
            )
        except BadRequest as refused:
            return "not modified" in refused.message.lower()
        return True

    async def acknowledge(self, tapped: Incoming) -> None:
        """Ends the little clock on the button; a tap too old for that is no matter."""
        with suppress(TelegramError):
            await self._calls.make("answerCallbackQuery", callback_query_id=tapped.callback)

    @contextmanager
    def typing(self, chat: int) -> Iterator[None]:
        """Shows that we are at it, from the moment at which it takes long."""
        begun: list[asyncio.Task[None]] = []
        timer = asyncio.get_running_loop().call_later(
            _SLOW, lambda: begun.append(asyncio.create_task(self._type(chat)))
        )
        try:
            yield
        finally:
            timer.cancel()
            for task in begun:
                task.cancel()

    async def _type(self, chat: int) -> None:
        with suppress(TelegramError):
            while True:
                await self._calls.make("sendChatAction", chat_id=chat, action="typing")
                await asyncio.sleep(_TYPING)

    async def _send(self, chat: int, part: Part, bulk: bool, topic: int | None) -> str:
        fields: dict[str, Any] = {"text": part.html, "reply_markup": part.keyboard, "parse_mode": "HTML"}
        try:
            sent = await self._calls.make(
                "sendMessage", bulk=bulk, chat_id=chat, message_thread_id=topic, **fields
            )
        except ChatMigrated as moved:  # a group that became a supergroup
            sent = await self._calls.make("sendMessage", bulk=bulk, chat_id=moved.new_chat_id, **fields)
        except BadRequest as refused:
            if "can't parse entities" not in refused.message.lower():
                raise
            unmarked: dict[str, Any] = {"text": plain(part.html), "reply_markup": part.keyboard}
            sent = await self._calls.make("sendMessage", bulk=bulk, chat_id=chat, **unmarked)
        return str(sent.get("message_id", "")) if isinstance(sent, dict) else ""

    async def _send_file(self, chat: int, file: Attachment, bulk: bool, topic: int | None) -> None:
        lane = BULK if bulk else None
        content = telegram.InputFile(file.content, filename=file.name)
        if file.type in ("image/png", "image/jpeg"):
            await self._bot.send_photo(chat, content, message_thread_id=topic, rate_limit_args=lane)
        else:
            await self._bot.send_document(chat, content, message_thread_id=topic, rate_limit_args=lane)
