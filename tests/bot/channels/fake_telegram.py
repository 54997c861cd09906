"""A Bot API on loopback that keeps what it is told, refuses on demand, and brings updates by hook or by poll."""

import asyncio
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientSession, web

TOKEN = "123456:TEST"
ME = {"id": 123456, "is_bot": True, "first_name": "优才", "username": "youcai_bot"}


@dataclass
class Call:
    method: str
    fields: dict[str, Any]
    at: float = field(default_factory=time.monotonic)

    @property
    def labels(self) -> list[str]:
        rows = self.fields.get("reply_markup", {}).get("inline_keyboard", [])
        return [key["text"] for row in rows for key in row]

    def choice(self, label: str) -> str:
        rows = self.fields["reply_markup"]["inline_keyboard"]
        return next(str(key["callback_data"]) for row in rows for key in row if key["text"] == label)


class FakeTelegram:
    url = ""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.heard = asyncio.Condition()
        self.confirmed = asyncio.Event()  # a poll has confirmed all there was
        self.refusals: defaultdict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        self.queue: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] = {"has_custom_certificate": False, "pending_update_count": 0}
        self.polling, self.conflicts = 0, 0  # polls under way, and how often there was more than one
        self.numbers, self.messages = count(1000), count(1)
        self.app = web.Application()
        self.app.router.add_route("*", "/bot{token}/{method}", self.answer)

    def refuse(self, method: str, status: int, times: int = 1, **parameters: Any) -> None:
        """Status 0: takes the call and breaks the connection."""
        body = {"ok": False, "error_code": status, "description": parameters.pop("description", "refused")}
        self.refusals[method] += [(status, {**body, "parameters": parameters})] * times

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fields = await (request.json() if request.content_type == "application/json" else request.post())
        if method == "getUpdates" and not self.refusals[method]:
            return await self._updates(int(str(fields.get("offset", 0))), int(str(fields.get("limit", 100))))
        async with self.heard:
            self.calls.append(Call(method, dict(fields)))
            if method == "setWebhook":
                self.webhook["url"] = fields["url"]
            self.heard.notify_all()
        if self.refusals[method]:
            status, body = self.refusals[method].pop(0)
            if not status and request.transport is not None:
                request.transport.abort()
            return web.json_response(body, status=status or 500)
        return web.json_response({"ok": True, "result": self._result(method, fields)})

    async def said(self, number: int = 1, *methods: str) -> list[Call]:
        """Waits until so many messages have been said (or calls of `methods` made)."""
        wanted = methods or ("sendMessage", "editMessageText", "sendPhoto", "sendDocument")

        def found() -> list[Call]:
            return [call for call in self.calls if call.method in wanted]

        async with self.heard:
            await asyncio.wait_for(self.heard.wait_for(lambda: len(found()) >= number), 15)
        return found()

    def update(self, **content: Any) -> dict[str, Any]:
        return {"update_id": next(self.numbers), **content}

    def text(
        self, text: str, who: int = 7, chat: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        return self.update(message=self.message(who, chat, text=text, **more))

    def message(self, who: int = 7, chat: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
        sender = {"id": who, "is_bot": False, "first_name": "陈", "language_code": "zh-hans"}
        place = chat or {"id": who, "type": "private", "first_name": "陈"}
        return {
            "message_id": next(self.messages),
            "date": int(time.time()),
            "from": sender,
            "chat": place,
            **content,
        }

    def tap(
        self, choice: str, who: int = 7, card: int = 1, chat: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        message = {
            "message_id": card,
            "date": int(time.time()),
            "chat": chat or {"id": who, "type": "private"},
        }
        sender = {"id": who, "is_bot": False, "first_name": "陈"}
        tapped = {"id": "1", "from": sender, "chat_instance": "1", "data": choice, "message": message}
        return self.update(callback_query=tapped)

    async def _updates(self, offset: int, limit: int) -> web.Response:
        self.queue = [one for one in self.queue if one["update_id"] >= offset]
        if not self.queue:
            self.confirmed.set()
            self.polling += 1
            self.conflicts += self.polling > 1
            await asyncio.sleep(0.05)
            self.polling -= 1
        return web.json_response({"ok": True, "result": self.queue[:limit]})

    def _result(self, method: str, fields: dict[str, Any]) -> Any:
        if method == "getMe":
            return ME
        if method == "getWebhookInfo":
            return self.webhook
        if method.startswith(("send", "edit")) and method != "sendChatAction":
            chat = {"id": int(str(fields["chat_id"])), "type": "private"}
            return {"message_id": next(self.messages), "date": int(time.time()), "chat": chat, "text": "x"}
        return True


async def bring(session: ClientSession, url: str, update: Any, secret: str = "s3cret") -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    data = update if isinstance(update, bytes) else json.dumps(update).encode()
    async with session.post(url, data=data, headers=headers) as response:
        return response.status
