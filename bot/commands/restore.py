"""`youcai restore`: a backup put back, here or on another machine, on either engine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from bot.commands.terms import (
    BAD_INPUT,
    FAILED,
    fail,
    failing_in_words,
    no_access,
    progress,
    say,
    settings_of,
    sure,
    undone_by_term,
)
from bot.config import Settings
from bot.keys import keys_in_place, others_kept
from db.backup import Backup, BadBackup, NewerBackup
from db.faults import told_apart
from db.holding import Occupied
from db.refill import Place, place
from services import backups


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="youcai backup 写的文件")],
    yes: Annotated[bool, typer.Option("--yes", help="已经有数据就换掉，不问；原来的会留在一旁")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """从备份恢复全部数据和密钥；先停下服务。SQLite 的备份也能恢复到 PostgreSQL，反过来也行。"""
    settings = settings_of(context)
    with _kept(file) as kept:
        made_at = kept.made_at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M")
        in_settings = [key.get_secret_value() for key in settings.service.secret_keys]
        if in_settings and not _open_all(in_settings, kept.keys):
            fail(BAD_INPUT, say("restore_keys"))
        with _explained(), place(settings.database_url) as where:
            foreign_keys = not in_settings and others_kept(kept.keys, settings.service.data_dir)
            if where.taken() or foreign_keys:
                question = say("restore_ask", made_at=made_at, rows=kept.count)
                sure(question, yes=yes, as_json=as_json)
            done = _put(where, kept, settings)
        if as_json:
            print(json.dumps({"made_at": kept.made_at.isoformat(), "rows": kept.count, **asdict(done)}))
        else:
            print(say("restored", made_at=made_at, rows=kept.count, **asdict(done)))


def _put(where: Place, kept: Backup, settings: Settings) -> backups.PutBack:
    now, data_dir = datetime.now(UTC), settings.service.data_dir
    stamp = f"before-{now.astimezone(settings.zone):%Y%m%d-%H%M%S}"
    with undone_by_term(), progress(say("restore_busy")) as told:
        keys = nullcontext() if settings.service.secret_keys else keys_in_place(kept.keys, data_dir, stamp)
        return backups.put_back(where, kept, keys, stamp, now, told)


@contextmanager
def _kept(file: Path) -> Iterator[Backup]:
    try:
        with progress(say("restore_checking")) as told:
            kept = Backup(file, told)
    except BadBackup:
        fail(BAD_INPUT, say("backup_bad", file=str(file)))
    except NewerBackup as error:
        fail(BAD_INPUT, say("backup_newer", file=str(file), revision=str(error)))
    except OSError as error:
        fail(BAD_INPUT, no_access(error, file))
    with kept:
        yield kept


@contextmanager
def _explained() -> Iterator[None]:
    with failing_in_words():
        try:
            with told_apart():
                yield
        except Occupied:
            fail(FAILED, say("restore_occupied"))
        except DBAPIError as error:
            fail(FAILED, say("restore_failed", reason=str(error.orig).strip().splitlines()[0]))


def _open_all(keys: list[str], kept: list[str]) -> bool:
    """Whether they open all of it and give the same marks, which come from the last key."""
    return set(kept) <= set(keys) and kept[-1:] == keys[-1:]
