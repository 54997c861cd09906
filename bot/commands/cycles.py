"""`youcai cycles`: the biweekly openings, and the calendar that they follow."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.booking_plan import booking_desk
from bot.commands.terms import BAD_INPUT, database_of, fail, no_access, say, settings_of
from db.booking import BookingCycle
from db.session import Database
from services import attendance, planning
from services.booking_desk import BookingDesk
from services.calendar import BadNotice, read_notice
from services.delivery import announce
from services.spoken import spoken_day, spoken_moment
from services.texts import Texts

app = typer.Typer(invoke_without_command=True, help="办卡预约的开放日。")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.callback()
def cycles(context: typer.Context, as_json: AsJson = False) -> None:
    """列出已排好的开放日。"""
    if context.invoked_subcommand is None:
        with database_of(context) as database:
            _show(database, _desk(context), as_json)


@app.command("plan")
def plan(
    context: typer.Context,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="往后排几周")] = 8,
    as_json: AsJson = False,
) -> None:
    """排好往后几周的开放日；已经排好的不变。"""
    desk = _desk(context)
    with database_of(context) as database:
        planned = database.run_now(
            lambda session: planning.plan_ahead(session, desk, datetime.now(UTC), weeks)
        )
        _show(database, desk, as_json)
    if not as_json:
        print(say("cycles_planned", made=planned.made, drawn=planned.drawn_anew, closed=planned.days_closed))


@app.command("import")
def import_notice(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="TOML，写法见 db/seed/calendar.toml")],
    as_json: AsJson = False,
) -> None:
    """导入放假通知：待定的开放日随之确定，受影响的预约改期并通知本人。"""
    try:
        notice = read_notice(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        fail(BAD_INPUT, no_access(error, file))
    except BadNotice as error:
        fail(BAD_INPUT, say("bad_notice", file=str(file), reason=str(error)))
    desk = _desk(context)
    with database_of(context) as database:
        now = datetime.now(UTC)

        def work(session: Any) -> None:
            planning.import_notice(session, notice, "command", now)
            planning.plan_ahead(session, desk, now)

        database.run_now(work)
        _show(database, desk, as_json)


def _desk(context: typer.Context) -> BookingDesk:
    return booking_desk(settings_of(context), announce, Texts())


def _show(database: Database, desk: BookingDesk, as_json: bool) -> None:
    now = datetime.now(UTC)
    rows = database.run_now(lambda session: planning.cycles(session, desk.plan, now))
    taken = database.run_now(planning.seats_by_cycle)
    if as_json:
        print(json.dumps([_shape(row, taken) for row in rows], ensure_ascii=False))
        return
    table = Table(*(say(f"cycles_{name}") for name in ("opens", "days", "seats", "state")))
    for row in rows:
        booked, capacity = taken.get(row.id, (0, 0))
        state = "provisional" if row.provisional else "open" if row.opens_at <= now else "ahead"
        table.add_row(
            spoken_moment(row.opens_at, desk.plan.zone),
            "、".join(_day(row, day) for day in row.days),
            f"{booked} / {capacity}",
            say(f"cycles_{state}"),
        )
    Console().print(table)
    year = desk.plan.local_day(now).year
    issued = database.run_now(lambda session: attendance.issued_in(session, year))
    print(say("cycles_issued", year=year, issued=issued, goal=desk.yearly_goal))


def _day(row: BookingCycle, day: str) -> str:
    return spoken_day(date.fromisoformat(day)) + (say("cycles_unsettled") if day in row.unsettled else "")


def _shape(row: BookingCycle, taken: dict[int, tuple[int, int]]) -> dict[str, Any]:
    booked, capacity = taken.get(row.id, (0, 0))
    return {
        "nominal_on": row.nominal_on.isoformat(),
        "opens_on": row.opens_on.isoformat(),
        "opens_at": row.opens_at.isoformat(),
        "provisional": row.provisional,
        "days": row.days,
        "provisional_days": row.unsettled,
        "seats": capacity,
        "booked": booked,
    }
