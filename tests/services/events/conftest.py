"""The same town on both engines, and on SQLite alone."""

import pytest

from db.session import Database
from tests.services.events.town import Town


@pytest.fixture
def town(house: Database) -> Town:
    return Town(house)


@pytest.fixture
def towns(database: Database) -> Town:
    """On both engines."""
    return Town(database)
