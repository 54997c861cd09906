"""Openings in the database: planned ahead, as often as one likes to the same effect, and told when they open.

An opening that nobody can have booked yet is drawn anew whenever plan or calendar give other seats. One that is
open keeps its seats, but a day that turned out to be off is closed, and its people are moved (`services/moving.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.booking import BookingCycle, Slot
from db.calendar import CalendarNotice
from db.locks import line_up
from services import drawing
from services.booking_desk import BookingDesk
from services.calendar import Calendar, Notice, office_notice
from services.cycles import BookingPlan, openings
from services.moving import close_days_off

_LOOK_BACK = timedelta(days=60)  # an opening that old has no day ahead of it


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run of the planning changed."""

    made: int = 0
    drawn_anew: int = 0
    days_closed: int = 0


def calendar_now(session: Session) -> Calendar:
    """The published arrangements, the office's own days, and over them every imported notice in its order."""
    known = office_notice()
    for row in session.execute(select(CalendarNotice).order_by(CalendarNotice.id)).scalars():
        days = {date.fromisoformat(day): works for day, works in row.days.items()}
        known = Notice(frozenset(row.years), days).over(known)
    return Calendar(known)


def import_notice(session: Session, notice: Notice, by: str, now: datetime) -> None:
    """Takes effect with the next planning."""
    days = {day.isoformat(): works for day, works in sorted(notice.days.items())}
    values = {"imported_at": now, "imported_by": by, "years": sorted(notice.years), "days": days}
    session.execute(insert(CalendarNotice).values(**values))


def plan_ahead(session: Session, desk: BookingDesk, now: datetime, weeks: int | None = None) -> Planned:
    """Everything from today on, `weeks` ahead or as far as it was planned before."""
    line_up(session, "cycles")
    plan, calendar = desk.plan, calendar_now(session)
    today = plan.local_day(now)
    known = {row.nominal_on: row for row in session.execute(select(BookingCycle)).scalars()}
    until = max([today + timedelta(weeks=weeks or plan.weeks_ahead), *known])
    around = openings(plan, calendar, today - _LOOK_BACK, until)
    wanted = [one for one in around if one.days and one.days[-1] >= today]
    there = [(one, known.pop(one.nominal_on)) for one in wanted if one.nominal_on in known]
    new = [one for one in wanted if one.nominal_on not in {row.nominal_on for _, row in there}]
    _drop(session, plan, known.values(), now)

    ahead = [(one, row) for one, row in there if _is_untouched(row, now)]
    anew = [(one, row) for one, row in ahead if drawing.differs(plan, one, row)]
    for _, row in anew:  # first of all: days of those that are open may move to where these had theirs
        drawing.rub_out(session, row.id)
    settled = closed = 0
    for one, row in there:
        if not _is_untouched(row, now):
            settled += drawing.settle(session, plan, one, row)
            closed += close_days_off(session, desk, row, one, calendar, now)
    for one, row in anew:
        drawing.draw_anew(session, plan, one, row)
    for one in new:
        drawing.draw(session, plan, one, now)
    return Planned(len(new), len(anew) + settled, closed)


def cycles(session: Session, plan: BookingPlan, now: datetime) -> list[BookingCycle]:
    """Those with a day ahead, in order."""
    ordered = session.execute(select(BookingCycle).order_by(BookingCycle.nominal_on)).scalars()
    today = plan.local_day(now).isoformat()
    return [row for row in ordered if max(row.days) >= today]


def seats_by_cycle(session: Session) -> dict[int, tuple[int, int]]:
    """How many seats of each opening are taken, and how many there are."""
    found = select(Slot.cycle_id, func.sum(Slot.booked), func.sum(Slot.capacity)).where(
        Slot.closed_at.is_(None)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in session.execute(found.group_by(Slot.cycle_id))}


def _is_untouched(row: BookingCycle, now: datetime) -> bool:
    return row.provisional or row.opens_at > now


def _drop(session: Session, plan: BookingPlan, left: Iterable[BookingCycle], now: datetime) -> None:
    """Openings still ahead that the plan does not know any more."""
    for row in left:
        days = (row.nominal_on - plan.first_opening).days
        if _is_untouched(row, now) and (days < 0 or days % plan.every_days):
            drawing.rub_out(session, row.id)
            session.execute(delete(BookingCycle).where(BookingCycle.id == row.id))
