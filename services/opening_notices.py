"""The word to subscribers that booking has opened: once for each opening, as a campaign of its own.

Nobody looks at such a campaign again before it goes out, as with the announcement of an event: its words come with
the release, and the days and seats of which it speaks were decided by whoever set the plan and the calendar. All
else is the same for every campaign: consent, quiet hours, rest days, one notice a person, pausing, the report.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import BookingCycle, Slot
from db.session import changed
from services import availability, campaigns
from services.availability import Day
from services.booking_desk import BookingDesk
from services.campaign_terms import CampaignDesk
from services.campaigns import TICK, Draft
from services.cycles import BookingPlan, Service
from services.messaging import Button
from services.spoken import spoken_day, spoken_moment

TOPIC = "booking"
_cycle, _slot = table(BookingCycle), table(Slot)


def tell_opened(session: Session, desk: BookingDesk, by: CampaignDesk, now: datetime) -> int:
    """Of each opening that nobody was told of and that can still be booked. How many.

    One that was told stays told, whatever becomes of its days: whom that concerns is told in person. One of which
    nothing can be booked yet waits until a day of it is firm.
    """
    open_ones = select(BookingCycle).where(
        BookingCycle.told_at.is_(None), BookingCycle.provisional.is_(False), BookingCycle.opens_at <= now
    )
    told = 0
    for cycle in session.execute(open_ones.order_by(BookingCycle.opens_at)).scalars().all():
        days = _bookable(session, cycle, now)
        untold = update(_cycle).where(_cycle.c.id == cycle.id, _cycle.c.told_at.is_(None))
        if days and changed(session.execute(untold.values(told_at=now))) == 1:
            _announce(session, desk, by, cycle.id, days, now)
            told += 1
    return told


def _bookable(session: Session, cycle: BookingCycle, now: datetime) -> list[Day]:
    own = set(map(date.fromisoformat, cycle.days))
    return [one for kind in Service for one in availability.days(session, kind, now) if one.day in own]


def _announce(
    session: Session, desk: BookingDesk, by: CampaignDesk, cycle_id: int, days: list[Day], now: datetime
) -> None:
    last = func.max(_slot.c.book_until)
    until: datetime = session.execute(
        select(last).where(
            _slot.c.cycle_id == cycle_id, _slot.c.opens_at.is_not(None), _slot.c.closed_at.is_(None)
        )
    ).scalar_one()
    text = desk.texts.say(
        "booking/opened",
        days=[spoken_day(day) for day in sorted({one.day for one in days})],
        counter=sum(one.free for one in days if one.service is Service.COUNTER),
        visit=sum(one.free for one in days if one.service is Service.VISIT),
        until=spoken_moment(until, desk.plan.zone),
    )
    draft = Draft(
        title=desk.texts.label("booking/opened_title"),
        text=text,
        buttons=(Button(desk.texts.label("buttons/book"), "book"),),
        topic=TOPIC,
        send_at=now,
        useful_until=until,
        join_until=min(until, _midnight(desk.plan, now)),
    )
    made = campaigns.create(session, draft, TICK, now, origin=f"cycle:{cycle_id}")
    if made is not None:
        campaigns.approve_at_once(session, by, made, TICK, now)


def _midnight(plan: BookingPlan, now: datetime) -> datetime:
    """Who asks on the day itself is told, too; who asks later means the next opening."""
    return plan.moment(plan.local_day(now) + timedelta(days=1), time.min)
