"""`youcai people`: the office's own lists."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.terms import BAD_INPUT, database_of, fail, no_access, say
from services import audit, roster
from services.roster import BadLine

app = typer.Typer(no_args_is_help=True, help="名单。")


@app.callback()
def people() -> None:
    """名单。"""


@app.command("import")
def import_people(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV，列名 channel,address,name,tags；tags 用分号隔开")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """导入名单；已有的人更新姓名，添上标签。"""
    entries = _read(file)
    now, new = datetime.now(UTC), 0
    with database_of(context) as database:
        for bit in roster.bits(entries):
            new += database.run_now(partial(roster.take_over, entries=bit, now=now))
        details = {"lines": len(entries), "new": new}
        database.run_now(
            lambda session: audit.record(session, "command", "people.import", "people", now, details)
        )
    if as_json:
        print(json.dumps({"lines": len(entries), "new": new, "known": len(entries) - new}))
    else:
        print(say("people_imported", lines=len(entries), new=new))


def _read(file: Path) -> list[roster.Entry]:
    try:
        written = file.read_bytes()
    except OSError as error:
        fail(BAD_INPUT, no_access(error, file))
    try:
        return list(roster.read(_text(written).splitlines()))
    except UnicodeDecodeError:
        fail(BAD_INPUT, say("bad_people", file=str(file), line=0))
    except BadLine as error:
        fail(BAD_INPUT, say("bad_people", file=str(file), line=int(str(error))))


def _text(written: bytes) -> str:
    """As spreadsheets here save it."""
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        return written.decode("gb18030")
