"""A worker killed with -9 at random points of a campaign, against a Bot API on loopback that writes down every call.

.venv/bin/python bench/crash.py --kills 100 --workers 1
.venv/bin/python bench/crash.py --kills 100 --workers 3 --url postgresql+psycopg://postgres@127.0.0.1:5432/postgres

Each kill has a round of its own: a campaign to 500 people, drafted, approved at once and due at once; somewhere while
it is written into the ledger, sent, or about to be finished, a worker is killed and another one starts. Once the
campaign is finished, everybody is asked: how often were they called, and what does their row say? All the time
somebody looks whether a campaign is finished while a row of it is open. Exit status 1 when anybody was lost or told
twice, or anything finished too early.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from crash_watch import STAGES, watch
from delivery_house import Worker, house, until
from delivery_peer import Call, bot_api, calls

from bot.delivering import IN_THE_AIR
from services.delivery import OPEN

RATE = 1_500
MOMENTS = ("expanding", "sending", "finishing")


@dataclass
class Found:
    kills: int = 0
    killed_while: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(STAGES, 0)
    )  # where the campaign stood
    people: int = 0
    sent: int = 0
    unconfirmed: int = 0
    most_unconfirmed_at_once: int = 0
    unconfirmed_that_arrived: int = 0
    lost: int = 0  # never called, and no row of theirs says that it is unknown
    twice: int = 0
    told_sent_but_never_called: int = 0
    still_open: int = 0  # in the end, of whichever campaign
    finished_too_early: int = 0  # looks at which a finished campaign had an open row
    looks: int = 0

    @property
    def well(self) -> bool:
        wrong = self.lost + self.twice + self.told_sent_but_never_called + self.still_open
        settled = self.sent + self.unconfirmed == self.people
        in_time = self.finished_too_early == 0 < self.looks
        return not wrong and settled and in_time and self.most_unconfirmed_at_once <= IN_THE_AIR


@dataclass
class Round:
    """One campaign and one kill. `seen` is what the watch sees of it."""

    campaign: int
    people: int
    seen: Any
    calls: Callable[[], list[Call]]

    def stands(self) -> str:
        return STAGES[self.seen.stage] if self.seen.campaign == self.campaign else "waiting"

    def is_finished(self) -> bool:
        return self.stands() == "finished"

    def wait_for(self, moment: str) -> None:
        """While it is written, while it is sent, or between the last call and its end, which comes within a second."""
        point = self.people if moment == "finishing" else random.randint(0, self.people)
        if moment == "expanding":
            until(lambda: point == 0 or (self.stands() != "waiting" and self.seen.rows >= point))
        else:
            until(lambda: len(self.calls()) >= point or self.is_finished())
        time.sleep(random.uniform(0, 0.02 if 0 < point < self.people else 1))

    def kill_one(self, workers: list[Worker]) -> str:
        """The one that sends, or any where that is not what counts. Tells where the campaign stood."""
        stage, made = self.stands(), self.calls()
        sends = [one for one in workers if stage == "sending" and made and one.pid == made[-1].caller]
        victim = random.choice(sends or workers)
        victim.kill()
        workers.remove(victim)
        return stage


def look(found: Found, rows: dict[int, str], made: list[Call], people: int) -> None:
    called = Counter(call.chat for call in made)
    unconfirmed = [chat for chat, said in rows.items() if said == "unconfirmed"]
    found.kills += 1
    found.people += people
    found.sent += sum(said == "sent" for said in rows.values())
    found.unconfirmed += len(unconfirmed)
    found.most_unconfirmed_at_once = max(found.most_unconfirmed_at_once, len(unconfirmed))
    found.unconfirmed_that_arrived += sum(called[chat] > 0 for chat in unconfirmed)
    everybody = range(1, people + 1)
    found.lost += sum(not called[chat] and rows.get(chat) != "unconfirmed" for chat in everybody)
    found.twice += sum(times > 1 for times in called.values())
    found.told_sent_but_never_called += sum(
        not called[chat] and said == "sent" for chat, said in rows.items()
    )


def crash(url: str, kills: int, number_of_workers: int, people: int, moments: Sequence[str]) -> Found:
    found, begun = Found(), list[int]()
    with tempfile.TemporaryDirectory() as folder, house(url) as made:
        log = Path(folder) / "calls"
        made.meet(people)
        with bot_api(log) as address, watch(made) as seen:
            workers = [Worker(made, address, RATE) for _ in range(number_of_workers)]
            for _ in range(kills):
                began = log.stat().st_size
                this = Round(made.start_campaign(), people, seen, partial(calls, log, began))
                this.wait_for(random.choice(moments))
                found.killed_while[this.kill_one(workers)] += 1
                workers.append(Worker(made, address, RATE))
                until(this.is_finished)
                begun.append(this.campaign)
                look(found, made.rows(this.campaign), this.calls(), people)
            for worker in workers:
                worker.stop()
            found.still_open = sum(said in OPEN for one in begun for said in made.rows(one).values())
            found.finished_too_early, found.looks = seen.finished_too_early, seen.looks
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--url", default="sqlite", help="sqlite, or the address of a PostgreSQL server")
    parser.add_argument("--at", nargs="+", choices=MOMENTS, default=MOMENTS, help="when to kill")
    chosen = parser.parse_args()
    found = crash(chosen.url, chosen.kills, chosen.workers, chosen.people, chosen.at)
    print(json.dumps({"url": chosen.url.partition(":")[0], "workers": chosen.workers, **asdict(found)}))
    sys.exit(0 if found.well else 1)


if __name__ == "__main__":
    main()
