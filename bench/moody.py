"""A campaign through a Bot API that does to half of its calls what it likes, while people ask: who waits, who is lost?

.venv/bin/python bench/moody.py
.venv/bin/python bench/moody.py --people 1000 --url postgresql+psycopg://postgres@127.0.0.1:5432/postgres

The service runs in a process of its own. People ask fifty times a second on the web chat: first with nothing to send,
then while the campaign goes out to an API that answers 429, 403, 400, 500, garbage, nothing, or late, at random.
Once it is finished, every row is held against what the API answered last. Exit status 1 when one does not fit.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1]))
from delivery_house import House, house
from delivery_peer import Call, bot_api, calls

from db.delivery import Delivery
from db.people import Identity
from db.vault import Vault

HERE = Path(__file__).parents[1]
PORT, EVERY = 18_099, 0.02  # seconds between questions
PEOPLE = 50  # who ask
QUESTIONS = ("优才卡每年发多少张", "新设博士后科研工作站有补贴吗", "钻石卡能上门办吗", "博士后科研资助多少钱")
FINAL = {"ok": "sent", "slow": "sent", "403": "failed", "400": "failed", "500": "failed"}
FINAL |= {"garbage": "unconfirmed", "silent": "unconfirmed"}
LAST = frozenset({"ok", "slow", "403", "400", "garbage", "silent"})  # nothing may follow these


class Office:
    """The service and its command, as an office runs them."""

    def __init__(self, folder: Path, api: str, made: House):
        self.folder, self._house = folder, made
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "YOUCAI_DATA": str(folder / "var"),
            "YOUCAI_PORT": str(PORT),
            "YOUCAI_TELEGRAM__TOKEN": "123456:P1",
            "YOUCAI_TELEGRAM__BASE_URL": api,
            "YOUCAI_TELEGRAM__WEBHOOK": "off",
            "YOUCAI_DELIVERY__QUIET_HOURS": "",
            "YOUCAI_DELIVERY__HALT_FAILURE_PERCENT": "100",
            "YOUCAI_WEB__PER_ADDRESS_MINUTE": "1000000",
            "YOUCAI_WEB__PER_PERSON_MINUTE": "1000000",
            "YOUCAI_DATABASE__URL": made.url,
            "YOUCAI_SERVICE__SECRET_KEYS": json.dumps([made.key]),
        }

    def youcai(self, *words: str) -> str:
        command = [sys.executable, "-m", "bot", *words]
        done = subprocess.run(command, env=self.environ, cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[None]:
        with (self.folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "bot", "run"]
            process = subprocess.Popen(command, env=self.environ, cwd=self.folder, stdout=log, stderr=log)
            try:
                yield
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)

    def campaign(self, people: int) -> int:
        lines = "".join(f"telegram,{number},,\n" for number in range(1, people + 1))
        (self.folder / "people.csv").write_text("channel,address,name,tags\n" + lines, encoding="utf-8")
        self.youcai("people", "import", str(self.folder / "people.csv"))
        (self.folder / "body.txt").write_text("明天上午开放预约。", encoding="utf-8")
        words = (
            "--title",
            "开放",
            "--body-file",
            str(self.folder / "body.txt"),
            "--segment",
            "channel=telegram",
            "--send-now",
            "--yes",
            "--json",
        )
        return int(json.loads(self.youcai("campaign", "create", *words))["id"])

    def show(self, number: int) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.youcai("campaign", "show", str(number), "--json"))
        return shown

    def rows(self) -> dict[int, str]:
        """Status by chat."""
        found = (
            select(Identity.sealed_address, Delivery.status)
            .join(Delivery, Delivery.identity_id == Identity.id)
            .where(Identity.channel == "telegram")
        )
        vault = Vault([self._house.key])
        with self._house.opened() as database:
            rows = database.run_now(lambda session: session.execute(found).all())
        return {int(vault.open(sealed)): status for sealed, status in rows}


async def asked(until: Any) -> list[float]:
    """Seconds of each answer, asked in an even beat whether or not the one before is answered."""
    times: list[float] = []
    going: set[asyncio.Task[None]] = set()

    async def ask(session: aiohttp.ClientSession, text: str) -> None:
        began = time.perf_counter()
        async with session.post(f"http://127.0.0.1:{PORT}/chat/messages", json={"text": text}) as response:
            await response.read()
            assert response.status == 200, response.status
        times.append(time.perf_counter() - began)

    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))
            for _ in range(PEOPLE)
        ]
        for one in people:
            await ask(one, QUESTIONS[0])
        times.clear()
        beat, number = time.perf_counter(), 0
        while not until():
            task = asyncio.create_task(ask(people[number % PEOPLE], QUESTIONS[number % len(QUESTIONS)]))
            going.add(task)
            task.add_done_callback(going.discard)
            beat, number = beat + EVERY, number + 1
            await asyncio.sleep(max(0.0, beat - time.perf_counter()))
        await asyncio.gather(*going)
    return times


def misfits(rows: dict[int, str], made: list[Call]) -> dict[str, int]:
    """What does not fit together, counted by what is wrong with it."""
    by_chat: dict[int, list[str]] = {}
    for call in made:
        by_chat.setdefault(call.chat, []).append(call.answer)
    wrong: Counter[str] = Counter()
    for chat, status in rows.items():
        answers = by_chat.get(chat, [])
        wrong["never called"] += not answers
        wrong["called after its end"] += any(one in LAST for one in answers[:-1])
        wrong["wrong state"] += bool(answers) and FINAL.get(answers[-1]) != status
    return {what: count for what, count in wrong.items() if count}


def told(times: list[float]) -> dict[str, float]:
    assert times, "nobody was answered"
    ordered = sorted(times)
    return {
        "answers": len(ordered),
        "median_ms": round(ordered[len(ordered) // 2] * 1000, 1),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=20, help="of asking with nothing to send")
    parser.add_argument("--url", default="sqlite", help="or a PostgreSQL server")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, house(given.url) as made:
        folder = Path(name)
        with bot_api(folder / "calls", "moody") as api:
            measure(Office(folder, api, made), folder / "calls", given.people, given.seconds)


def measure(office: Office, log: Path, people: int, seconds: float) -> None:
    with office.running():
        asyncio.run(_answering())
        quiet = asyncio.run(asked(_after(seconds)))
        number = office.campaign(people)
        busy = asyncio.run(asked(_after(seconds)))
        while (shown := office.show(number))["status"] != "finished":
            print(shown, file=sys.stderr)
            time.sleep(5)
    wrong = misfits(office.rows(), calls(log))
    counted = Counter(call.answer for call in calls(log))
    print(
        json.dumps({"with nothing to send": told(quiet), "while it goes out": told(busy)}, ensure_ascii=False)
    )
    print(json.dumps({"calls": counted, "campaign": shown, "wrong": wrong}, ensure_ascii=False))
    raise SystemExit(bool(wrong))


def _after(seconds: float) -> Any:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


async def _answering() -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            try:
                async with session.get(f"http://127.0.0.1:{PORT}/healthz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    raise SystemExit("the service does not start")


if __name__ == "__main__":
    main()
