"""An office with one opening under way, people to book with, and a way to see where every seat is."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.booking import Appointment, Hold, Offer, RouteDay, Slot
from db.people import Person
from db.session import Database, inserted
from services import booking, holds, planning
from services.appointments import Booked
from services.booking_desk import BookingDesk
from services.booking_terms import Kind, Tier
from services.cycles import BookingPlan
from services.messaging import Message

T = TypeVar("T")
# Opened on Monday the 23rd at 09:00; serves on 25 and 26 November, 1, 2, 3 and 8 December, Tuesdays to Thursdays.
PLAN = BookingPlan(
    first_opening=date(2026, 11, 23), weekdays=(2, 3, 4), serve_after_days=2, lead_hours=12, cutoff_hours=12
)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)  # ten in the morning
WEDNESDAY, THURSDAY, TUESDAY = date(2026, 11, 25), date(2026, 11, 26), date(2026, 12, 1)
TOLD = {
    "name": "陈一诺",
    "phone": "13800138000",
    "employer": "江门市某材料公司",
    "standing": "in_station",
    "address": "江海区金瓯路某号",
    "contact": "前台李女士",
}


@dataclass
class Notices:
    """What was announced, in order, once per reason and subject."""

    sent: list[tuple[str, str, int, Message]] = field(default_factory=list)

    def __call__(
        self, session: Session, *, reason: str, subject: str, person_id: int, message: Message, **_: Any
    ) -> None:
        if (reason, subject) not in [(one[0], one[1]) for one in self.sent]:
            self.sent.append((reason, subject, person_id, message))

    def to(self, person_id: int) -> list[str]:
        return [reason for reason, _, person, _ in self.sent if person == person_id]


@dataclass
class Office:
    """The services against one database, in short words."""

    database: Database
    desk: BookingDesk
    notices: Notices

    def do(self, work: Callable[..., T], *values: Any, now: datetime = NOW, **named: Any) -> T:
        """`work(session, [desk,] *values, now)` in a transaction of its own."""
        return self.database.run_now(self.unit(work, *values, now=now, **named))

    async def run(self, work: Callable[..., T], *values: Any, now: datetime = NOW, **named: Any) -> T:
        return await self.database.run(self.unit(work, *values, now=now, **named))

    def unit(self, work: Callable[..., T], *values: Any, **named: Any) -> Callable[[Session], T]:
        desk = (self.desk,) if "desk" in inspect.signature(work).parameters else ()
        return lambda session: work(session, *desk, *values, **named)

    def read(self, work: Callable[[Session], T]) -> T:
        return self.database.run_now(work)

    def person(self) -> int:
        return self.people(1)[0]

    def people(self, count: int) -> list[int]:
        added = insert(Person).values(created_at=NOW)
        return self.read(lambda session: [inserted(session.execute(added)) for _ in range(count)])

    def slots(self, day: date = WEDNESDAY, service: str = "counter") -> list[int]:
        found = select(Slot.id).where(Slot.day == day, Slot.service == service, Slot.closed_at.is_(None))
        return self.read(
            lambda session: list(session.execute(found.order_by(Slot.starts_at, Slot.place)).scalars())
        )

    def hold(self, person: int, slot: int, tier: Tier = Tier.SILVER, now: datetime = NOW) -> int:
        held = self.do(holds.hold, person, slot, tier, Kind.FIRST, now=now)
        self.do(holds.fill_in, held, TOLD, now=now)
        return held

    def book(self, person: int, slot: int, tier: Tier = Tier.SILVER, now: datetime = NOW) -> Booked:
        return self.do(booking.book, person, self.hold(person, slot, tier, now), now=now)

    def fill(self, day: date = WEDNESDAY) -> list[Booked]:
        """Every counter seat of the day, each by another person."""
        return [self.book(self.person(), slot) for slot in self.slots(day)]

    def booked(self, slot: int) -> int:
        return self.read(lambda session: session.get_one(Slot, slot).booked)

    def check_seats(self) -> None:
        """Each seat that counts as taken is held, offered or booked: none lost, none twice."""
        self.read(check_seats)


def check_seats(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":  # one look at everything, whoever is at work
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    taken: dict[int, int] = {}
    for found in (
        select(Hold.slot_id, func.count()).where(Hold.status == "live").group_by(Hold.slot_id),
        select(Offer.slot_id, func.count()).where(Offer.status == "open").group_by(Offer.slot_id),
        select(Appointment.slot_id, func.count())
        .where(Appointment.status != "cancelled")
        .group_by(Appointment.slot_id),
    ):
        for slot_id, count in session.execute(found):
            taken[slot_id] = taken.get(slot_id, 0) + count
    routes: dict[int, int] = {}
    for slot in session.execute(select(Slot)).scalars():
        assert slot.booked == taken.get(slot.id, 0)
        assert 0 <= slot.booked <= slot.capacity
        if slot.route_day_id is not None:
            routes[slot.route_day_id] = routes.get(slot.route_day_id, 0) + slot.booked
    for route in session.execute(select(RouteDay)).scalars():
        assert route.booked == routes.get(route.id, 0) <= route.capacity


def opened(database: Database, plan: BookingPlan = PLAN, now: datetime = NOW) -> Office:
    notices = Notices()
    office = Office(database, BookingDesk(plan, notices, address="江海分中心"), notices)
    office.do(planning.plan_ahead, now=now)
    return office
