"""`POST /telegram` through a real socket: dispatch, a durable commit and the call of sendMessage included.

.venv/bin/python bench/telegram_webhook.py                      # ours alone, SQLite in a new folder
.venv/bin/python bench/telegram_webhook.py --peer ptb "python echo.py --port {port} --fake {fake}"
.venv/bin/python bench/telegram_webhook.py --bulk               # answers while the bulk lane is told to wait 30 s

A peer serves `/tg` and echoes through the same Bot API on loopback. Every server has one core, and the client with the
Bot API another; rounds alternate. Every update is new, from 500 people.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from client import call, post
from rank import table
from webchat import QUESTIONS
from wechat import Round, Server, end, report, start_peer, wait_for

from bot.app import Role, service
from bot.config import Settings
from bot.logs import set_up_logs
from bot.serving import serve
from services.messaging import DeliveryError, Message

TOKEN, SECRET = "123456:BENCH", "bench-secret"
FAKE = 18470
PEOPLE = 500
_numbers = count(1)
ME = {"id": 123456, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


class BotApi(asyncio.Protocol):
    """As little of a Bot API as will do: it takes every message, but one for chat 429."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._heard = transport, b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
        )
        if not found or len(body) < length:
            return
        self._heard = b""
        status, answer = _answer(head, body)
        written = json.dumps(answer).encode()
        line = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(written)}\r\n\r\n"
        )
        self._transport.write(line.encode() + written)


def _answer(head: bytes, body: bytes) -> tuple[int, dict[str, object]]:
    method = head.split(b" ", 2)[1].rsplit(b"/", 1)[-1]
    if method == b"getMe":
        return 200, {"ok": True, "result": ME}
    if method != b"sendMessage":
        return 200, {"ok": True, "result": True}
    if b'"chat_id":429' in body:
        wait = {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 30}}
        return 429, wait
    chat = {"id": 1, "type": "private", "first_name": "Ann"}
    return 200, {
        "ok": True,
        "result": {"message_id": 1, "date": 1795480000, "chat": chat, "from": ME, "text": "x"},
    }


def bot_api() -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(BotApi, "127.0.0.1", FAKE)
        await server.serve_forever()

    asyncio.run(run())


def settings(port: int, url: str) -> Settings:
    return Settings(
        service={"data_dir": tempfile.mkdtemp(), "base_url": f"http://127.0.0.1:{port}"},
        web={"port": port},
        database={"url": url},
        telegram={
            "token": TOKEN,
            "base_url": f"http://127.0.0.1:{FAKE}",
            "webhook": "on",
            "secret_token": SECRET,
        },
    )


def ours(port: int, url: str) -> None:
    os.sched_setaffinity(0, {0})
    set_up_logs("json", 40)
    asyncio.run(serve(settings(port, url), Role.ALL))


def start_ours(url: str) -> Callable[[int], Callable[[], None]]:
    def start(port: int) -> Callable[[], None]:
        process = multiprocessing.Process(target=ours, args=(port, url))
        process.start()
        return partial(end, process)

    return start


def updates(path: str, number: int) -> list[bytes]:
    return [_update(path, next(_numbers)) for _ in range(number)]


def _update(path: str, number: int) -> bytes:
    person = 1000 + number % PEOPLE
    message = {
        "message_id": number,
        "from": {"id": person, "is_bot": False, "first_name": "Ann", "language_code": "zh"},
        "chat": {"id": person, "first_name": "Ann", "type": "private"},
        "date": int(time.time()),
        "text": QUESTIONS[number % len(QUESTIONS)],
    }
    body = json.dumps({"update_id": number, "message": message}).encode()
    return post(path, body, f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n")


def measure(port: int, path: str, number: int, at_once: int) -> Round:
    made = updates(path, number)
    streams: list[Iterator[bytes]] = [iter(made[n::at_once]) for n in range(at_once)]
    began = time.perf_counter()
    times = asyncio.run(call(port, streams))
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return len(times) / seconds, 1000 * cuts[49], 1000 * cuts[98]


def run(server: Server, number: int, at_once: int) -> None:
    stop = server.start(server.port)
    try:
        wait_for(server.port)
        time.sleep(1.5)
        measure(server.port, server.path, 200, at_once)
        server.rounds.append(measure(server.port, server.path, number, at_once))
    finally:
        stop()


def beside_bulk(at_once: int, number: int, rounds: int) -> None:
    """Answers with the bulk lane at rest, and while it is told to wait and tries again all the time."""
    port, rows = 18471, []
    ready, at_work = multiprocessing.Event(), multiprocessing.Event()
    process = multiprocessing.Process(target=_with_bulk, args=(port, ready, at_work))
    process.start()
    try:
        ready.wait(60)
        measure(port, "/telegram", 300, at_once)
        for _ in range(rounds):
            for busy in (False, True):
                (at_work.set if busy else at_work.clear)()
                time.sleep(0.3)
                rate, median, p99 = measure(port, "/telegram", number, at_once)
                row = {"bulk lane": "told to wait" if busy else "at rest", "answers/s": round(rate)}
                rows.append(row | {"median ms": round(median, 1), "p99 ms": round(p99, 1)})
    finally:
        process.terminate()
        process.join()
    table(rows)


def _with_bulk(port: int, ready: "threading.Event", at_work: "threading.Event") -> None:
    os.sched_setaffinity(0, {0})
    set_up_logs("json", 60)

    async def main() -> None:
        from aiohttp import web

        async with service(settings(port, "")) as running:
            runner = web.AppRunner(running.web, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            await asyncio.sleep(1.5)
            ready.set()
            while True:
                await asyncio.sleep(0.01)
                if at_work.is_set():
                    try:
                        await running.channels["telegram"].send("429", Message("通知"), bulk=True)
                    except DeliveryError:
                        continue

    asyncio.run(main())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--updates", type=int, default=3000)
    parser.add_argument("--url", default="", help="a database to use instead of SQLite")
    parser.add_argument("--bulk", action="store_true")
    parser.add_argument("--peer", nargs=2, action="append", default=[], metavar=("NAME", "COMMAND"))
    chosen = parser.parse_args()
    cores = os.cpu_count() or 1
    os.sched_setaffinity(0, {cores - 1})
    api = multiprocessing.Process(target=bot_api, daemon=True)
    api.start()
    wait_for(FAKE)
    if chosen.bulk:
        beside_bulk(chosen.at_once, chosen.updates, chosen.rounds)
        return
    fake = f"http://127.0.0.1:{FAKE}"
    servers = [Server("youcai", "webhook", "/telegram", 18472, start_ours(chosen.url))]
    for place, (name, command) in enumerate(chosen.peer):
        start = start_peer(command.replace("{fake}", fake))
        servers.append(Server(name, "webhook", "/tg", 18473 + place, start))
    for _ in range(chosen.rounds):
        for server in servers:
            run(server, chosen.updates, chosen.at_once)
    report(servers)


if __name__ == "__main__":
    main()
