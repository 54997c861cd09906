"""Drawing an opening: its row and the rows of all its seats, as plan and calendar give them."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, true, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import BookingCycle, RouteDay, Slot
from db.insert import insert_once
from db.session import inserted
from services.cycles import BookingPlan, Opening, Seats, seats

_cycle, _route, _slot = table(BookingCycle), table(RouteDay), table(Slot)


def draw(session: Session, plan: BookingPlan, one: Opening, now: datetime) -> None:
    """One that is open already, as on the day when the service is set up, is no news to anybody."""
    values = _values(plan, one)
    stale = not one.provisional and plan.moment(one.opens_on, plan.opens_at) <= now
    made = session.execute(insert(_cycle).values(told_at=now if stale else None, **values))
    _draw_days(session, plan, one, inserted(made))


def differs(plan: BookingPlan, one: Opening, row: BookingCycle) -> bool:
    return row.drawn_from != _drawing(plan, one)


def draw_anew(session: Session, plan: BookingPlan, one: Opening, row: BookingCycle) -> None:
    """What was rubbed out. Only for openings that nobody can have booked."""
    session.execute(update(_cycle).where(_cycle.c.id == row.id).values(**_values(plan, one)))
    _draw_days(session, plan, one, row.id)


def settle(session: Session, plan: BookingPlan, one: Opening, row: BookingCycle) -> bool:
    """Days of an open opening that are firm by now are drawn where they fall; all others stay as they are."""
    before = {date.fromisoformat(day) for day in row.unsettled}
    if not before - set(one.unsettled):
        return False
    kept = {date.fromisoformat(day) for day in row.days} - before
    _rub_out(session, row.id, _slot.c.day.in_(before), _route.c.day.in_(before))
    new = [day for day in one.days if day not in kept]
    for day in new:
        draw_day(session, plan, row.id, day, None if day in one.unsettled else row.opens_at)
    values = {"days": _iso(kept.union(new)), "unsettled": _iso(day for day in new if day in one.unsettled)}
    session.execute(update(_cycle).where(_cycle.c.id == row.id).values(**values))
    return True


def rub_out(session: Session, cycle_id: int) -> None:
    _rub_out(session, cycle_id, true(), true())


def draw_day(
    session: Session, plan: BookingPlan, cycle_id: int, day: date, opens_at: datetime | None
) -> None:
    """The seats of one day. Without `opens_at` they are shown, and nobody can take them."""
    routes: dict[str, int] = {}
    for one in seats(plan, day):
        if one.daily is not None and one.place not in routes:
            values = {"cycle_id": cycle_id, "place": one.place, "day": day, "capacity": one.daily}
            routes[one.place] = inserted(session.execute(insert(_route).values(booked=0, **values)))
        own = {"cycle_id": cycle_id, "opens_at": opens_at, "route_day_id": routes.get(one.place)}
        insert_once(session, _slot, **own, **_slot_values(plan, one, day))


def _draw_days(session: Session, plan: BookingPlan, one: Opening, cycle_id: int) -> None:
    opens_at = plan.moment(one.opens_on, plan.opens_at)
    for day in one.days:
        firm = not one.provisional and day not in one.unsettled
        draw_day(session, plan, cycle_id, day, opens_at if firm else None)


def _rub_out(
    session: Session, cycle_id: int, slots: ColumnElement[bool], routes: ColumnElement[bool]
) -> None:
    session.execute(delete(_slot).where(_slot.c.cycle_id == cycle_id, slots))
    session.execute(delete(_route).where(_route.c.cycle_id == cycle_id, routes))


def _values(plan: BookingPlan, one: Opening) -> dict[str, object]:
    return {
        "nominal_on": one.nominal_on,
        "opens_on": one.opens_on,
        "opens_at": plan.moment(one.opens_on, plan.opens_at),
        "days": _iso(one.days),
        "provisional": one.provisional,
        "unsettled": _iso(one.unsettled),
        "drawn_from": _drawing(plan, one),
    }


def _iso(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]


def _drawing(plan: BookingPlan, one: Opening) -> str:
    """Differs whenever the opening or any of its seats do."""
    drawn = [repr(one), repr(plan.opens_at), repr((plan.lead_hours, plan.cutoff_hours))]
    drawn += [repr(seat) for day in one.days for seat in seats(plan, day)]
    return hashlib.sha256("\n".join(drawn).encode()).hexdigest()


def _slot_values(plan: BookingPlan, one: Seats, day: date) -> dict[str, object]:
    return {
        "service": one.service,
        "place": one.place,
        "day": day,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "book_until": one.starts_at - timedelta(hours=plan.lead_hours),
        "change_until": one.starts_at - timedelta(hours=plan.cutoff_hours),
        "capacity": one.capacity,
        "booked": 0,
    }
