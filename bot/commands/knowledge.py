"""`youcai knowledge`: policy documents, shown before they are published."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from bot.campaign_desk import campaign_desk
from bot.commands.terms import BAD_INPUT, database_of, fail, no_access, say, settings_of
from services import policy_notices
from services.knowledge import shelf
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import Passage, ReadDocument, Source
from services.knowledge.reading.unreadable import DocumentUnreadable
from services.texts import Texts

app = typer.Typer(no_args_is_help=True, help="政策文件。")
_DAY = "年-月-日"


@app.callback()
def knowledge() -> None:
    """政策文件。"""


@app.command("import")
def import_document(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=".md .txt .docx .pdf")],
    title: Annotated[str, typer.Option(help="标题；不写就用文件里的")] = "",
    number: Annotated[str, typer.Option(help="文号；不写就用文件里的")] = "",
    effective: Annotated[str, typer.Option(help=f"生效日 {_DAY}")] = "",
    expires: Annotated[str, typer.Option(help=f"失效日 {_DAY}")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接发布")] = False,
    tell: Annotated[
        bool | None,
        typer.Option("--tell/--no-tell", help="通知订阅“政策”的人；不写就问，带 --yes 时不通知"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """读入一份文件，看过条款再发布。"""
    content, read = _read(file)
    source = Source(
        title or read.title, number or read.number, _day("--effective", effective), _day("--expires", expires)
    )
    if source.effective_on and source.expires_on and source.expires_on < source.effective_on:
        fail(BAD_INPUT, say("days_crossed"))
    if not as_json:
        _show(source, read.passages)
    document = campaign = None
    subscribers, now = 0, datetime.now(UTC)
    if yes or (not as_json and typer.confirm(say("publish"))):
        desk = campaign_desk(settings_of(context))
        news = policy_notices.is_news(source, now.astimezone(desk.zone).date())
        with database_of(context) as database:
            if news:
                subscribers = database.run_now(lambda session: policy_notices.subscribers(session, now))
            if tell is None and subscribers and not yes:
                tell = typer.confirm(say("tell_published", subscribers=subscribers))

            def publish(session: Session) -> tuple[int, int | None]:
                made = shelf.add(session, source, read.passages, content, now)
                shelf.publish(session, made, now)
                return made, policy_notices.tell_published(session, desk, made, now) if tell else None

            document, campaign = database.run_now(publish)
    _show_done(source, read, document, campaign, as_json)
    if document and tell and not as_json:
        print(say("told_published", number=campaign, subscribers=subscribers))


def _read(file: Path) -> tuple[bytes, ReadDocument]:
    try:
        content = file.read_bytes()
        return content, read_document(file.name, content)
    except OSError as error:
        fail(BAD_INPUT, no_access(error, file))
    except DocumentUnreadable as error:
        fail(BAD_INPUT, Texts().say("knowledge/unreadable", reason=error.reason, **error.values))


def _day(option: str, written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        fail(BAD_INPUT, say("bad_day", option=option, written=written))


def _show(source: Source, passages: tuple[Passage, ...]) -> None:
    title = escape(f"{source.number} {source.title}".strip())
    table = Table("条款", "内容", title=title, show_lines=False)
    for passage in passages:
        text = passage.text.replace("\n", " ")
        table.add_row(escape(passage.label), escape(text if len(text) <= 60 else f"{text[:59]}…"))
    Console().print(table)


def _show_done(
    source: Source, read: ReadDocument, document: int | None, campaign: int | None, as_json: bool
) -> None:
    if as_json:
        Console().print_json(
            data={
                "title": source.title,
                "number": source.number,
                "published": document is not None,
                "document": document,
                "campaign": campaign,
                "clauses": [{"label": one.label, "text": one.text} for one in read.passages],
            }
        )
    else:
        print(say("imported" if document else "not_published", clauses=len(read.passages)))
