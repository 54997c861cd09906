"""The audit trail: whole as it was written, broken by whatever anybody does to it by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.audit import AuditEntry
from db.session import Database
from services import audit
from tests.cast import NOON

DAY = timedelta(days=1)


def written(database: Database, count: int) -> None:
    def write(session: Session) -> None:
        for day in range(count):
            audit.record(session, "staff:1", "person.read", f"person:{day}", NOON + day * DAY, {"页": day})

    database.run_now(write)


def test_what_was_recorded_holds(database: Database) -> None:
    assert database.read_now(audit.verify) == (0, None)
    written(database, 1200)
    assert database.read_now(audit.verify) == (1200, None)


@pytest.mark.parametrize(
    ("by_hand", "found"),
    [
        ("UPDATE audit_entry SET subject = 'person:9' WHERE number = 1", (0, 1)),
        ("UPDATE audit_entry SET details = '{}' WHERE number = 3", (2, 3)),
        ("UPDATE audit_entry SET details = '\"x\"' WHERE number = 3", (2, 3)),
        ("UPDATE audit_entry SET at = '2001-01-01 00:00:00.000000' WHERE number = 5", (4, 5)),
        ("UPDATE audit_entry SET seal = 'x' WHERE number = 4", (3, 4)),
        ("UPDATE audit_entry SET number = 9 WHERE number = 5", (4, 5)),
        ("UPDATE audit_entry SET action = 'audit.prune' WHERE number = 2", (1, 2)),
        ("DELETE FROM audit_entry WHERE number = 1", (0, 1)),
        ("DELETE FROM audit_entry WHERE number = 2", (1, 2)),
        ("DELETE FROM audit_entry WHERE number = 5", (4, 5)),
        ("DELETE FROM audit_entry", (0, 1)),
        ("DELETE FROM audit_head", (5, 6)),
        ("INSERT INTO audit_entry SELECT 6, at, actor, action, subject, details, seal FROM audit_entry"
         " WHERE number = 5", (5, 6)),
        ("INSERT INTO audit_entry SELECT 0, at, actor, action, subject, details, seal FROM audit_entry"
         " WHERE number = 5", (0, 0)),
    ],
)  # fmt: skip
def test_a_trail_changed_by_hand_is_broken_where_it_was_touched(
    database: Database, by_hand: str, found: tuple[int, int]
) -> None:
    written(database, 5)
    database.run_now(lambda session: session.execute(text(by_hand)))
    assert database.read_now(audit.verify) == found


@pytest.mark.parametrize(
    "by_hand", ["SET details = 'oops'", "SET at = 7", "SET at = 'soon'", "SET actor = x'00'"]
)
def test_what_cannot_even_be_read_is_broken_too(house: Database, by_hand: str) -> None:
    """SQLite takes anything into any column."""
    written(house, 5)
    house.run_now(lambda session: session.execute(text(f"UPDATE audit_entry {by_hand} WHERE number = 4")))
    assert house.read_now(audit.verify) == (3, 4)


def test_it_holds_while_others_write(database: Database) -> None:
    with ThreadPoolExecutor(1) as writer:
        others = writer.submit(lambda: [written(database, 1) for _ in range(150)])
        seen = [database.read_now(audit.verify)]
        while not others.done():
            seen.append(database.read_now(audit.verify))
    assert {broken_at for _, broken_at in seen} == {None}
    assert len({entries for entries, _ in seen}) > 1, "it was looked at meanwhile"


def test_what_is_old_is_forgotten_and_the_rest_still_holds(database: Database) -> None:
    written(database, 10)
    prune = audit.prune
    assert database.run_now(lambda session: prune(session, NOON, NOON + 10 * DAY)) == 0
    assert database.run_now(lambda session: prune(session, NOON + 4 * DAY, NOON + 10 * DAY)) == 4
    assert database.read_now(audit.verify) == (7, None)
    assert database.run_now(lambda session: prune(session, NOON + 20 * DAY, NOON + 21 * DAY)) == 7
    numbers = database.read_now(lambda session: session.execute(select(AuditEntry.number)).scalars().all())
    assert numbers == [12]
    assert database.read_now(audit.verify) == (1, None)


def test_a_front_that_nobody_pruned_is_missed(database: Database) -> None:
    written(database, 10)
    database.run_now(lambda session: audit.prune(session, NOON + 4 * DAY, NOON + 10 * DAY))
    database.run_now(lambda session: session.execute(text("DELETE FROM audit_entry WHERE number < 7")))
    assert database.read_now(audit.verify) == (0, 5)
