"""The same public on both engines, and on SQLite alone."""

import pytest

from db.session import Database
from tests.services.campaigns.public import Public


@pytest.fixture
def public(house: Database) -> Public:
    return Public(house)


@pytest.fixture
def publics(database: Database) -> Public:
    """On both engines."""
    return Public(database)
