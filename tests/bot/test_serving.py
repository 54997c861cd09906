"""The running process: it says where it is, ends cleanly when asked, and loses nothing when it is killed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

HOUSE = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def process(
    folder: Path, *words: str, **environ: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`youcai run` on a port of its own; yields it with its address."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("YOUCAI_")}
    env = {**clean, "PYTHONPATH": str(HOUSE), "YOUCAI_DATA": str(folder), "YOUCAI_PORT": "0", **environ}
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run", *words),
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield running, await _address(running)
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def _address(running: asyncio.subprocess.Process) -> str:
    assert running.stdout is not None
    while line := (await asyncio.wait_for(running.stdout.readline(), 60)).decode():
        if line.startswith("聊天页："):
            return line.removeprefix("聊天页：").strip()
        if line.startswith("按 Ctrl+C"):
            return ""
    raise AssertionError((await running.stderr.read()).decode())  # type: ignore[union-attr]


async def test_it_ends_cleanly_when_asked_with_an_open_stream(tmp_path: Path) -> None:
    async with process(tmp_path) as (running, address), aiohttp.ClientSession() as person:
        jar = {"Cookie": (await person.get(address)).headers["Set-Cookie"].split(";")[0]}
        async with person.get(f"{address}chat/events", headers=jar) as stream:
            assert stream.status == 200
            running.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(running.wait(), 15) == 0
    assert running.returncode == 0


async def test_a_worker_ticks_without_a_socket(tmp_path: Path) -> None:
    async with process(tmp_path, "--role", "worker") as (running, address):
        assert address == ""
        running.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(running.wait(), 15) == 0


async def test_what_was_answered_before_a_kill_is_remembered_and_nothing_is_answered_twice(
    tmp_path: Path,
) -> None:
    """Killed in the middle of many messages; each is sent again with its id afterwards, as a page does."""
    people = [f"人{number}" for number in range(8)]
    answered: dict[str, list[object]] = {}
    cookies: dict[str, dict[str, str]] = {}
    many = asyncio.Event()

    async def talk(session: aiohttp.ClientSession, address: str, who: str, turns: range) -> None:
        for turn in turns:
            body = {"text": "优才卡每年发多少张", "update_id": f"{turn}"}
            async with session.post(f"{address}chat/messages", json=body, headers=cookies[who]) as response:
                messages = (await response.json())["messages"]
            name = f"{who} {turn}"
            assert answered.setdefault(name, messages) == messages, "answered again, and otherwise"
            if len(answered) >= 150:
                many.set()

    async with process(tmp_path) as (running, address), aiohttp.ClientSession() as session:
        for who in people:
            async with session.get(address) as page:
                cookies[who] = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}
        talks = [asyncio.create_task(talk(session, address, who, range(400))) for who in people]
        await asyncio.wait_for(many.wait(), 60)
        running.kill()
        ends = await asyncio.gather(*talks, return_exceptions=True)
    assert all(isinstance(end, (aiohttp.ClientError, ConnectionError)) for end in ends), ends
    before = len(answered)
    assert 150 <= before < 8 * 400
    async with process(tmp_path) as (running, address), aiohttp.ClientSession() as session:
        for who in people:
            done = sum(1 for name in answered if name.startswith(f"{who} "))
            await talk(session, address, who, range(done + 1))
        for who in people:
            async with session.get(f"{address}chat/history", headers=cookies[who]) as response:
                turns = json.loads(await response.read())["turns"]
            known = sum(1 for name in answered if name.startswith(f"{who} "))
            assert len(turns) == min(50, known)
            assert len({turn["id"] for turn in turns}) == len(turns)


async def test_two_processes_on_one_database_answer_a_repeat_alike(tmp_path: Path, postgres_url: str) -> None:
    both = {"YOUCAI_DATABASE__URL": postgres_url, "YOUCAI_SERVICE__SECRET_KEYS": json.dumps(["k" * 40])}
    body = {"text": "优才卡每年发多少张", "update_id": "once"}
    async with (
        process(tmp_path, **both) as (_, one),
        process(tmp_path, **both) as (_, other),
        aiohttp.ClientSession() as session,
    ):
        async with session.get(one) as page:
            jar = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}

        async def send(address: str) -> list[object]:
            async with session.post(f"{address}chat/messages", json=body, headers=jar) as response:
                assert response.status == 200
                return (await response.json())["messages"]  # type: ignore[no-any-return]

        replies = await asyncio.gather(*(send(address) for address in (one, other) * 4))
        assert all(reply == replies[0] for reply in replies)
        async with session.get(f"{other}chat/history", headers=jar) as response:
            assert len((await response.json())["turns"]) == 1


async def test_a_publication_by_another_process_is_answered_within_seconds(tmp_path: Path) -> None:
    file = tmp_path / "housing.md"
    file.write_text(
        "# 青禾区博士后安家办法\n\n第一条 出站留区的博士后，给予安家费10万元。\n", encoding="utf-8"
    )
    async with process(tmp_path) as (_, address), aiohttp.ClientSession() as session:
        env = {**os.environ, "PYTHONPATH": str(HOUSE), "YOUCAI_DATA": str(tmp_path)}
        words = ("-m", "bot", "knowledge", "import", str(file), "--number", "青禾〔2026〕1号", "--yes")
        imported = await asyncio.create_subprocess_exec(
            sys.executable, *words, env=env, cwd=tmp_path, stdout=asyncio.subprocess.DEVNULL
        )
        assert await imported.wait() == 0
        body = {"text": "出站留区的博士后安家费多少"}
        for _ in range(40):
            async with session.post(f"{address}chat/messages", json=body) as response:
                if "10万元" in (await response.json())["messages"][0]["text"]:
                    return
            await asyncio.sleep(0.25)
    raise AssertionError("not noticed in ten seconds")


async def test_the_first_colleague_finds_the_way_in_beside_the_address(tmp_path: Path) -> None:
    """Told at every start until somebody has come in by it."""
    for _ in range(2):
        async with process(tmp_path) as (running, address), aiohttp.ClientSession() as person:
            assert running.stdout is not None
            lines = [(await running.stdout.readline()).decode() for _ in range(3)]
            link = next(line.strip() for line in lines if "/console/sign-in/" in line)
            assert link.startswith(f"{address}console/sign-in/")
            async with person.get(link) as page:
                assert page.status == 200
    async with process(tmp_path) as (running, address), aiohttp.ClientSession() as person:
        assert running.stdout is not None
        link = [(await running.stdout.readline()).decode() for _ in range(2)][1].strip()
        async with person.post(link) as chat:
            assert str(chat.url) == address
    async with process(tmp_path) as (running, _):
        assert running.stdout is not None
        assert "Ctrl+C" in (await running.stdout.readline()).decode()
