"""What every test may ask for: a vault, an empty migrated database on each engine, a desk on the real plan."""

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, make_url, text

from db.engines import sqlite_engine
from db.migrate import migrate
from db.session import Database
from db.vault import Vault, new_key
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services.booking_desk import BookingDesk
from services.cycles import BookingPlan
from services.delivery import announce
from services.event_terms import EventDesk
from services.knowledge.answering.answers import answers
from services.knowledge.answering.library import Library
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import Source
from tests.cast import NOON, Guest

LOCAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
NO_SERVER = "no PostgreSQL on 127.0.0.1:5432 (or YOUCAI_TEST_POSTGRES): tested on SQLite only"


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault([new_key()])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The server's address with a migrated template: a copy of it takes milliseconds."""
    url = os.environ.get("YOUCAI_TEST_POSTGRES") or LOCAL
    if not _answers(url):
        pytest.fail(NO_SERVER) if os.environ.get("CI") else pytest.skip(NO_SERVER)
    template = _created(url)
    engine = create_engine(template)
    migrate(engine)
    engine.dispose()
    yield template
    _drop(template)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with nothing in it."""
    file = tmp_path_factory.mktemp("empty") / "youcai.db"
    engine = sqlite_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'youcai.db'}"


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    url = _created(postgres, template=make_url(postgres).database or "")
    yield url
    _drop(url)


@pytest.fixture
def empty_postgres_url(postgres: str) -> Iterator[str]:
    """Without tables, as the administrator of a server hands one over."""
    url = _created(postgres)
    yield url
    _drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str, vault: Vault, empty: Path) -> Iterator[Database]:
    """On both engines: for whatever must hold when people come at once."""
    yield from _opened(database_url, vault, empty)


@pytest.fixture
def house(sqlite_url: str, vault: Vault, empty: Path) -> Iterator[Database]:
    """On SQLite alone: for whatever one statement after the other decides."""
    yield from _opened(sqlite_url, vault, empty)


def _opened(url: str, vault: Vault, empty: Path) -> Iterator[Database]:
    """Nothing is migrated again: SQLite's is a copy of `empty`, PostgreSQL's of its template."""
    file = make_url(url).database or ""
    if url.startswith("sqlite"):
        shutil.copyfile(empty, file)
    database = Database(url, vault)
    yield database
    database.close_now()


def _answers(url: str) -> bool:
    parts = make_url(url)
    try:
        socket.create_connection((parts.host or "127.0.0.1", parts.port or 5432), timeout=2).close()
    except OSError:
        return False
    return True


def _created(server: str, template: str = "template1") -> str:
    name = f"youcai_test_{uuid.uuid4().hex[:12]}"
    _command(server, f'CREATE DATABASE {name} TEMPLATE "{template}"')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _drop(url: str) -> None:
    _command(url, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def _command(server: str, command: str) -> None:
    engine = create_engine(make_url(server).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


# Opened at 09:00 on the day before NOON; serves on 25 and 26 November, and on 2 and 3 December.
OPEN_NOW = BookingPlan(
    date(2026, 11, 23), weekdays=(3, 4), serve_after_days=2, lead_hours=12, cutoff_hours=12
)
PLAN = Path(__file__).resolve().parents[1] / "db" / "seed" / "plan-2022-36.md"


@pytest.fixture(scope="session")
def plan() -> Library:
    read = read_document(PLAN.name, PLAN.read_bytes())
    source = Source(read.title, read.number, date(2022, 4, 27), date(2024, 12, 31))
    return Library.build([(source, read.passages)])


@pytest.fixture(scope="session")
def desk(plan: Library) -> Desk:
    return Desk(
        office="青禾区人才服务窗口",
        office_hours="工作日 9:00–17:00",
        zone=ZoneInfo("Asia/Shanghai"),
        conversation_days=180,
        library=lambda: plan,
        answers=lambda message, today, previous: answers(message, plan, today, previous),
        booking=BookingDesk(OPEN_NOW, announce, address="青禾中心"),
        events=EventDesk(announce),
    )


@pytest.fixture
def dispatch(database: Database, desk: Desk) -> Dispatch:
    return Dispatch(database, desk, clock=lambda: NOON)


@pytest.fixture
def at_desk(house: Database, desk: Desk) -> Dispatch:
    """On SQLite: for what is said rather than what is kept."""
    return Dispatch(house, desk, clock=lambda: NOON)


@pytest.fixture
def chen(at_desk: Dispatch) -> Guest:
    return Guest(at_desk, "chen")


@pytest.fixture
def li(at_desk: Dispatch) -> Guest:
    return Guest(at_desk, "li")
