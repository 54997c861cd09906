"""`youcai run` killed amid WeChat traffic: the platform asks again, and nothing is lost or done twice."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from bot.app import open_database
from db.conversation import SeenUpdate
from db.knowledge import Question
from tests.bot.channels.platform import TOKEN, Platform
from tests.bot.conftest import settings

PEOPLE, EACH = 12, 8
ATTEMPTS, APART = 60, 0.25  # the platform asks for 15 s, though less often


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def process(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {"YOUCAI_DATA": str(folder), "YOUCAI_PORT": str(port), "YOUCAI_WECHAT__TOKEN": TOKEN}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=Path(__file__).parents[3],
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


@dataclass
class Traffic:
    session: aiohttp.ClientSession
    url: str
    answers: list[str] = field(default_factory=list)
    amid: asyncio.Event = field(default_factory=asyncio.Event)

    async def writes(self, person: str) -> None:
        for number in range(EACH):
            await self.push(person, number)

    async def push(self, person: str, number: int) -> None:
        """One message as the platform pushes it: again and again until it is answered."""
        platform = Platform()
        xml = platform.message(person=person, Content=f"第 {number} 问：优才卡每年发多少张？")
        for _ in range(ATTEMPTS):
            query, body = platform.push(xml)
            try:
                async with self.session.post(self.url, params=query, data=body) as response:
                    assert response.status == 200
                    self.answers.append(await response.text())
            except aiohttp.ClientError:
                await asyncio.sleep(APART)
                continue
            if len(self.answers) == PEOPLE * EACH // 3:
                self.amid.set()
            return


async def test_nothing_is_lost_or_done_twice_when_the_process_is_killed(tmp_path: Path) -> None:
    port = free_port()
    async with aiohttp.ClientSession() as session:
        traffic = Traffic(session, f"http://127.0.0.1:{port}/wechat")
        async with process(tmp_path, port) as first:
            everybody = asyncio.gather(*(traffic.writes(f"o-{n}") for n in range(PEOPLE)))
            await asyncio.wait_for(traffic.amid.wait(), 60)
            first.kill()
        async with process(tmp_path, port):
            await asyncio.wait_for(everybody, 60)
    assert len(traffic.answers) == PEOPLE * EACH
    assert all("优才卡" in answer for answer in traffic.answers)
    database = open_database(settings(tmp_path))
    seen, asked = database.run_now(
        lambda s: [s.scalar(select(func.count()).select_from(table)) for table in (SeenUpdate, Question)]
    )
    database.close_now()
    assert (seen, asked) == (PEOPLE * EACH, PEOPLE * EACH)
