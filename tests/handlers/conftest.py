"""A desk on the real plan, with a dispatch for each engine."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services.knowledge.answers import answers
from services.knowledge.documents import read_document
from services.knowledge.library import Library
from services.knowledge.passages import Source
from tests.cast import NOON, Guest

PLAN = Path(__file__).resolve().parents[2] / "db" / "seed" / "plan-2022-36.md"


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
