"""Saying a Reply on Telegram: in its chat, in place where that was asked for, part by part, typing meanwhile."""

import asyncio
import html
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import telegram
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram_lanes import BULK
from bot.channels.telegram_text import Part, parts
from bot.channels.telegram_updates import Incoming
from services.messaging import Attachment, Message

_SLOW = 0.7  # seconds after which people see that we are at it
_TYPING = 4.5  # Telegram forgets it after five


async def say(
    bot: ExtBot[str], chat: int, message: Message, *, bulk: bool = False, topic: int | None = None
) -> telegram.Message:
    """All parts and files of one message; what comes back is the last of them. Raises TelegramError."""
    sent = None
    for part in parts(message):
        sent = await _send(bot, chat, part, bulk, topic)
    for file in message.attachments:
        await _send_file(bot, chat, file, bulk, topic)
    assert sent is not None
    return sent


async def say_in_place(bot: ExtBot[str], tapped: Incoming, message: Message) -> bool:
    """False: it cannot be shown there (too long, with files, the card too old), so say it anew."""
    written = parts(message)
    if tapped.card is None or not message.in_place or len(written) > 1 or message.attachments:
        return False
    try:
        await bot.edit_message_text(
            written[0].html,
            chat_id=tapped.chat,
            message_id=tapped.card,
            parse_mode=ParseMode.HTML,
            reply_markup=written[0].keyboard,
        )
    except BadRequest as refused:
        return "not modified" in refused.message.lower()
    return True


async def acknowledge(bot: ExtBot[str], tapped: Incoming) -> None:
    """Ends the little clock on the button; a tap too old for that is no matter."""
    with suppress(TelegramError):
        await bot.answer_callback_query(tapped.callback)


@contextmanager
def typing(bot: ExtBot[str], chat: int) -> Iterator[None]:
    """Shows that we are at it, from the moment at which it takes long."""
    begun: list[asyncio.Task[None]] = []
    timer = asyncio.get_running_loop().call_later(
        _SLOW, lambda: begun.append(asyncio.create_task(_type(bot, chat)))
    )
    try:
        yield
    finally:
        timer.cancel()
        for task in begun:
            task.cancel()


async def _type(bot: ExtBot[str], chat: int) -> None:
    with suppress(TelegramError):
        while True:
            await bot.send_chat_action(chat, ChatAction.TYPING)
            await asyncio.sleep(_TYPING)


async def _send(bot: ExtBot[str], chat: int, part: Part, bulk: bool, topic: int | None) -> telegram.Message:
    lane = BULK if bulk else None
    more = {"parse_mode": ParseMode.HTML, "reply_markup": part.keyboard, "message_thread_id": topic}
    try:
        return await bot.send_message(chat, part.html, rate_limit_args=lane, **more)  # type: ignore[arg-type]
    except ChatMigrated as moved:  # a group that became a supergroup
        return await bot.send_message(moved.new_chat_id, part.html, rate_limit_args=lane, **more)  # type: ignore[arg-type]
    except BadRequest as refused:
        if "can't parse entities" not in refused.message.lower():
            raise
        plain = html.unescape(part.html.replace("<blockquote expandable>", "").replace("<blockquote>", ""))
        for mark in ("</blockquote>", "<b>", "</b>"):
            plain = plain.replace(mark, "")
        return await bot.send_message(chat, plain, reply_markup=part.keyboard, rate_limit_args=lane)


async def _send_file(bot: ExtBot[str], chat: int, file: Attachment, bulk: bool, topic: int | None) -> None:
    lane = BULK if bulk else None
    content = telegram.InputFile(file.content, filename=file.name)
    if file.type in ("image/png", "image/jpeg"):
        await bot.send_photo(chat, content, message_thread_id=topic, rate_limit_args=lane)
    else:
        await bot.send_document(chat, content, message_thread_id=topic, rate_limit_args=lane)
