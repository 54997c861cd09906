"""A Bot API on loopback, in a process of its own: it writes down every call, then answers in a temper of choice."""

import asyncio
import multiprocessing
import os
import random
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

ME = {"id": 123456, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
ALLOWED = 30  # messages a second of the strict one
_MOODS = ("429", "403", "400", "500", "garbage", "silent", "slow")


@dataclass(frozen=True, slots=True)
class Call:
    at: float
    caller: int  # the process: it stands in the token
    chat: int
    answer: str  # ok, slow, 429, 403, 400, 500, garbage, silent


class BotApi:
    """`patient` takes everything; `strict` no more than 30 in any second; `moody` does to half what it likes."""

    def __init__(self, log: Path, temper: str):
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._temper, self._taken = temper, deque[float]()
        self.app = web.Application()
        self.app.router.add_post("/bot{token}/{method}", self.answer)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if method != "sendMessage":
            return await self._aside(request, method)
        chat = int((await request.json())["chat_id"])
        answer, now = self._choose(), time.time()
        caller = request.match_info["token"].rpartition("P")[2]
        os.write(self._log, f"{now:.4f} {caller} {chat} {answer}\n".encode())
        await asyncio.sleep(random.uniform(1, 2) if answer == "slow" else random.uniform(0.005, 0.04))
        return self._say(request, answer, chat)

    async def _aside(self, request: web.Request, method: str) -> web.Response:
        """What a whole service asks for beside: nobody ever writes to it."""
        if method == "getUpdates":
            await asyncio.sleep((await request.json()).get("timeout", 0))
        result = {"getMe": ME, "getUpdates": []}.get(method, True)
        return web.json_response({"ok": True, "result": result})

    def _choose(self) -> str:
        if self._temper == "strict":
            return self._strict(time.monotonic())
        if self._temper == "moody" and random.random() < 0.5:
            return random.choice(_MOODS)
        return "ok"

    def _strict(self, now: float) -> str:
        while self._taken and now - self._taken[0] >= 1:
            self._taken.popleft()
        if len(self._taken) >= ALLOWED:
            return "429"
        self._taken.append(now)
        return "ok"

    def _say(self, request: web.Request, answer: str, chat: int) -> web.StreamResponse:
        if answer in ("ok", "slow"):
            result = {
                "message_id": 1,
                "date": 1795480000,
                "chat": {"id": chat, "type": "private"},
                "text": "x",
            }
            return web.json_response({"ok": True, "result": result})
        if answer == "garbage":
            return web.Response(text="<html>welcome</html>", content_type="text/html")
        if answer == "silent":
            assert request.transport is not None
            request.transport.abort()  # it was heard, and nobody will ever know
            return web.Response()
        body = {"ok": False, "error_code": int(answer), "description": "refused"}
        wait = {"parameters": {"retry_after": 1}} if answer == "429" else {}
        return web.json_response(body | wait, status=int(answer))


def calls(log: Path, after: int = 0) -> list[Call]:
    """Those written down behind so many bytes; a line that is being written right now comes next time."""
    written = log.read_bytes()[after:] if log.exists() else b""
    lines = [line.split() for line in written.decode().rpartition("\n")[0].splitlines()]
    return [Call(float(at), int(caller), int(chat), answer) for at, caller, chat, answer in lines]


@contextmanager
def bot_api(log: Path, temper: str = "patient") -> Iterator[str]:
    """Gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = multiprocessing.Process(target=_serve, args=(log, temper, port), daemon=True)
    process.start()
    for _ in range(200):
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.join()


def _serve(log: Path, temper: str, port: int) -> None:
    app = BotApi(log, temper).app
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, backlog=1024)
