"""How much of an allowed rate a campaign uses: whole worker processes against a Bot API that takes 30 in any second.

.venv/bin/python bench/pace.py
.venv/bin/python bench/pace.py --workers 3 --url postgresql+psycopg://postgres@127.0.0.1:5432/postgres

The campaign goes the way of every campaign: drafted, approved, begun by a worker's tick, written into the ledger, sent.
Exit status 1 below 97 % of what was allowed, or with more than one call that was told to wait.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from delivery_house import House, house, until
from delivery_peer import ALLOWED, Call, bot_api, calls
from sqlalchemy.orm import Session

from services import campaigns
from services.campaign_terms import CampaignDesk
from services.campaigns import COMMAND, Draft

TEXT = "优才卡新一轮办理时段已经放出，想办的朋友可以来约时间了。"


@contextmanager
def worker(house: House, address: str, folder: Path) -> Iterator[None]:
    """The service itself, as somebody would start it to send. It is there once it says so."""
    settings = {
        "YOUCAI_DATA": str(folder),
        "YOUCAI_SERVICE__SECRET_KEYS": json.dumps([house.key]),
        "YOUCAI_DATABASE__URL": house.url,
        "YOUCAI_TELEGRAM__TOKEN": "123456:P0",
        "YOUCAI_TELEGRAM__BASE_URL": address,
        "YOUCAI_TELEGRAM__RATE": str(ALLOWED),
        "YOUCAI_DELIVERY__QUIET_HOURS": "",
    }
    command = [sys.executable, "-m", "bot", "run", "--role", "worker"]
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[1], env=os.environ | settings, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    if not process.stdout.readline():
        raise SystemExit("a worker did not start")
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def begin(house: House) -> None:
    now = datetime.now(UTC)

    def work(session: Session) -> None:
        made = campaigns.create(session, Draft("bench", TEXT, send_at=now), COMMAND, now)
        assert made is not None
        campaigns.approve_at_once(session, CampaignDesk(), made, COMMAND, now)

    with house.opened() as database:
        database.run_now(work)


def figures(made: list[Call], seconds: float) -> dict[str, Any]:
    """Of the seconds from the first call on."""
    within = [call for call in made if call.at < made[0].at + seconds]
    taken = [call.at for call in within if call.answer == "ok"]
    spacing = np.diff(taken) * 1_000
    return {
        "used_percent": round(len(taken) / (ALLOWED * seconds) * 100, 2),
        "told_to_wait": sum(call.answer == "429" for call in within),
        "median_spacing_ms": round(float(np.median(spacing)), 1),
        "p99_spacing_ms": round(float(np.percentile(spacing, 99)), 1),
    }


def pace(url: str, number_of_workers: int, seconds: float) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(house(url))
        made.meet(int(ALLOWED * (seconds + 5)))
        log = folder / "calls"
        address = stack.enter_context(bot_api(log, "strict"))
        for _ in range(number_of_workers):
            stack.enter_context(worker(made, address, folder))
        begin(made)
        until(lambda: bool(calls(log)))
        time.sleep(seconds + 1)
        return figures(calls(log), seconds)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--url", default="sqlite", help="sqlite, or the address of a PostgreSQL server")
    chosen = parser.parse_args()
    found = pace(chosen.url, chosen.workers, chosen.seconds)
    print(json.dumps({"url": chosen.url.partition(":")[0], "workers": chosen.workers, **found}))
    sys.exit(0 if found["used_percent"] >= 97 and found["told_to_wait"] <= 1 else 1)


if __name__ == "__main__":
    main()
