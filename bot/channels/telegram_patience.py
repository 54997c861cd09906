"""How long we try to say something on Telegram that it does not take."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from telegram.error import TelegramError

from bot.channels.telegram_errors import delivery_error


@dataclass(frozen=True, slots=True)
class Patience:
    """At once, then whenever the update of a Reply is brought again."""

    pauses: tuple[float, ...] = (0.5, 1, 2, 4)  # seconds before one more try, its chat waiting meanwhile
    midway: float = 60  # seconds that a message which is out in part waits for the rest
    rest: float = 10  # seconds before an update that was put back is taken up again
    seconds: float = 900  # after these, and
    times: int = 5  # so many times, it is given up
    look: float = 60  # seconds between looks whether Telegram reaches our webhook


async def insist(
    say: Callable[[], Awaitable[str]], pauses: tuple[float, ...], clock: Callable[[], datetime]
) -> str:
    """Tries again for a while where Telegram itself is at fault. Raises DeliveryError."""
    for pause in (*pauses, None):
        try:
            return await say()
        except TelegramError as error:
            failed = delivery_error(error, clock())
            if failed.permanent or failed.retry_at is not None or pause is None:
                raise failed from error
            await asyncio.sleep(pause)
    raise AssertionError("the last try returns or raises")
