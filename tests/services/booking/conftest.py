"""The booking office, open, on SQLite."""

import pytest

from db.session import Database
from tests.services.booking.office import Office, opened


@pytest.fixture
def office(house: Database) -> Office:
    return opened(house)
