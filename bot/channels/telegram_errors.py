"""What Telegram refuses, each told once: for good or for now, and under which word."""

from datetime import datetime, timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from services.messaging import DeliveryError

_GONE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "bot was blocked")


def delivery_error(error: TelegramError, now: datetime) -> DeliveryError:
    """The order matters: BadRequest and TimedOut are NetworkErrors to python-telegram-bot."""
    if isinstance(error, RetryAfter):
        after = error.retry_after
        wait = after if isinstance(after, timedelta) else timedelta(seconds=after)
        return DeliveryError("busy", permanent=False, retry_at=now + wait)
    if isinstance(error, Forbidden):
        return DeliveryError("blocked", permanent=True)
    if isinstance(error, ChatMigrated):
        return DeliveryError("moved", permanent=True)
    if isinstance(error, BadRequest):
        gone = any(word in error.message.lower() for word in _GONE)
        return DeliveryError("blocked" if gone else "refused", permanent=True, detail=error.message)
    if isinstance(error, InvalidToken):
        return DeliveryError("token", permanent=False)
    if isinstance(error, TimedOut):
        return DeliveryError("timeout", permanent=False)
    if isinstance(error, NetworkError):
        return DeliveryError("network", permanent=False)
    return DeliveryError("unknown_error", permanent=False, detail=type(error).__name__)
