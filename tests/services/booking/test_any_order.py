"""Whatever people, colleagues and the clock do, in whatever order, and wherever it crashes: every seat is somewhere."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.booking import Appointment, AppointmentEvent, Offer, WaitlistEntry
from db.migrate import migrate
from db.session import Database
from db.vault import Vault, new_key
from services import appointments, availability, booking, holds, offers, planning, reminders, waitlist
from services.booking_desk import BookingDesk
from services.booking_terms import Kind, Refused, Tier
from services.calendar import Notice
from tests.services.booking.office import NOW, PLAN, TOLD, WEDNESDAY, Notices, Office, check_seats

# Two days with two seats at the counter, one team that may choose between two times for one visit: lines form at once.
SMALL = replace(
    PLAN,
    weekdays=(3, 4),
    times=(time(9), time(9, 30)),
    visit_times=(time(9), time(11)),
    team_daily=1,
)
PEOPLE, AT = some.integers(1, 8), some.integers(0, 5)
VAULT = Vault([new_key()])


class Crash(Exception):
    pass


class AnyOrder(RuleBasedStateMachine):
    @initialize()
    def open_office(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template(), self.folder / "youcai.db")
        self.database = Database(f"sqlite:///{self.folder / 'youcai.db'}", VAULT)
        notices = Notices()
        self.office = Office(self.database, BookingDesk(SMALL, notices, address="江海分中心"), notices)
        self.now = NOW

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close_now()
            shutil.rmtree(self.folder)

    def attempt(self, work: Callable[..., Any], *values: Any) -> None:
        """As a handler does: a refusal is answered and what was done so far is committed."""

        def answered(session: Session, now: datetime) -> None:
            try:
                self.office.unit(work, *values, now=now)(session)
            except Refused:
                return

        self.office.do(answered, now=self.now)

    @rule(person=PEOPLE, at=AT, tier=some.sampled_from(Tier))
    def hold(self, person: int, at: int, tier: Tier) -> None:
        slots = self.office.slots(WEDNESDAY, tier.service) + self.office.slots(
            WEDNESDAY + timedelta(days=1), tier.service
        )
        if slots:
            self.attempt(hold_and_fill_in, person, slots[at % len(slots)], tier)

    @rule(person=PEOPLE, at=AT, tier=some.sampled_from(Tier))
    def book_at_once(self, person: int, at: int, tier: Tier) -> None:
        self.hold(person, at, tier)
        self.book(person)

    @rule(person=PEOPLE)
    def book(self, person: int) -> None:
        held = self.office.read(lambda session: holds.live_of(session, person))
        if held:
            self.attempt(booking.book, person, held.id)

    @rule(person=PEOPLE, stale=some.booleans())
    def move(self, person: int, stale: bool) -> None:
        held = self.office.read(lambda session: holds.live_of(session, person))
        mine = self.office.read(lambda session: appointments.open_of(session, person))
        if held and mine:
            self.attempt(booking.move, person, mine.id, mine.version - stale, held.id)

    @rule(person=PEOPLE)
    def cancel(self, person: int) -> None:
        mine = self.office.read(lambda session: appointments.open_of(session, person))
        if mine:
            self.attempt(booking.cancel, person, mine.id, mine.version)

    @rule(person=PEOPLE)
    def give_up(self, person: int) -> None:
        self.attempt(holds.release, person)

    @rule(person=PEOPLE, later=some.booleans(), tier=some.sampled_from(Tier))
    def join(self, person: int, later: bool, tier: Tier) -> None:
        self.attempt(waitlist.join, person, WEDNESDAY + timedelta(days=later), tier, Kind.FIRST)

    @rule(at=AT, how=some.sampled_from([holds.accept, waitlist.decline]))
    def answer_offer(self, at: int, how: Callable[..., Any]) -> None:
        found = self.office.read(lambda session: open_offers(session))
        if found:
            person, offer = found[at % len(found)]
            self.attempt(how, person, offer)

    @rule(person=PEOPLE)
    def leave(self, person: int) -> None:
        for entry in self.office.read(lambda session: waitlist.entries_of(session, person)):
            self.attempt(waitlist.leave, person, entry.id)

    @rule(minutes=some.sampled_from([1, 9, 10, 60, 120, 600]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def tick(self) -> None:
        for job in (holds.expire_holds, offers.expire_offers, offers.serve_lines, reminders.queue_due):
            self.attempt(job)
        for service, day in ((one.service, one.day) for one in self.office.read(self._days)):
            waits = self.office.read(lambda session: availability.waiting(session, service, day))  # noqa: B023
            free = self.office.read(
                lambda session: availability.free_slots(session, service, day, self.now)  # noqa: B023
            )
            assert not (waits and free)

    def _days(self, session: Session) -> list[availability.Day]:
        return [day for tier in Tier for day in availability.days(session, tier.service, self.now)]

    @rule()
    def a_day_turns_out_to_be_off(self) -> None:
        self.office.do(planning.import_notice, Notice(days={WEDNESDAY: False}), "staff:1", now=self.now)
        self.attempt(planning.plan_ahead)

    @rule(person=PEOPLE)
    def cancel_and_crash(self, person: int) -> None:
        """The process dies before the commit: nothing happened."""
        mine = self.office.read(lambda session: appointments.open_of(session, person))
        if mine is None:
            return

        def crashing(session: Session, desk: BookingDesk, now: datetime) -> None:
            booking.cancel_for(session, desk, "staff:1", mine.id, now)
            holds.expire_holds(session, desk, now)
            raise Crash

        try:
            self.office.do(crashing, now=self.now)
        except Crash:
            assert self.office.read(lambda session: appointments.open_of(session, person)) == mine

    @invariant()
    def every_seat_is_somewhere(self) -> None:
        if hasattr(self, "office"):
            self.office.read(check_seats)

    @invariant()
    def nobody_is_passed_over(self) -> None:
        if hasattr(self, "office"):
            self.office.read(check_order)

    @invariant()
    def history_is_complete(self) -> None:
        if hasattr(self, "office"):
            self.office.read(check_history)


def hold_and_fill_in(
    session: Session, desk: BookingDesk, person: int, slot: int, tier: Tier, now: datetime
) -> None:
    holds.fill_in(session, holds.hold(session, desk, person, slot, tier, Kind.FIRST, now), TOLD, now)


def open_offers(session: Session) -> list[tuple[int, int]]:
    found = select(WaitlistEntry.person_id, Offer.id).join(Offer, Offer.entry_id == WaitlistEntry.id)
    return [
        (row[0], row[1]) for row in session.execute(found.where(Offer.status == "open").order_by(Offer.id))
    ]


def check_order(session: Session) -> None:
    """Nobody still waits while somebody behind them, in the same line, was offered a seat."""
    offered = set(session.execute(select(Offer.entry_id)).scalars())
    first_waiting: dict[object, int] = {}
    for entry in session.execute(select(WaitlistEntry).order_by(WaitlistEntry.id)).scalars():
        line = (entry.service, entry.day)
        if entry.status == "waiting":
            first_waiting.setdefault(line, entry.id)
        elif entry.status == "offered":
            assert line not in first_waiting
            assert entry.id in offered


def check_history(session: Session) -> None:
    for one in session.execute(select(Appointment)).scalars():
        lines = session.execute(
            select(AppointmentEvent)
            .where(AppointmentEvent.appointment_id == one.id)
            .order_by(AppointmentEvent.version)
        ).scalars()
        told = [(line.version, line.slot_id, line.status) for line in lines]
        assert [version for version, _, _ in told] == list(range(1, one.version + 1))
        assert told[-1] == (one.version, one.slot_id, one.status)


def template() -> Path:
    """A planned office, made once and copied."""
    if not hasattr(template, "file"):
        file = Path(tempfile.mkdtemp()) / "template.db"
        database = Database(f"sqlite:///{file}", VAULT)
        migrate(database.engine)
        office = Office(database, BookingDesk(SMALL, Notices(), address="江海分中心"), Notices())
        office.do(planning.plan_ahead)
        office.people(8)
        database.close_now()
        template.file = file  # type: ignore[attr-defined]
    return template.file  # type: ignore[attr-defined,no-any-return]


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None, derandomize=True, print_blob=True
)
