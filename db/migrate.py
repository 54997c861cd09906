"""Brings a database to the tables this version knows, at every start; a newer one is left alone."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from db.faults import spoken

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x79_6F_75_63_61_69  # any number that only we use


class NewerSchema(Exception):
    """The database was written by a newer version of the service."""


def migrate(engine: Engine) -> None:
    """Safe to run in several processes at once. Raises NewerSchema or Unavailable."""
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except DBAPIError as error:
        raise spoken(error) from error


def configured(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "heads") -> None:
    """In the transaction at hand. Raises NewerSchema."""
    line_up(connection)
    stands = MigrationContext.configure(connection).get_current_heads()
    unknown = [one for one in stands if not knows(one)]
    if unknown:
        raise NewerSchema(", ".join(unknown))
    command.upgrade(configured(connection), revision)


def line_up(connection: Connection) -> None:
    """Nobody else starts before this transaction is over. On SQLite one writes at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def revision_of(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def knows(revision: str) -> bool:
    return revision in {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
