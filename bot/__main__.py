"""The `youcai` command."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import (
    ask,
    audit,
    backup,
    campaign,
    cycles,
    events,
    knowledge,
    people,
    rank,
    restore,
    run,
    staff,
    usage,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="优才：人才服务聊天服务台。",
)


@app.callback()
def youcai(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="配置文件；不写就用当前目录的 config.toml")] = None,
) -> None:
    """优才：人才服务聊天服务台。"""


app.command()(run.run)
app.command()(ask.ask)
app.command()(rank.rank)
app.command()(backup.backup)
app.command()(restore.restore)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(cycles.app, name="cycles")
app.add_typer(campaign.app, name="campaign")
app.add_typer(events.app, name="events")
app.add_typer(people.app, name="people")
app.add_typer(staff.app, name="staff")
app.add_typer(audit.app, name="audit")


def main() -> None:
    usage.run(app)


if __name__ == "__main__":
    main()
