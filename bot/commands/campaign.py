"""`youcai campaign`: broadcasts, from the machine itself."""

import json
import mimetypes
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from sqlalchemy.orm import Session

from bot.campaign_desk import campaign_desk
from bot.commands import campaign_views as views
from bot.commands.terms import BAD_INPUT, FAILED, database_of, fail, no_access, say, settings_of
from services import audit, campaign_buttons, campaign_reports, campaign_runs, campaigns, segments
from services.campaign_terms import BadContent, CampaignRefused, NoSuchCampaign
from services.campaigns import COMMAND, Draft
from services.delivery import DeliveryStatus
from services.messaging import Attachment
from services.segments import BadCriteria, Criteria
from services.spoken import dated_moment
from services.subscriptions import NoSuchTopic, topic
from services.texts import Texts

app = typer.Typer(no_args_is_help=True, help="群发。")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Number = Annotated[int, typer.Argument(help="群发的编号")]
_TIME = "2026-12-01 09:00"
_LATELY = timedelta(hours=1)  # a time that has just passed means at once; one long ago is a slip of the pen


@app.callback()
def campaign() -> None:
    """群发。"""


@app.command("create")
def create(
    context: typer.Context,
    title: Annotated[str, typer.Option(help="标题，只有同事看得到")],
    body_file: Annotated[Path, typer.Option(help="正文，UTF-8 文本")],
    segment: Annotated[
        str, typer.Option(help='给谁：存好的名字，或者 "tag=博士后 channel=telegram"；不写就是所有人')
    ] = "",
    about: Annotated[str, typer.Option("--topic", help="主题；写了就只发给订阅的人")] = "",
    send_now: Annotated[bool, typer.Option("--send-now", help="马上发")] = False,
    send_at: Annotated[str, typer.Option(help=f"什么时候发，如 {_TIME}")] = "",
    useful_until: Annotated[str, typer.Option(help=f"过了什么时候就不用发了，如 {_TIME}")] = "",
    join_until: Annotated[str, typer.Option(help=f"什么时候以前新符合条件的人也发，如 {_TIME}")] = "",
    button: Annotated[
        list[str] | None, typer.Option(help="按钮：book、events、subscriptions、ask，或者 event:3；可写几个")
    ] = None,
    attach: Annotated[
        list[Path] | None, typer.Option(help="附件：图片或文件，可写几个，一共 2 MB 以内")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
    as_json: AsJson = False,
) -> None:
    """起草一次群发；看过人数，确认后审核通过，到时间由运行中的服务发出。"""
    if send_now and send_at:
        fail(BAD_INPUT, say("campaign_one_time"))
    now = datetime.now(UTC)
    text, files = _body(body_file), tuple(map(_attachment, attach or ()))
    start = now if send_now else _moment(context, send_at, now - _LATELY)
    until, joined = _moment(context, useful_until, now), _moment(context, join_until, now)
    if about:
        _check_topic(about)
    with database_of(context) as database:

        def write(session: Session) -> int:
            to = _criteria(session, segment)
            buttons = tuple(campaign_buttons.button(session, Texts(), one, now) for one in button or ())
            draft = Draft(title, text, buttons, files, about, to, start, until, joined)
            made = campaigns.create(session, draft, COMMAND, now)
            assert made is not None
            return made

        number = database.run_now(lambda session: _spoken(write, session))
        preview = database.run_now(lambda session: campaigns.preview(session, number, now))
        if not as_json:
            views.tell_preview(number, text, preview, _when(context, start, now))
        if yes or (not as_json and typer.confirm(say("campaign_approve"))):
            desk = campaign_desk(settings_of(context))
            database.run_now(lambda s: campaigns.approve_at_once(s, desk, number, COMMAND, now))
        status = database.run_now(lambda s: campaigns.find(s, number).status)
    if as_json:
        told = {"id": number, "status": status, "targeted": preview.targeted, "excluded": preview.excluded}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(say(f"campaign_made_{status}", number=number))


@app.command("show")
def show(
    context: typer.Context,
    number: Number,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="看着它发，直到发完")] = False,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="把每一条的结果写进文件")] = None,
) -> None:
    """一次群发进行得怎样。"""
    with database_of(context) as database:
        database.run_now(lambda session: _spoken(lambda s: campaigns.find(s, number), session))
        if csv_file:
            desk = campaign_desk(settings_of(context))
            lines = database.run_now(lambda session: list(campaign_reports.as_csv(session, desk, number)))
            now, rows = datetime.now(UTC), f"campaign:{number}"
            database.run_now(lambda s: audit.record(s, COMMAND, "campaign.read_rows", rows, now))
            csv_file.write_text("\ufeff" + "".join(lines), encoding="utf-8")
        if watch:
            views.watch(database, number)
        shown = database.run_now(lambda session: views.shape(session, number, datetime.now(UTC)))
        if as_json:
            print(json.dumps(shown, ensure_ascii=False))
        else:
            views.tell(database, number)


@app.command("list")
def show_latest(context: typer.Context) -> None:
    """最近的群发。"""
    with database_of(context) as database:
        views.tell_latest(database)


@app.command("start")
def start(context: typer.Context, number: Number) -> None:
    """审核通过、没有定时间的，现在开始发。"""
    _act(context, number, lambda s, now: campaigns.start_now(s, number, COMMAND, now))


@app.command("pause")
def pause(context: typer.Context, number: Number) -> None:
    """暂停，一秒之内不再发出新的。"""
    _act(context, number, lambda s, now: campaign_runs.pause(s, number, COMMAND, now))


@app.command("resume")
def resume(context: typer.Context, number: Number) -> None:
    """接着发。"""
    _act(context, number, lambda s, now: campaign_runs.resume(s, number, COMMAND, now))


@app.command("cancel")
def cancel(context: typer.Context, number: Number) -> None:
    """取消，没发的不发了。"""
    _act(context, number, lambda s, now: campaign_runs.cancel(s, number, COMMAND, now))


@app.command("retry")
def retry(
    context: typer.Context,
    number: Number,
    unconfirmed: Annotated[bool, typer.Option("--unconfirmed", help="连可能已经送到的也再发一次")] = False,
) -> None:
    """失败的再发一次。"""
    statuses = (DeliveryStatus.FAILED,) + ((DeliveryStatus.UNCONFIRMED,) if unconfirmed else ())
    if _act(context, number, lambda s, now: campaign_runs.retry(s, number, statuses, COMMAND, now)) == 0:
        print(say("campaign_none_again"))


def _act(context: typer.Context, number: int, work: Any) -> Any:
    """What `work` returns."""
    with database_of(context) as database:
        now = datetime.now(UTC)
        done = database.run_now(lambda session: _spoken(lambda s: work(s, now), session))
        status = database.run_now(lambda session: campaigns.find(session, number).status)
    print(say("campaign_now", number=number, status=status))
    return done


def _spoken(work: Any, session: Session) -> Any:
    try:
        return work(session)
    except NoSuchCampaign:
        fail(BAD_INPUT, say("campaign_none"))
    except BadContent as error:
        fail(BAD_INPUT, say("campaign_bad", why=str(error)))
    except BadCriteria as error:
        fail(BAD_INPUT, say("segment_bad", word=str(error)))
    except CampaignRefused:
        fail(FAILED, say("campaign_not_now"))


def _criteria(session: Session, written: str) -> Criteria:
    return segments.named(session, written) if written else segments.EVERYBODY


def _body(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        _unreadable(file, error)


def _attachment(file: Path) -> Attachment:
    try:
        content = file.read_bytes()
    except OSError as error:
        _unreadable(file, error)
    return Attachment(file.name, mimetypes.guess_type(file.name)[0] or "application/octet-stream", content)


def _unreadable(file: Path, error: OSError | UnicodeDecodeError) -> NoReturn:
    fail(BAD_INPUT, no_access(error, file))


def _moment(context: typer.Context, written: str, after: datetime) -> datetime | None:
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        fail(BAD_INPUT, say("bad_moment", written=written, example=_TIME))
    found = (found if found.tzinfo else found.replace(tzinfo=settings_of(context).zone)).astimezone(UTC)
    if found <= after:
        fail(BAD_INPUT, say("moment_over", written=written))
    return found


def _when(context: typer.Context, start: datetime | None, now: datetime) -> str:
    """'' for whenever somebody starts it."""
    return dated_moment(start, settings_of(context).zone, now) if start else ""


def _check_topic(name: str) -> None:
    try:
        topic(name)
    except NoSuchTopic:
        fail(BAD_INPUT, say("topic_none", written=name))
