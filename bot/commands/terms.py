"""What all commands share: the settings, the sentences, and how they fail."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import typer

from bot.app import open_database
from bot.config import BadSettings, Settings
from db.migrate import NewerSchema
from db.session import Database, Unavailable
from services.texts import Texts

BAD_INPUT, FAILED = 2, 1


def say(name: str, **values: Any) -> str:
    return Texts().say(f"command/{name}", **values)


def fail(status: int, sentence: str) -> NoReturn:
    """One sentence on stderr."""
    print(sentence, file=sys.stderr)
    raise typer.Exit(status)


def settings_of(context: typer.Context) -> Settings:
    """Those of `--config`, read when a command needs them."""
    file: Path | None = context.find_root().params.get("config")
    try:
        return Settings.load(file)
    except BadSettings as error:
        fail(BAD_INPUT, str(error))


@contextmanager
def database_of(context: typer.Context) -> Iterator[Database]:
    """The service's database, migrated; while the service runs, too."""
    settings = settings_of(context)
    with failing_in_words():
        database = open_database(settings)
        try:
            yield database
        finally:
            database.close_now()


@contextmanager
def failing_in_words() -> Iterator[None]:
    try:
        yield
    except NewerSchema as error:
        fail(FAILED, say("newer_schema", revision=str(error)))
    except Unavailable as error:
        fail(FAILED, say("unavailable", reason=str(error)))
    except OSError as error:
        fail(FAILED, say("no_access", reason=error.strerror or str(error), file=error.filename or ""))
