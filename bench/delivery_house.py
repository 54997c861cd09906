"""What the measurements of the ledger share: an empty database, people in it, campaigns to them, workers that send."""

import asyncio
import logging
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session

from bot.booking_plan import booking_desk
from bot.campaign_desk import event_desk
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.config import Settings
from bot.delivering import Manners, Sender
from bot.jobs import Ticks, jobs
from bot.logs import set_up_logs
from bot.pace import Pace
from bot.scheduler import Scheduler
from bot.wiring import halting
from db.delivery import Delivery
from db.migrate import migrate
from db.people import Identity
from db.session import Database
from db.vault import Vault, new_key
from services import campaign_runs, campaigns, conversations, delivery
from services.campaign_terms import REASON, CampaignDesk
from services.campaigns import COMMAND, Draft
from services.knowledge.shelf import Shelf
from services.messaging import Reply, Update
from services.texts import Texts

BIT = 50  # identities that a worker writes into the ledger at once: hundreds of people take as many bits as a million


@dataclass(frozen=True)
class House:
    """Processes are forked: no engine is kept open beside them."""

    url: str
    key: str

    @contextmanager
    def opened(self) -> Iterator[Database]:
        database = Database(self.url, Vault([self.key]))
        try:
            yield database
        finally:
            database.close_now()

    def meet(self, people: int) -> list[int]:
        """The people's persons; person n writes from chat n."""
        now = datetime.now(UTC)

        def work(session: Session) -> list[int]:
            updates = (Update("telegram", str(number), "1", now) for number in range(1, people + 1))
            return [conversations.stand(session, update).person_id for update in updates]

        with self.opened() as database:
            return database.run_now(work)

    def start_campaign(self) -> int:
        """To everybody, now: drafted and approved as by whoever works on the machine itself."""
        now = datetime.now(UTC)

        def work(session: Session) -> int:
            made = campaigns.create(session, Draft("通知", "明天上午开放预约。", send_at=now), COMMAND, now)
            assert made is not None
            campaigns.approve_at_once(session, CampaignDesk(), made, COMMAND, now)
            return made

        with self.opened() as database:
            return database.run_now(work)

    def rows(self, campaign: int) -> dict[int, str]:
        """Status by chat."""

        def work(session: Session) -> dict[int, str]:
            found = select(Delivery.status, Identity.sealed_address).join(
                Identity, Identity.id == Delivery.identity_id
            )
            rows = session.execute(found.where(delivery.of(REASON, str(campaign)))).all()
            vault = Vault([self.key])
            return {int(vault.open(row[1])): row[0] for row in rows}

        with self.opened() as database:
            return database.run_now(work)


@contextmanager
def house(url: str) -> Iterator[House]:
    """A new SQLite file, or a new database on the PostgreSQL server of `url`."""
    if url == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield _migrated(f"sqlite:///{folder}/youcai.db")
        return
    name = f"youcai_bench_{uuid4().hex[:10]}"
    _command(url, f"CREATE DATABASE {name}")
    try:
        yield _migrated(make_url(url).set(database=name).render_as_string(hide_password=False))
    finally:
        _command(url, f"DROP DATABASE {name} WITH (FORCE)")


def _migrated(url: str) -> House:
    made = House(url, new_key())
    with made.opened() as database:
        migrate(database.engine)
    return made


def _command(url: str, command: str) -> None:
    engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


class Worker:
    """A process that does for campaigns what a worker does. Calls tell whose they are by the number in the token."""

    def __init__(self, house: House, address: str, rate: float):
        self._process = multiprocessing.Process(
            target=_work, args=(house.url, house.key, address, rate), daemon=True
        )
        self._process.start()
        self.pid = self._process.pid or 0

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        self._process.terminate()
        self._process.join()


def _work(url: str, key: str, address: str, rate: float) -> None:
    set_up_logs("json")
    logging.disable()
    campaign_runs._BIT = BIT
    asyncio.run(_send(url, key, address, rate))


async def _send(url: str, key: str, address: str, rate: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database, settings, texts = Database(url, Vault([key])), Settings(), Texts()
    account, pace = TelegramAccount(f"123456:P{os.getpid()}", address), Pace(rate)
    channel = TelegramChannel(account, _nobody_writes, texts, pace)
    desk = event_desk(settings, delivery.announce, texts)
    ticks = Ticks(database, Shelf(), settings, booking_desk(settings, delivery.announce, texts), desk)
    due = [job for job in jobs(ticks, worker=True) if job.name == "campaigns"]
    sender = Sender(database, channel, Manners(), pace, halt=halting(desk.campaigns))
    async with Scheduler(due), channel, sender:
        await stop.wait()
    await database.close()


async def _nobody_writes(_: Update) -> Reply:
    return Reply()


def until(done: Callable[[], bool], patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not done():
        if time.monotonic() > end:
            raise SystemExit("nothing goes on")
        time.sleep(0.005)
