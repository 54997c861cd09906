"""Drawing an opening: its row and the rows of all its seats, as plan and calendar give them."""

import hashlib
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import BookingCycle, RouteDay, Slot
from db.insert import insert_once
from db.session import inserted
from services.cycles import BookingPlan, Opening, Seats, seats

_cycle, _route, _slot = table(BookingCycle), table(RouteDay), table(Slot)


def draw(session: Session, plan: BookingPlan, one: Opening) -> None:
    made = session.execute(insert(_cycle).values(**_values(plan, one)))
    _draw_days(session, plan, one, inserted(made))


def draw_anew(session: Session, plan: BookingPlan, one: Opening, row: BookingCycle) -> bool:
    """False: the drawing is the same. Only for openings that nobody can have booked."""
    if row.drawn_from == _drawing(plan, one):
        return False
    rub_out(session, row.id)
    session.execute(update(_cycle).where(_cycle.c.id == row.id).values(**_values(plan, one)))
    _draw_days(session, plan, one, row.id)
    return True


def rub_out(session: Session, cycle_id: int) -> None:
    session.execute(delete(_slot).where(_slot.c.cycle_id == cycle_id))
    session.execute(delete(_route).where(_route.c.cycle_id == cycle_id))


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
    opens_at = None if one.provisional else plan.moment(one.opens_on, plan.opens_at)
    for day in one.days:
        draw_day(session, plan, cycle_id, day, opens_at)


def _values(plan: BookingPlan, one: Opening) -> dict[str, object]:
    return {
        "nominal_on": one.nominal_on,
        "opens_on": one.opens_on,
        "opens_at": plan.moment(one.opens_on, plan.opens_at),
        "days": [day.isoformat() for day in one.days],
        "provisional": one.provisional,
        "drawn_from": _drawing(plan, one),
    }


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
