"""Speaks the web chat's contract with a handful of set answers, so that the page is tested by itself."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

HOUSE = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LABELS = {"ask": "问政策", "human": "转人工", "menu": "菜单", "useful": "👍 有用"}
CLAUSE = {
    "document": "青禾区打造全国博士后创新示范中心核心区行动计划（2022年—2024年）",
    "number": "青禾府办函〔2022〕8号",
    "label": "四（二）9",
    "text": "对新设立并招收博士、博士后的工作站，按照《实施办法》给予建站补贴。",
    "in_force": False,
    "validity": "本文件期限 2022—2024 年，已届满，请以最新文件为准",
}


@dataclass(slots=True)
class Visitor:
    turns: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def keep(self, said: dict[str, str] | None, messages: list[dict[str, Any]]) -> None:
        at = datetime.now(UTC).isoformat()
        self.turns.append({"id": len(self.turns) + 1, "at": at, "said": said, "messages": messages})


class StandIn:
    def __init__(self) -> None:
        self.visitors: dict[str, Visitor] = {}
        self.pages = jinja2.Environment(loader=jinja2.FileSystemLoader(HOUSE / "templates"), autoescape=True)
        self.app = web.Application()
        self.app.router.add_get("/", self.page)
        self.app.router.add_post("/chat/messages", self.messages)
        self.app.router.add_get("/chat/history", self.history)
        self.app.router.add_get("/chat/events", self.stream)
        self.app.router.add_static("/static", HOUSE / "bot" / "static")

    def tell(self, cookie: str, text: str) -> None:
        """Says something later, without having been asked."""
        visitor = self.visitors[cookie]
        message = _message(text)
        visitor.keep(None, [message])
        visitor.events.append(message)
        visitor.told.set()

    async def page(self, request: web.Request) -> web.Response:
        words = self.pages.get_template("web/chat.html").render(
            office="青禾区人才服务窗口", version="1", limits={"text": 2000}
        )
        headers = {"Content-Security-Policy": POLICY}
        response = web.Response(text=words, content_type="text/html", headers=headers)
        if "chat" not in request.cookies:
            response.set_cookie("chat", uuid.uuid4().hex, httponly=True)
        return response

    async def messages(self, request: web.Request) -> web.Response:
        visitor, body = self._visitor(request), await request.json()
        if body["update_id"] not in visitor.replies:
            visitor.replies[body["update_id"]] = _answer(body)
            visitor.keep(_said(body), visitor.replies[body["update_id"]])
        return web.json_response({"messages": visitor.replies[body["update_id"]]})

    async def history(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        return web.json_response({"turns": visitor.turns[-50:], "last_event": len(visitor.events)})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        visitor = self._visitor(request)
        last = int(request.headers.get("Last-Event-ID") or request.query.get("after") or 0)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:
            visitor.told.clear()
            for number, message in enumerate(visitor.events[last:], start=last + 1):
                line = f"id: {number}\nevent: message\ndata: {json.dumps(message)}\n\n"
                await response.write(line.encode())
                last = number
            await response.write(b": still here\n\n")
            await visitor.told.wait()

    def _visitor(self, request: web.Request) -> Visitor:
        return self.visitors.setdefault(request.cookies["chat"], Visitor())


def _message(text: str, *choices: str, **more: Any) -> dict[str, Any]:
    buttons = [{"label": LABELS[choice], "choice": choice} for choice in choices]
    return {"text": text, "buttons": buttons, "attachments": [], "citations": [], "in_place": False, **more}


def _said(body: dict[str, str]) -> dict[str, str] | None:
    if "text" in body:
        return {"text": body["text"]}
    return None if body["choice"] == "start" else {"choice": body["choice"], "label": LABELS[body["choice"]]}


def _answer(body: dict[str, str]) -> list[dict[str, Any]]:
    if body.get("choice") == "start":
        return [_message("您好，这里是“优才”。直接打字就能问政策。", "ask", "human")]
    if body.get("choice") == "menu":
        return [_message("需要什么？", "ask", "human", in_place=True)]
    if "建站补贴" in body.get("text", ""):
        return [_message("文件里写的是：“给予建站补贴”。", "useful", "human", citations=[CLAUSE])]
    return [_message("文件里没有找到。", "human", "menu")]
