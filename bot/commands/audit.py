"""`youcai audit`: who did what, and that nobody has changed it since."""

import json
from typing import Annotated

import typer

from bot.commands.terms import FAILED, database_of, fail, say
from services import audit as trail

app = typer.Typer(no_args_is_help=True, help="审计记录。")


@app.callback()
def audit() -> None:
    """审计记录。"""


@app.command("verify")
def verify(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """逐条核对审计记录：有没有被改过、删过、插进来过。"""
    with database_of(context) as database:
        entries, broken_at = database.read_now(trail.verify)
    if as_json:
        print(json.dumps({"entries": entries, "whole": broken_at is None, "broken_at": broken_at}))
    if broken_at is None:
        if not as_json:
            print(say("audit_whole", entries=entries))
        return
    if as_json:
        raise typer.Exit(FAILED)
    fail(FAILED, say("audit_broken", entries=entries, number=broken_at))
