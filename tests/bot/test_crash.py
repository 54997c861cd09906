"""The sending process killed with -9 on the way: nobody lost, nobody told twice, what is unknown told as such."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from bot.delivering import IN_THE_AIR

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("engine", "workers", "moment"),
    [
        ("sqlite", 1, "sending"),
        ("sqlite", 3, "expanding"),
        ("postgres", 1, "expanding"),
        ("postgres", 3, "sending"),
    ],
)
async def test_kill_9_loses_nobody_and_tells_nobody_twice(
    engine: str, workers: int, moment: str, request: pytest.FixtureRequest
) -> None:
    """A campaign goes on to its end, and is not finished before that."""
    url = engine if engine == "sqlite" else request.getfixturevalue("postgres_url")
    found = await crash(
        "--url", url, "--workers", str(workers), "--kills", "1", "--people", "200", "--at", moment
    )
    assert found["kills"] == 1
    assert (found["lost"], found["twice"], found["told_sent_but_never_called"]) == (0, 0, 0)
    assert (found["still_open"], found["finished_too_early"]) == (0, 0)
    assert found["looks"] > 20
    assert found["sent"] + found["unconfirmed"] == found["people"] == 200
    assert found["most_unconfirmed_at_once"] <= IN_THE_AIR


async def crash(*options: str) -> dict[str, Any]:
    command = [sys.executable, str(ROOT / "bench" / "crash.py"), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, cwd=ROOT)
    said, _ = await process.communicate()
    found: dict[str, Any] = json.loads(said)
    return found
