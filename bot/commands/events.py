"""`youcai events`: the office's events, from the machine itself."""

import json
import mimetypes
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from bot.campaign_desk import event_desk
from bot.commands.terms import BAD_INPUT, FAILED, database_of, fail, no_access, say, settings_of
from bot.config import Settings
from db.events import Event
from services import checkin_files, checkins, event_form, event_reports, events
from services.delivery import announce
from services.event_form import BadForm
from services.event_notices import when_of
from services.event_terms import BadEvent, EventDesk, EventRefused, NoSuchEvent
from services.events import Draft
from services.messaging import Attachment
from services.staff import MACHINE
from services.texts import Texts

app = typer.Typer(no_args_is_help=True, help="活动。")
Number = Annotated[int, typer.Argument(help="活动的编号")]
Form = Annotated[Path, typer.Argument(help="填好的活动，UTF-8 文本；youcai events form 给出空白的")]
Poster = Annotated[Path | None, typer.Option(help="海报，PNG 或 JPEG，2 MB 以内")]
Yes = Annotated[bool, typer.Option("--yes", help="不再询问")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.callback()
def of_the_office() -> None:
    """活动。"""


@app.command("form")
def form() -> None:
    """一张空白的活动单，存成文件填好。"""
    print(say("event_form"))


@app.command("create")
def create(
    context: typer.Context, file: Form, poster: Poster = None, yes: Yes = False, as_json: AsJson = False
) -> None:
    """按填好的单子建活动；看过，确认后发布，并通知订阅这个系列的人。"""
    settings = settings_of(context)
    desk, draft, now = _desk(settings), _draft(settings, file, poster), datetime.now(UTC)
    with database_of(context) as database:
        number = database.run_now(lambda s: _spoken(lambda: events.create(s, draft, MACHINE, now)))
        if not as_json:
            print(event_form.written(draft, settings.zone))
        if yes or (not as_json and typer.confirm(say("event_publish"))):
            database.run_now(lambda s: _spoken(lambda: _publish(s, desk, number, now)))
        status = database.run_now(lambda s: events.find(s, number).status)
    if as_json:
        print(json.dumps({"id": number, "status": status}, ensure_ascii=False))
    else:
        print(say("event_now", number=number, status=status))


@app.command("publish")
def publish(context: typer.Context, number: Number) -> None:
    """发布，并通知订阅这个系列的人。"""
    desk = _desk(settings_of(context))
    _act(context, number, lambda s, now: _publish(s, desk, number, now))


@app.command("change")
def change(context: typer.Context, number: Number, file: Form, poster: Poster = None) -> None:
    """按改好的单子改；已发布的，时间、地点、标题变了就通知报了名的人。没有给海报就留着原来的。"""
    settings = settings_of(context)
    desk, draft = _desk(settings), _draft(settings, file, poster)

    def work(session: Session, now: datetime) -> None:
        known = events.find(session, number)
        kept = replace(draft, poster=draft.poster or events.poster_of(known))
        if known.published_at is None:
            events.edit(session, number, kept, MACHINE, now)
        else:
            events.change(session, desk, number, kept, MACHINE, now)

    _act(context, number, work)


@app.command("cancel")
def cancel(context: typer.Context, number: Number, yes: Yes = False) -> None:
    """取消，并通知报了名的人。"""
    desk = _desk(settings_of(context))
    if yes or typer.confirm(say("event_cancel")):
        _act(context, number, lambda s, now: events.cancel(s, desk, number, MACHINE, now))


@app.command("show")
def show(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """一场活动：内容、报名、签到、评价。"""
    zone = settings_of(context).zone
    with database_of(context) as database:
        event = database.run_now(lambda s: _spoken(lambda: events.find(s, number)))
        counted = database.run_now(lambda s: event_reports.report(s, number))
    if as_json:
        print(json.dumps(_shape(event, counted), ensure_ascii=False))
        return
    print(event_form.written(event, zone))
    print(say("event_counted", counts=counted.counts, rated=counted.rated, stars=counted.stars))
    print(say("event_now", number=number, status=event.status))


@app.command("list")
def show_latest(context: typer.Context) -> None:
    """最近的活动。"""
    desk = _desk(settings_of(context))
    with database_of(context) as database:
        latest = database.run_now(events.latest)
    table = Table("#", say("event_title"), say("event_when"), say("event_state"), say("event_places"))
    for one in latest:
        state = say("event_status", status=one.status)
        table.add_row(
            str(one.id), escape(one.title), when_of(desk, one), state, f"{one.taken}/{one.capacity}"
        )
    Console().print(table)


@app.command("door")
def door(
    context: typer.Context,
    number: Number,
    out: Annotated[Path | None, typer.Option(help="把签到的二维码存成 PNG")] = None,
) -> None:
    """现场签到的 6 位数字、网址和二维码。"""
    settings = settings_of(context)
    base = settings.service.base_url or f"http://127.0.0.1:{settings.web.port}"
    with database_of(context) as database:
        database.run_now(lambda s: _spoken(lambda: events.public(s, number)))
        page = f"{base}/scan/{checkins.payload_of(database.vault, number)}"
        print(say("event_door", code=checkins.code_of(database.vault, number), page=page))
    if out is not None:
        try:
            out.write_bytes(checkin_files.door_picture(Texts(), page).content)
        except OSError as error:
            fail(FAILED, no_access(error, out))


def _publish(session: Session, desk: EventDesk, number: int, now: datetime) -> None:
    events.publish(session, desk, number, MACHINE, events.find(session, number).version, now)


def _act(context: typer.Context, number: int, work: Any) -> None:
    with database_of(context) as database:
        now = datetime.now(UTC)
        database.run_now(lambda session: _spoken(lambda: work(session, now)))
        status = database.run_now(lambda session: events.find(session, number).status)
    print(say("event_now", number=number, status=status))


def _spoken(work: Any) -> Any:
    try:
        return work()
    except NoSuchEvent:
        fail(BAD_INPUT, say("event_none"))
    except BadEvent as bad:
        fail(BAD_INPUT, say("event_bad", why=str(bad)))
    except EventRefused:
        fail(FAILED, say("event_not_now"))


def _desk(settings: Settings) -> EventDesk:
    return event_desk(settings, announce)


def _draft(settings: Settings, file: Path, poster: Path | None) -> Draft:
    try:
        text = file.read_text(encoding="utf-8-sig")
        picture = poster.read_bytes() if poster else None
    except (OSError, UnicodeDecodeError) as error:
        fail(BAD_INPUT, no_access(error, getattr(error, "filename", None) or file))
    try:
        draft = event_form.read(text, settings.zone, datetime.now(UTC))
    except BadForm as bad:
        fail(BAD_INPUT, say("event_line", field=bad.field))
    if poster is None or picture is None:
        return draft
    kind = mimetypes.guess_type(poster.name)[0] or ""
    return replace(draft, poster=Attachment(poster.name, kind, picture))


def _shape(event: Event, counted: event_reports.EventReport) -> dict[str, Any]:
    return {
        "id": event.id,
        "title": event.title,
        "status": event.status,
        "starts_at": event.starts_at.isoformat(),
        "capacity": event.capacity,
        **counted.counts,
        "rated": counted.rated,
        "stars": counted.stars,
    }
