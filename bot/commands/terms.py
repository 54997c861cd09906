"""What all commands share: the settings, the sentences, and how they fail."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import errorcode
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.app import open_database
from bot.config import BadSettings, Settings
from db.holding import Occupied
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


def no_access(error: OSError | UnicodeDecodeError, file: Path | str = "") -> str:
    """Why a file could not be read or written, in words."""
    if isinstance(error, UnicodeDecodeError):
        return say("no_access", file=file, why="not_text", reason=str(error))
    why = errorcode.get(error.errno or 0, "")
    return say("no_access", file=file or error.filename or "", why=why, reason=error.strerror or str(error))


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


def sure(question: str, *, yes: bool, as_json: bool) -> None:
    """Goes on only with a yes; a program has to say it beforehand."""
    if yes:
        return
    if as_json:
        fail(BAD_INPUT, say("yes_needed"))
    try:
        agreed = typer.confirm(question)
    except typer.Abort:
        agreed = False
    if not agreed:
        fail(FAILED, say("left_alone"))


@contextmanager
def undone_by_term() -> Iterator[None]:
    """SIGTERM is as Ctrl+C: what is half done goes away."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for people who watch; it is told how many of how many are done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def failing_in_words() -> Iterator[None]:
    try:
        yield
    except NewerSchema as error:
        fail(FAILED, say("newer_schema", revision=str(error)))
    except Occupied:
        fail(FAILED, say("being_restored"))
    except Unavailable as error:
        fail(FAILED, say("unavailable", reason=str(error)))
    except OSError as error:
        fail(FAILED, no_access(error))
