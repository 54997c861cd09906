"""`POST /wechat` through a real socket, dispatch and a durable commit included, beside other libraries' echoes.

.venv/bin/python bench/wechat.py                        # ours alone, plain and encrypted, SQLite in a new folder
.venv/bin/python bench/wechat.py --peer wechatpy plain "python echo.py --port {port}" \
                                 --peer wechatpy aes "python echo.py --port {port} --aes"

A peer serves `/wx` with the token, key and account below, in an environment of its own. Every server has one core and
the client another; rounds alternate, so that all meet the same machine. Every message is new, from 500 people.
"""

import argparse
import asyncio
import base64
import hashlib
import multiprocessing
import os
import shlex
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

sys.path.insert(0, str(Path(__file__).parents[1]))
from client import call, post
from rank import table
from webchat import QUESTIONS

from bot.app import Role
from bot.config import Settings
from bot.logs import set_up_logs
from bot.serving import serve

TOKEN, APP_ID = "benchtoken", "wx1234567890abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PEOPLE = 500
MODES = ("plain", "aes")
_numbers = count(24_000_000_000_000_000)
Round = tuple[float, float, float]  # messages a second, median and 99th percentile in milliseconds


@dataclass
class Server:
    name: str
    mode: str
    path: str
    port: int
    start: Callable[[int], Callable[[], None]]  # gives what stops it
    rounds: list[Round] = field(default_factory=list)


def ours(port: int, url: str) -> None:
    os.sched_setaffinity(0, {0})
    set_up_logs("json", 40)
    settings = Settings(
        service={"data_dir": tempfile.mkdtemp()},
        web={"port": port},
        database={"url": url},
        wechat={"token": TOKEN, "app_id": APP_ID, "aes_key": AES_KEY},
    )
    asyncio.run(serve(settings, Role.ALL))


def start_ours(url: str) -> Callable[[int], Callable[[], None]]:
    def start(port: int) -> Callable[[], None]:
        process = multiprocessing.Process(target=ours, args=(port, url))
        process.start()
        return partial(end, process)

    return start


def end(process: multiprocessing.Process) -> None:
    process.terminate()
    process.join()


def start_peer(command: str) -> Callable[[int], Callable[[], None]]:
    def start(port: int) -> Callable[[], None]:
        words = shlex.split(command.format(port=port))
        process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, {0})
        )

        def over() -> None:
            process.terminate()
            process.wait()

        return over

    return start


def messages(path: str, mode: str, number: int) -> list[bytes]:
    now = str(int(time.time()))
    return [_message(path, mode, now, next(_numbers)) for _ in range(number)]


def _message(path: str, mode: str, now: str, number: int) -> bytes:
    fields = {
        "ToUserName": "gh_bench",
        "FromUserName": f"o{number % PEOPLE}",
        "CreateTime": now,
        "MsgType": "text",
        "Content": QUESTIONS[number % len(QUESTIONS)],
        "MsgId": str(number),
    }
    xml = f"<xml>{''.join(f'<{name}><![CDATA[{text}]]></{name}>' for name, text in fields.items())}</xml>"
    query = {"signature": _sign(TOKEN, now, str(number)), "timestamp": now, "nonce": str(number)}
    if mode == "aes":
        sealed = _sealed(xml.encode())
        xml = f"<xml><ToUserName>gh_bench</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        query |= {"encrypt_type": "aes", "msg_signature": _sign(TOKEN, now, str(number), sealed)}
    return post(f"{path}?{urlencode(query)}", xml.encode(), kind="text/xml")


def _sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def _sealed(xml: bytes) -> str:
    key = base64.b64decode(AES_KEY + "=")
    whole = os.urandom(16) + struct.pack(">I", len(xml)) + xml + APP_ID.encode()
    padding = 32 - len(whole) % 32
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(
        encryptor.update(whole + bytes([padding]) * padding) + encryptor.finalize()
    ).decode()


def measure(server: Server, number: int, at_once: int) -> Round:
    made = messages(server.path, server.mode, number)
    streams: list[Iterator[bytes]] = [iter(made[n::at_once]) for n in range(at_once)]
    began = time.perf_counter()
    times = asyncio.run(call(server.port, streams))
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return len(times) / seconds, 1000 * cuts[49], 1000 * cuts[98]


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("a server does not answer")


def run(server: Server, number: int, at_once: int) -> None:
    """A fresh process each time, so that only one has the core."""
    stop = server.start(server.port)
    try:
        wait_for(server.port)
        measure(server, 200, at_once)
        server.rounds.append(measure(server, number, at_once))
    finally:
        stop()


def report(servers: list[Server]) -> None:
    rows: list[dict[str, Any]] = []
    for server in servers:
        rate, median, p99 = (statistics.median(values) for values in zip(*server.rounds, strict=True))
        row = {"server": server.name, "mode": server.mode, "messages/s": round(rate)}
        row |= {"median ms": round(median, 1), "p99 ms": round(p99, 1)}
        for own in servers:
            if own.name == "youcai" and own.mode == server.mode:
                row["ours / this"] = round(statistics.median(one[0] for one in own.rounds) / rate, 2)
        rows.append(row)
    table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--url", default="", help="a database to use instead of SQLite")
    parser.add_argument("--peer", nargs=3, action="append", default=[], metavar=("NAME", "MODE", "COMMAND"))
    chosen = parser.parse_args()
    servers = [
        Server("youcai", mode, "/wechat", 18440 + n, start_ours(chosen.url)) for n, mode in enumerate(MODES)
    ]
    servers += [
        Server(name, mode, "/wx", 18450 + n, start_peer(command))
        for n, (name, mode, command) in enumerate(chosen.peer)
    ]
    os.sched_setaffinity(0, {os.cpu_count() - 1 if os.cpu_count() else 0})  # type: ignore[operator]
    for _ in range(chosen.rounds):
        for server in servers:
            run(server, chosen.messages, chosen.at_once)
    report(servers)


if __name__ == "__main__":
    main()
