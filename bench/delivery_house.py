"""What the measurements of the ledger share: an empty database, people in it, processes that send, counts of rows."""

import asyncio
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session

from bot import delivering
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.delivering import Manners, Sender
from bot.logs import set_up_logs
from db.delivery import Delivery
from db.migrate import migrate
from db.people import Identity
from db.session import Database
from db.vault import Vault, new_key
from services import conversations, delivery
from services.delivery import OPEN
from services.messaging import Message, Reply, Update
from services.texts import Texts

REASON = "bench"


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

    def announce(self, persons: list[int], subject: str) -> None:
        def work(session: Session) -> None:
            for person in persons:
                now = datetime.now(UTC)
                delivery.announce(
                    session,
                    reason=REASON,
                    subject=subject,
                    person_id=person,
                    message=Message("通知"),
                    due_at=now,
                    useful_until=now + timedelta(days=1),
                    now=now,
                )

        with self.opened() as database:
            database.run_now(work)

    def rows(self, subject: str) -> dict[int, tuple[str, str]]:
        """Status and outcome by chat."""

        def work(session: Session) -> dict[int, tuple[str, str]]:
            found = select(Delivery.status, Delivery.outcome, Identity.sealed_address).join(
                Identity, Identity.id == Delivery.identity_id
            )
            rows = session.execute(found.where(Delivery.reason == REASON, Delivery.subject == subject)).all()
            vault = Vault([self.key])
            return {int(vault.open(row[2])): (row[0], row[1]) for row in rows}

        with self.opened() as database:
            return database.run_now(work)

    def wait_until_settled(self, subject: str, patience: float = 60) -> None:
        until = time.monotonic() + patience
        with self.opened() as database:
            while time.monotonic() < until:
                counted = database.run_now(lambda session: delivery.counts(session, REASON, subject))
                if not any(counted[status] for status in OPEN):
                    return
                time.sleep(0.1)
        raise SystemExit(f"not settled: {counted}")


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
    """A process that sends through the real channel. Its number stands in the token: calls tell whose they are."""

    def __init__(self, house: House, address: str, rate: float, again: timedelta | None = None):
        self._process = multiprocessing.Process(
            target=_work, args=(house.url, house.key, address, rate, again), daemon=True
        )
        self._process.start()
        self.pid = self._process.pid or 0

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        self._process.terminate()
        self._process.join()


def _work(url: str, key: str, address: str, rate: float, again: timedelta | None) -> None:
    set_up_logs("json", 60)
    if again is not None:
        delivering._AGAIN = again
    asyncio.run(_send(url, key, address, rate))


async def _send(url: str, key: str, address: str, rate: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(url, Vault([key]))
    account = TelegramAccount(f"123456:P{os.getpid()}", address, rate=rate)
    channel = TelegramChannel(account, _nobody_writes, Texts())
    async with channel, Sender(database, channel, Manners(rate)):
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
