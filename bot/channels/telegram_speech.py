"""Saying things on Telegram: one piece in one call, in its place, with the ways round what Telegram may refuse."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import telegram
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram_calls import Calls
from bot.channels.telegram_lanes import NOTICE
from bot.channels.telegram_text import Piece, plain
from bot.channels.telegram_updates import Place
from services.messaging import Attachment

_SLOW = 0.7  # seconds after which people see that we are at it
_TYPING = 4.5  # Telegram forgets it after five
_PICTURES = ("image/png", "image/jpeg")
_WITHOUT_PREVIEW = {
    "is_disabled": True
}  # a link may be meant for one person: Telegram's servers must not open it


class Speech:
    def __init__(self, calls: Calls, bot: ExtBot[str]):
        self._calls, self._bot = calls, bot

    async def say(self, piece: Piece, place: Place, *, notice: bool = False) -> str:
        """What comes back names the message, '' if it was one before. Raises TelegramError."""
        if piece.in_place and place.card is not None and await self._changed(piece, place):
            return ""
        try:
            return await self._new(piece, place, notice)
        except ChatMigrated as moved:  # a group that became a supergroup
            return await self._new(piece, Place(moved.new_chat_id), notice)

    async def change(self, piece: Piece, place: Place) -> str:
        """What was said before; that it says so already is no matter. Raises TelegramError."""
        try:
            await self._edit(piece, place, notice=True)
        except BadRequest as refused:
            if not _unchanged(refused):
                raise
        return str(place.card)

    async def acknowledge(self, callback: str) -> None:
        """Ends the little clock on the button; a tap too old for that is no matter."""
        with suppress(TelegramError):
            await self._calls.make("answerCallbackQuery", callback_query_id=callback)

    @contextmanager
    def typing(self, place: Place) -> Iterator[None]:
        """Shows that we are at it, from the moment at which it takes long."""
        begun: list[asyncio.Task[None]] = []
        timer = asyncio.get_running_loop().call_later(
            _SLOW, lambda: begun.append(asyncio.create_task(self._type(place)))
        )
        try:
            yield
        finally:
            timer.cancel()
            for task in begun:
                task.cancel()

    async def _type(self, place: Place) -> None:
        with suppress(TelegramError):
            while True:
                await self._calls.make(
                    "sendChatAction", chat_id=place.chat, message_thread_id=place.topic, action="typing"
                )
                await asyncio.sleep(_TYPING)

    async def _changed(self, piece: Piece, place: Place) -> bool:
        """False: the card is too old or gone, so say it anew."""
        try:
            await self._edit(piece, place)
        except BadRequest as refused:
            return _unchanged(refused)
        return True

    async def _edit(self, piece: Piece, place: Place, *, notice: bool = False) -> None:
        await self._calls.make(
            "editMessageText", notice=notice, chat_id=place.chat, message_id=place.card, **_words(piece)
        )

    async def _new(self, piece: Piece, place: Place, notice: bool) -> str:
        if piece.file is not None:
            return await self._send_file(piece.file, place, notice)
        where = {"chat_id": place.chat, "message_thread_id": place.topic, "reply_parameters": _asked(place)}
        try:
            sent = await self._calls.make("sendMessage", notice=notice, **where, **_words(piece))
        except BadRequest as refused:
            if "can't parse entities" not in refused.message.lower():
                raise
            unmarked = _words(piece) | {"text": plain(piece.html), "parse_mode": None}
            sent = await self._calls.make("sendMessage", notice=notice, **where, **unmarked)
        return str(sent.get("message_id", "")) if isinstance(sent, dict) else ""

    async def _send_file(self, file: Attachment, place: Place, notice: bool) -> str:
        lane = NOTICE if notice else None
        if file.type in _PICTURES:
            with suppress(BadRequest):  # a picture that Telegram cannot draw goes as a file
                drawn = await self._bot.send_photo(
                    place.chat, _upload(file), message_thread_id=place.topic, rate_limit_args=lane
                )
                return str(drawn.message_id)
        sent = await self._bot.send_document(
            place.chat, _upload(file), message_thread_id=place.topic, rate_limit_args=lane
        )
        return str(sent.message_id)


def _unchanged(refused: BadRequest) -> bool:
    return "not modified" in refused.message.lower()


def _words(piece: Piece) -> dict[str, Any]:
    return {
        "text": piece.html,
        "reply_markup": piece.keyboard,
        "parse_mode": "HTML",
        "link_preview_options": _WITHOUT_PREVIEW,
    }


def _asked(place: Place) -> dict[str, Any] | None:
    """In a group an answer hangs on its question, as long as that is there."""
    if place.asked is None:
        return None
    return {"message_id": place.asked, "allow_sending_without_reply": True}


def _upload(file: Attachment) -> telegram.InputFile:
    return telegram.InputFile(file.content, filename=file.name)
