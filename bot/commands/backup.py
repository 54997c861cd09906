"""`youcai backup`: everything that the service knows, in one file, while it runs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.terms import BAD_INPUT, database_of, fail, progress, say, settings_of, sure, undone_by_term
from bot.config import Settings
from bot.keys import keys_in_use
from db.engines import file_of
from services import backups


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="写到哪里")],
    yes: Annotated[bool, typer.Option("--yes", help="文件已经有了就换掉，不问")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """把全部数据和密钥备份成一个文件，服务不用停。设置文件不在里面。"""
    settings = settings_of(context)
    _check(settings, file)
    if file.exists():
        sure(say("backup_replace", file=str(file)), yes=yes, as_json=as_json)
    keys = [key.get_secret_value() for key in settings.service.secret_keys]
    with undone_by_term(), database_of(context) as database, progress(say("backup_busy")) as told:
        in_use = keys_in_use(keys, settings.service.data_dir)
        rows = backups.make(database, in_use, file.resolve(), datetime.now(UTC), told)
    if as_json:
        print(json.dumps({"file": str(file), "rows": rows}, ensure_ascii=False))
    else:
        print(say("backup_made", file=str(file), rows=rows))


def _check(settings: Settings, file: Path) -> None:
    if (file.exists() and not file.is_file()) or not file.parent.is_dir():
        fail(BAD_INPUT, say("backup_nowhere", file=str(file)))
    url = settings.database_url
    if url.startswith("sqlite") and not file_of(url).exists():
        fail(BAD_INPUT, say("backup_nothing", file=str(file_of(url))))
