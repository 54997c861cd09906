"""What Telegram is told about us at the start: commands in each language, the menu button, where updates go."""

from dataclasses import dataclass

import telegram
from telegram.ext import ExtBot

from bot.channels.telegram_updates import COMMANDS, WANTED
from services.texts import Texts

_LANGUAGES = ("", "zh", "en")  # "" is for everybody else


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


async def introduce(bot: ExtBot[str], texts: Texts) -> None:
    """Raises TelegramError; safe to repeat."""
    for language in _LANGUAGES:
        told = "en" if language == "en" else "zh"
        lines = texts.say(f"telegram/commands_{told}").splitlines()
        named = dict(line.split(" ", 1) for line in lines)
        commands = [(name, named[name]) for name in ("start", *COMMANDS) if name in named]
        await bot.set_my_commands(commands, language_code=language or None)
    await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
