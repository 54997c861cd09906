"""The sending process killed with -9 at random points, against a Bot API on loopback that writes down every call.

.venv/bin/python bench/crash.py --kills 100 --workers 1
.venv/bin/python bench/crash.py --kills 100 --workers 3 --url postgresql+psycopg://postgres@127.0.0.1:5432/postgres

Each kill has a round of its own: a notice to each of 500 people; the process that made the last call is killed after a
random number of calls, and another one starts. Once no row is open any more, everybody is asked: how often were they
called, and what does their row say? Exit status 1 when anybody was lost or told twice.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from delivery_house import House, Worker, house, until
from delivery_peer import Call, bot_api, calls

from bot.delivering import IN_THE_AIR
from services.delivery import OPEN

RATE = 1_500


@dataclass
class Found:
    kills: int = 0
    people: int = 0
    sent: int = 0
    unconfirmed: int = 0
    most_unconfirmed_at_once: int = 0
    unconfirmed_that_arrived: int = 0
    lost: int = 0  # never called, and their row does not say that it is unknown
    twice: int = 0
    told_sent_but_never_called: int = 0
    still_open: int = 0

    @property
    def well(self) -> bool:
        wrong = self.lost + self.twice + self.told_sent_but_never_called + self.still_open
        return not wrong and self.most_unconfirmed_at_once <= IN_THE_AIR


def one_round(
    house: House, persons: list[int], address: str, log: Path, workers: list[Worker], subject: str
) -> None:
    """Kills the one that called last, somewhere on the way, and starts another."""
    before = len(calls(log))
    point = random.randint(1, len(persons) - 1)
    house.announce(persons, subject)
    until(lambda: len(calls(log)) >= before + point)
    time.sleep(random.uniform(0, 0.02))
    sending = calls(log)[-1].caller
    victim = next(one for one in workers if one.pid == sending)
    victim.kill()
    workers.remove(victim)
    workers.append(Worker(house, address, RATE))
    house.wait_until_settled(subject)


def look(found: Found, rows: dict[int, tuple[str, str]], made: list[Call]) -> None:
    called = Counter(call.chat for call in made)
    status = {chat: said for chat, (said, _) in rows.items()}
    unconfirmed = [chat for chat, said in status.items() if said == "unconfirmed"]
    found.kills += 1
    found.people += len(rows)
    found.sent += sum(said == "sent" for said in status.values())
    found.unconfirmed += len(unconfirmed)
    found.most_unconfirmed_at_once = max(found.most_unconfirmed_at_once, len(unconfirmed))
    found.unconfirmed_that_arrived += sum(called[chat] > 0 for chat in unconfirmed)
    found.lost += sum(not called[chat] and said != "unconfirmed" for chat, said in status.items())
    found.twice += sum(times > 1 for times in called.values())
    found.told_sent_but_never_called += sum(
        not called[chat] and said == "sent" for chat, said in status.items()
    )
    found.still_open += sum(said in OPEN for said in status.values())


def crash(url: str, kills: int, number_of_workers: int, people: int) -> Found:
    found = Found()
    with tempfile.TemporaryDirectory() as folder, house(url) as made:
        log = Path(folder) / "calls"
        persons = made.meet(people)
        with bot_api(log) as address:
            workers = [Worker(made, address, RATE) for _ in range(number_of_workers)]
            for number in range(kills):
                began = len(calls(log))
                one_round(made, persons, address, log, workers, str(number))
                look(found, made.rows(str(number)), calls(log)[began:])
            for worker in workers:
                worker.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--url", default="sqlite", help="sqlite, or the address of a PostgreSQL server")
    chosen = parser.parse_args()
    found = crash(chosen.url, chosen.kills, chosen.workers, chosen.people)
    print(json.dumps({"url": chosen.url.partition(":")[0], "workers": chosen.workers, **asdict(found)}))
    sys.exit(0 if found.well else 1)


if __name__ == "__main__":
    main()
