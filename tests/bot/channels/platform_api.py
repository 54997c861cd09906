"""WeChat's server API on loopback: tokens that expire, windows that close, and whatever answer a test wants."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

SECRET = "the-secret"
CUT = 599  # the call is taken, and the connection breaks
Answer = (
    dict[str, Any] | str | int | float
)  # JSON, a text that is none, an HTTP status or CUT, seconds of silence


@dataclass
class PlatformApi:
    """`next_for(path, …)` answers in that order before the usual answer; `calls` is what came in."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=lambda: ["token-1"])
    fetched: list[bool] = field(default_factory=list)  # with force or without
    _planned: defaultdict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/cgi-bin/{path:.*}", self._take)
        self._server = TestServer(app)
        await self._server.start_server()
        self.url = str(self._server.make_url("")).rstrip("/")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def next_for(self, path: str, *answers: Answer) -> None:
        self._planned[path].extend(answers)

    def expire_token(self) -> None:
        self.tokens.append(f"token-{len(self.tokens) + 1}")

    def said(self, person: str = "") -> list[dict[str, Any]]:
        """Customer-service messages that were taken."""
        bodies = [body for path, body in self.calls if path == "message/custom/send"]
        return [body for body in bodies if person in ("", body["touser"])]

    def texts(self) -> list[str]:
        return [body["text"]["content"] for body in self.said() if body["msgtype"] == "text"]

    async def _take(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if self._planned[path]:
            planned = self._planned[path].popleft()
            if isinstance(planned, float):
                await asyncio.sleep(planned)
                return web.json_response({"errcode": 0})
            if planned == CUT and request.transport is not None:
                request.transport.abort()
            if isinstance(planned, int):
                return web.Response(status=planned)
            return web.Response(text=planned) if isinstance(planned, str) else web.json_response(planned)
        usual: Callable[[web.Request, str], Awaitable[web.Response]] = (
            self._token if path == "stable_token" else self._call
        )
        return await usual(request, path)

    async def _token(self, request: web.Request, _: str) -> web.Response:
        body = await request.json()
        if body["secret"] != SECRET:
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        self.fetched.append(body["force_refresh"])
        if body["force_refresh"]:
            self.expire_token()
        return web.json_response({"access_token": self.tokens[-1], "expires_in": 7200})

    async def _call(self, request: web.Request, path: str) -> web.Response:
        if request.query.get("access_token") != self.tokens[-1]:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        if path == "media/upload":
            part = (await request.post())["media"]
            assert isinstance(part, web.FileField)
            self.calls.append((path, {"name": part.filename, "size": len(part.file.read())}))
            return web.json_response({"media_id": "media-1"})
        self.calls.append((path, await request.json()))
        extra = {"msgid": 200 + len(self.calls), "url": "http://weixin.qq.com/q/1", "ticket": "t"}
        return web.json_response({"errcode": 0, "errmsg": "ok", **extra})
