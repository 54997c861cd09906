"""The calls that every message needs, straight to Telegram: python-telegram-bot's own take four times as long.

It keeps a hand in everything else: files, commands, webhooks, polling, reading updates; its errors are used here too.
"""

from typing import Any

import orjson
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram_lanes import Lanes
from bot.channels.telegram_request import AiohttpRequest

_PATIENCE = 10.0  # seconds
_KINDS: dict[int, type[TelegramError]] = {
    400: BadRequest,
    401: InvalidToken,
    403: Forbidden,
    404: InvalidToken,
    409: Conflict,
    504: TimedOut,  # somebody on the way has not heard from those who may have sent it
}


class Calls:
    """`await calls.make("sendMessage", notice=False, chat_id=…)` gives the result, or raises TelegramError."""

    def __init__(self, request: AiohttpRequest, lanes: Lanes, root: str, token: str):
        self._request, self._lanes, self._root = request, lanes, f"{root}/bot{token}/"

    async def make(self, method: str, *, notice: bool = False, **fields: Any) -> Any:
        url, body = self._root + method, _body(fields)
        chat = fields.get("chat_id", method)
        return await self._lanes.through(lambda: self._call(url, body, _PATIENCE), chat, notice=notice)

    async def updates(self, offset: int, wanted: list[str], seconds: int) -> list[Any]:
        """Those from `offset` on, which confirms all before; waits `seconds` for the first."""
        asked = {"offset": offset, "timeout": seconds, "allowed_updates": wanted}
        found = await self._call(f"{self._root}getUpdates", _body(asked), seconds + _PATIENCE)
        return found if isinstance(found, list) else []

    async def _call(self, url: str, body: bytes, seconds: float) -> Any:
        status, content = await self._request.post_json(url, body, seconds)
        try:
            answer = orjson.loads(content)
        except ValueError:
            raise refusal(status, None) if status >= 500 else TimedOut("not JSON") from None
        if isinstance(answer, dict) and answer.get("ok") is True:
            return answer.get("result")
        raise refusal(status, answer)


def _body(fields: dict[str, Any]) -> bytes:
    return orjson.dumps({name: value for name, value in fields.items() if value is not None})


def refusal(status: int, answer: Any) -> TelegramError:
    """What an answer that is not ok means."""
    told = answer if isinstance(answer, dict) else {}
    parameters = told.get("parameters") or {}
    description = str(told.get("description") or f"HTTP {status}")
    if "migrate_to_chat_id" in parameters:
        return ChatMigrated(parameters["migrate_to_chat_id"])
    if "retry_after" in parameters:
        return RetryAfter(parameters["retry_after"])
    kind = _KINDS.get(status, NetworkError)
    return InvalidToken() if kind is InvalidToken else kind(description)
