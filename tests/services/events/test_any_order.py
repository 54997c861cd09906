"""Whatever people, colleagues and the clock do, in whatever order: every place of an event is somewhere."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.delivery import Delivery
from db.events import Event, Signup
from db.migrate import migrate
from db.session import Database
from db.vault import Vault, new_key
from services import event_ticks, events, joining, outgoing, privacy, signups
from services.delivery import DeliveryStatus
from services.event_terms import EventRefused, SignupStatus
from services.outgoing import Settled
from services.staff import MACHINE
from tests.services.events.town import START, Town

PEOPLE = some.integers(0, 6)
VAULT = Vault([new_key()])
PLACED = [one.value for one in SignupStatus if one.has_place]
LIVE = [*PLACED, SignupStatus.WAITING.value]


class Crash(Exception):
    pass


class AnyOrder(RuleBasedStateMachine):
    @initialize()
    def open_town(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template(), self.folder / "youcai.db")
        self.town = Town(Database(f"sqlite:///{self.folder / 'youcai.db'}", VAULT))
        self.town.now = START - timedelta(days=3)
        self.moved_at = self.town.now - timedelta(days=30)
        self.people: list[int | None] = list(self.town.people(7))
        for who in range(5):  # two have a place, three wait: whatever comes now, comes in the middle of it
            self.want(who)
            self.town.wait(minutes=1)

    def teardown(self) -> None:
        if hasattr(self, "town"):
            self.town.database.close_now()
            shutil.rmtree(self.folder)

    def attempt(self, work: Callable[..., Any], *values: Any) -> None:
        """As a handler does: a refusal is answered, and what was done so far is committed."""

        def answered(session: Session) -> None:
            with suppress(EventRefused):
                work(session, *values, self.town.now)

        self.town.database.run_now(answered)

    def by(self, who: int, work: Callable[..., Any], *before: Any) -> None:
        person = self.people[who]
        if person is not None:
            self.attempt(work, *before, 1, person)

    @rule(who=PEOPLE)
    def want(self, who: int) -> None:
        self.town.wait(seconds=1)  # nobody comes at the very moment of another one
        self.by(who, signups.sign_up)
        self.by(who, signups.join_line)

    @rule(who=PEOPLE)
    def sign_up(self, who: int) -> None:
        self.by(who, signups.sign_up)

    @rule(who=PEOPLE)
    def leave(self, who: int) -> None:
        self.by(who, signups.give_up, self.town.desk)

    @rule(who=PEOPLE)
    def leave_and_want_again(self, who: int) -> None:
        self.by(who, signups.give_up, self.town.desk)
        self.want(who)

    @rule(who=PEOPLE, at=PEOPLE)
    def accept(self, who: int, at: int) -> None:
        self.by(who, signups.accept)
        offered = [one.person_id for one in self.found()[1] if one.status == "offered" and one.person_id]
        if offered:
            self.attempt(signups.accept, 1, offered[at % len(offered)])

    @rule(who=PEOPLE)
    def come(self, who: int) -> None:
        self.by(who, signups.check_in, self.town.desk)

    @rule(who=PEOPLE, sure=some.sampled_from([False, True]))
    def be_erased(self, who: int, sure: bool) -> None:
        person = self.people[who]
        if self.many() and person is not None and sure:
            self.attempt(signups.forget, self.town.desk, person)
            self.attempt(privacy.erase, person)
            self.people[who] = None
            event, rows = self.found()
            if event.status == "published" and event.ends_at > self.town.now:
                gone = {one.status for one in rows if one.person_id is None}
                assert not gone & {"signed_up", "offered", "waiting"}

    @rule(who=PEOPLE, other=PEOPLE)
    def become_one(self, who: int, other: int) -> None:
        leaving, staying = self.people[who], self.people[other]
        if self.many() and who != other and leaving is not None and staying is not None:
            self.attempt(joining.join, leaving, staying)
            self.people[who] = None

    @rule(
        capacity=some.sampled_from([1, 2, 2, 3]),
        later=some.sampled_from([0, 0, 0, -30, 30, 60 * 24, -60 * 24]),
        closes=some.sampled_from([False, False, True]),
    )
    def change(self, capacity: int, later: int, closes: bool) -> None:
        by, event = timedelta(minutes=later), self.town.event(1)
        self.moved_at = self.town.now if later else self.moved_at
        draft = self.town.draft(
            capacity=capacity,
            starts_at=event.starts_at + by,
            ends_at=event.ends_at + by,
            sign_up_until=min(self.town.now, event.starts_at + by) if closes else event.starts_at + by,
        )
        self.attempt(lambda s, now: events.change(s, self.town.desk, 1, draft, MACHINE, now))

    @rule(sure=some.sampled_from([False] * 3 + [True]))
    def cancel(self, sure: bool) -> None:
        event, rows = self.found()
        if sure and event.status == "published":
            coming = [one.id for one in rows if one.status in LIVE and one.person_id is not None]
            self.attempt(lambda s, now: events.cancel(s, self.town.desk, 1, MACHINE, now))
            told = [subject.split(":")[1] for subject, _ in self.town.told("cancelled")]
            assert sorted(told) == sorted(map(str, coming)), "everybody once"

    @rule()
    def a_tick_dies(self) -> None:
        """Before its commit: nothing happened."""

        def dying(session: Session) -> None:
            event_ticks.advance(session, self.town.desk, self.town.now)
            raise Crash

        before = [(one.id, one.status, one.reminded_at) for one in self.found()[1]]
        with suppress(Crash):
            self.town.database.run_now(dying)
        assert [(one.id, one.status, one.reminded_at) for one in self.found()[1]] == before

    @rule(sure=some.booleans())
    def notices_go_out(self, sure: bool) -> None:
        if sure:
            claimed = self.town.do(lambda s, now: outgoing.claim(s, "telegram", now, 20, "w"))
            sent = [Settled(one.id, DeliveryStatus.SENT) for one in claimed]
            self.town.do(lambda s, now: outgoing.settle(s, "w", sent, now))

    @rule()
    def a_day_before_everybody_is_reminded(self) -> None:
        event, _ = self.found()
        self.town.now = max(self.town.now, event.starts_at - timedelta(days=1))
        self.tick()
        event, rows = self.found()
        if event.status == "published" and event.starts_at > self.town.now:
            assert all(one.reminded_at for one in rows if one.status == "signed_up")
            if self.moved_at < event.starts_at - timedelta(days=1):
                told = select(Delivery.subject).where(
                    Delivery.reason == "event.remind", Delivery.useful_until == event.starts_at
                )
                known = {row[0].split(":")[1] for row in self.town.read(lambda s: s.execute(told).all())}
                asked = [one for one in rows if one.signed_at <= event.starts_at - timedelta(days=1)]
                assert {str(one.id) for one in asked if one.status == "signed_up"} <= known

    @rule()
    def the_doors_open(self) -> None:
        self.town.now = max(self.town.now, self.town.event(1).starts_at - timedelta(minutes=50))

    @rule()
    def it_ends(self) -> None:
        if self.town.event(1).starts_at <= self.town.now:
            self.town.now = max(self.town.now, self.town.event(1).ends_at)
            self.tick()

    @rule(minutes=some.sampled_from([1, 1, 30, 130, 60 * 12]))
    def time_passes(self, minutes: int) -> None:
        self.town.now += timedelta(minutes=minutes)

    @rule()
    def tick(self) -> None:
        self.town.tick()
        event, rows = self.found()
        if event.status == "published" and event.starts_at > self.town.now:
            assert not (event.taken < event.capacity and any(one.status == "waiting" for one in rows))
        assert not [one for one in rows if one.offer_until and one.offer_until <= self.town.now]

    @invariant()
    def every_place_is_somewhere(self) -> None:
        if hasattr(self, "town"):
            event, rows = self.found()
            assert event.taken == sum(one.status in PLACED for one in rows) <= event.capacity

    @invariant()
    def nobody_is_passed_over(self) -> None:
        """No place was kept for somebody behind one who still waits."""
        if hasattr(self, "town"):
            _, rows = self.found()
            waits = [(one.waiting_since, one.id) for one in rows if one.status == "waiting"]
            kept = [(one.waiting_since, one.id) for one in rows if one.status == "offered"]
            assert not (waits and kept) or max(kept) < min(waits)

    @invariant()
    def an_offer_ends_before_it_begins(self) -> None:
        if hasattr(self, "town"):
            event, rows = self.found()
            for one in rows:
                assert (one.status == "offered") == (one.offer_until is not None)
                assert one.offer_until is None or one.offer_until <= event.starts_at

    @invariant()
    def what_waits_to_be_said_is_so(self) -> None:
        """Of a reminder or an offer that would still go out."""
        if hasattr(self, "town"):
            event, rows = self.found()
            stands = {str(one.id): one for one in rows}
            queued = select(Delivery.reason, Delivery.subject).where(
                Delivery.status == "queued", Delivery.useful_until >= self.town.now
            )
            for reason, subject in self.town.read(lambda s: s.execute(queued).all()):
                _, number, which = subject.split(":") if subject.startswith("signup:") else ("", "", "")
                if reason == "event.offered":
                    one = stands[number]
                    assert (one.status, str(one.offers)) == ("offered", which)
                if reason == "event.remind":
                    assert stands[number].status in ("signed_up", "attended")
                    assert event.starts_at - self.town.now <= timedelta(days=1)

    @invariant()
    def nothing_of_a_cancelled_one_goes_out_but_that(self) -> None:
        if hasattr(self, "town") and self.found()[0].status == "cancelled":
            queued = select(Delivery.reason).where(
                Delivery.status == "queued",
                Delivery.reason.in_(["event.remind", "event.offered", "event.changed"]),
            )
            assert not self.town.read(lambda s: s.execute(queued).all())

    def many(self) -> bool:
        """Enough of them for a line; else whatever comes next would meet nobody."""
        return sum(one is not None for one in self.people) > 4

    def found(self) -> tuple[Event, list[Signup]]:
        rows = self.town.read(lambda s: list(s.execute(select(Signup).order_by(Signup.id)).scalars()))
        return self.town.event(1), rows


def template() -> Path:
    """A town with one event of two places, made once and copied."""
    if not hasattr(template, "file"):
        file = Path(tempfile.mkdtemp()) / "template.db"
        database = Database(f"sqlite:///{file}", VAULT)
        migrate(database.engine)
        town = Town(database)
        town.published(sign_up_until=START)
        town.people(7)
        database.close_now()
        template.file = file  # type: ignore[attr-defined]
    return template.file  # type: ignore[attr-defined,no-any-return]


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=34, stateful_step_count=40, deadline=None, derandomize=True, print_blob=True
)
