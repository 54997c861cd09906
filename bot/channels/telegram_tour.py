"""What Telegram is told about us at the start: commands in each language, the menu button, where updates go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
import telegram
from telegram.ext import ExtBot

from bot.channels.telegram_updates import COMMANDS, WANTED
from services.texts import Texts

_LANGUAGES = ("", "zh", "en")  # "" is for everybody else
_FRESH = timedelta(minutes=3)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Webhook:
    url: str
    secret: str


async def connect(bot: ExtBot[str], webhook: Webhook | None) -> None:
    """Raises TelegramError; safe to repeat."""
    if webhook is None:
        await bot.delete_webhook()
    else:
        await bot.set_webhook(
            webhook.url, secret_token=webhook.secret, allowed_updates=WANTED, max_connections=50
        )


async def complaint(bot: ExtBot[str], webhook: Webhook, now: datetime) -> str:
    """What keeps updates from us, "" for nothing. Raises TelegramError."""
    info = await bot.get_webhook_info()
    if info.url != webhook.url:
        return "webhook set elsewhere"
    told = info.last_error_message or ""
    fresh = info.last_error_date is not None and now - info.last_error_date < _FRESH
    if not fresh or not info.pending_update_count or "503" in told:  # 503 is our own: again later
        return ""
    log.warning("Telegram does not reach the webhook", told=told)
    return "webhook unreachable"


async def introduce(bot: ExtBot[str], texts: Texts) -> None:
    """Raises TelegramError; safe to repeat."""
    for language in _LANGUAGES:
        told = "en" if language == "en" else "zh"
        lines = texts.say(f"telegram/commands_{told}").splitlines()
        named = dict(line.split(" ", 1) for line in lines)
        commands = [(name, named[name]) for name in ("start", *COMMANDS) if name in named]
        await bot.set_my_commands(commands, language_code=language or None)
    await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
