"""`POST /chat/messages` through a real socket, dispatch and a durable commit included, beside a bare JSON echo.

.venv/bin/python bench/webchat.py                       # 32 at once, SQLite in a new folder
.venv/bin/python bench/webchat.py --at-once 8 --rounds 5 --url postgresql://postgres@127.0.0.1/bench

Each server runs in a process of its own and is asked by the same client; rounds alternate, so that both meet the
same machine. What is asked is about the policy, answered from the plan.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))
from client import call, post
from rank import table

from bot.app import Role
from bot.config import Settings
from bot.logs import set_up_logs
from bot.serving import serve

QUESTIONS = ("优才卡每年发多少张", "新设工作站有补贴吗", "菜单", "人才驿站多久评估一次", "银卡去哪里办")


def echo(port: int, _: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        return web.json_response({"messages": [{"text": body["text"]}]})

    app = web.Application()
    app.router.add_post("/chat/messages", answer)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


def youcai(port: int, url: str) -> None:
    set_up_logs("json", 40)
    endless = {"port": port, "per_person_minute": 10**9, "per_address_minute": 10**9}
    settings = Settings(
        service={"data_dir": tempfile.mkdtemp()},
        web=endless,
        database={"url": url},
    )
    asyncio.run(serve(settings, Role.ALL))


def cookie(port: int) -> str:
    """The bare echo gives none."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/chat/messages", b'{"text": "\\u83dc\\u5355"}')
    for _ in range(200):
        try:
            with urllib.request.urlopen(request) as response:
                given = response.headers.get("Set-Cookie", "")
                return f"Cookie: {given.split(';')[0]}\r\n" if given else ""
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server does not answer")


def questions(headers: str, number: int, until: float) -> Iterator[bytes]:
    asked = [post("/chat/messages", json.dumps({"text": text}).encode(), headers) for text in QUESTIONS]
    while time.perf_counter() < until:
        yield asked[number % len(asked)]
        number += 1


def measure(port: int, cookies: list[str], seconds: float) -> tuple[float, float, float]:
    """Messages a second; the median and the 99th percentile in milliseconds."""
    until = time.perf_counter() + seconds
    times = asyncio.run(call(port, [questions(one, n, until) for n, one in enumerate(cookies)]))
    cuts = statistics.quantiles(times, n=100)
    return len(times) / seconds, 1000 * cuts[49], 1000 * cuts[98]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--url", default="", help="a database to use instead of SQLite")
    chosen = parser.parse_args()
    servers = {"echo": (echo, 18431), "youcai": (youcai, 18432)}
    processes = [
        multiprocessing.Process(target=server, args=(port, chosen.url)) for server, port in servers.values()
    ]
    for process in processes:
        process.start()
    try:
        cookies = {name: [cookie(port) for _ in range(chosen.at_once)] for name, (_, port) in servers.items()}
        rounds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in servers}
        for _ in range(chosen.rounds):
            for name, (_, port) in servers.items():
                rounds[name].append(measure(port, cookies[name], chosen.seconds))
    finally:
        for process in processes:
            process.terminate()
            process.join()
    ratios = [ours[0] / bare[0] for ours, bare in zip(rounds["youcai"], rounds["echo"], strict=True)]
    rows = []
    for name in servers:
        rate, median, p99 = (statistics.median(values) for values in zip(*rounds[name], strict=True))
        row = {
            "server": name,
            "messages/s": round(rate),
            "median ms": round(median, 1),
            "p99 ms": round(p99, 1),
        }
        rows.append(row)
    table(rows)
    print(
        f"ratio {statistics.median(ratios):.3f} (from {min(ratios):.3f} to {max(ratios):.3f}), {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    main()
