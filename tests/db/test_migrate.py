"""Migrations make exactly the tables that the code declares, from any number of processes, and never go back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

from db.engines import sqlite_engine
from db.migrate import NewerSchema, migrate
from db.session import Database
from db.tables import metadata


def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), metadata
        )
    assert differences == []


def test_a_second_migration_changes_nothing(database: Database) -> None:
    migrate(database.engine)


def test_a_newer_database_stops_the_start(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="9999"):
        migrate(database.engine)


def test_processes_that_start_together_migrate_once(sqlite_url: str, postgres: str) -> None:
    fresh = make_url(postgres).set(database="postgres")
    admin = create_engine(fresh, isolation_level="AUTOCOMMIT")
    name = f"{make_url(postgres).database}_race"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        for engines in (
            [sqlite_engine(sqlite_url) for _ in range(4)],
            [create_engine(fresh.set(database=name)) for _ in range(4)],
        ):
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(migrate, engines))
            for engine in engines:
                engine.dispose()
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
