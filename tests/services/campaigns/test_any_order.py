"""Whatever people, colleagues, platforms and the clock do, in whatever order, and wherever a sender dies."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.delivering import Manners
from db.base import table
from db.campaigns import Campaign
from db.conversation import Conversation
from db.delivery import Delivery
from db.people import Identity, Person, Silence, Subscription
from db.session import Database
from db.vault import Vault, new_key
from services import campaign_runs, joining, linking, old_deliveries, outgoing, privacy, subscriptions
from services.campaign_terms import CampaignRefused
from services.delivery import FETCHED, OPEN, DeliveryStatus
from services.outgoing import Claimed, Settled
from services.quiet_hours import NIGHT as HOURS
from tests.services.campaigns.public import Public, template

AT, CHANNELS = some.integers(0, 7), some.sampled_from(["telegram", "telegram", "wechat", "web"])
NUMBERS = some.sampled_from([1, 1, 2, 3])
TOPICS, USEFUL, JOINS = (
    some.sampled_from(["", "policy"]),
    some.sampled_from([None, None, 3, 30]),
    some.sampled_from([None, 2, 24 * 300]),
)
OUTCOMES = some.sampled_from(["sent", "sent", "failed", "busy", "unsure", "blocked"])
NIGHT = Manners(quiet=HOURS)
VAULT = Vault([new_key()])
GOING = ("scheduled", "running", "paused")


class Undone(Exception):
    """It was only a look."""


@dataclass
class Call:
    """One delivery on the wire, and who has it there."""

    claimed: Claimed
    worker: str


class AnyOrder(RuleBasedStateMachine):
    @initialize(topic=TOPICS, useful=USEFUL, joins=JOINS, whole=some.booleans())
    def open_office(self, topic: str, useful: int | None, joins: int | None, whole: bool) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(campaign_runs, "_BIT", 2)
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template(VAULT), self.folder / "youcai.db")
        self.public = Public(Database(f"sqlite:///{self.folder / 'youcai.db'}", VAULT))
        self.wire: list[Call] = []
        self.lost: list[Call] = []  # of senders that died
        self.died = 0
        self.got: set[tuple[int, str]] = set()  # identity and campaign, for sure or perhaps
        self.held: set[str] = set()  # paused by a colleague, or by itself
        self.risked: set[tuple[int, str]] = set()  # sent again because staff said so
        self.steady: dict[int, set[int]] = {}  # who matched from its start on
        self.announce(topic, useful, joins, whole)

    def teardown(self) -> None:
        if hasattr(self, "public"):
            try:
                self.everything_comes_to_an_end()
            finally:
                self.public.database.close_now()
                self.patch.undo()
                shutil.rmtree(self.folder)

    def attempt(self, work: Any, *values: Any) -> Any:
        """A refusal is answered."""

        def answered(session: Session) -> Any:
            with suppress(CampaignRefused):
                return work(session, *values, self.public.now)

        return self.public.database.run_now(answered)

    def all(self, query: Any) -> list[Any]:
        return self.public.read(lambda s: list(s.execute(query).all()))

    def one_of(self, column: Any, at: int) -> int:
        rows = self.all(select(column).order_by(column))
        return int(rows[at % len(rows)][0])

    # What colleagues do

    @rule(topic=TOPICS, useful=USEFUL, joins=JOINS, whole=some.booleans())
    def announce(self, topic: str, useful: int | None, joins: int | None, whole: bool) -> None:
        if self.all(select(Campaign.id))[2:]:
            return
        now = self.public.now
        self.public.approved(
            topic=topic,
            send_at=now,
            useful_until=now + timedelta(hours=useful) if useful else None,
            join_until=now + timedelta(hours=min(joins, useful or joins)) if joins else None,
        )
        self.tick(whole)

    @rule(number=NUMBERS, does=some.sampled_from(["pause", "resume", "resume", "halt", "cancel"]))
    def take_in_hand(self, number: int, does: str) -> None:
        if does == "halt":
            self.attempt(campaign_runs.halt, self.public.desk, str(number), "network")
        else:
            self.attempt(getattr(campaign_runs, does), number, "command")
        paused = str(number) in self.by_status("paused")
        self.held = self.held | {str(number)} if paused else self.held - {str(number)}

    @rule(number=NUMBERS, status=some.sampled_from([DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED]))
    def send_again(self, number: int, status: DeliveryStatus) -> None:
        these = select(Delivery.identity_id).where(Delivery.subject == str(number), Delivery.status == status)
        ids = [row[0] for row in self.all(these)]
        if self.attempt(campaign_runs.retry, number, (status,), "command") and status == "unconfirmed":
            self.risked |= {(one, str(number)) for one in ids}

    # What people do

    @rule(channel=CHANNELS)
    def arrive(self, channel: str) -> None:
        if len(self.all(select(Person.id))) < 9:
            person = self.public.person(f"late-{self.public.now.isoformat()}", channel)
            self.attempt(subscriptions.subscribe, person, "policy", channel)

    @rule(at=AT, does=some.sampled_from(["subscribe", "subscribe", "unsubscribe", "stop"]))
    def want_more_or_less(self, at: int, does: str) -> None:
        person = self.one_of(Person.id, at)
        if does == "stop":
            self.attempt(subscriptions.stop, person, "web")
        elif does == "unsubscribe":
            self.attempt(subscriptions.unsubscribe, person, "policy")
        else:
            self.attempt(subscriptions.subscribe, person, "policy", "web")
            return
        self.forget_plans_with(person)

    @rule(at=AT)
    def write_to_us(self, at: int) -> None:
        identity = self.one_of(Identity.id, at)
        said = update(table(Conversation)).where(Conversation.identity_id == identity)
        back = update(table(Identity)).where(Identity.id == identity)
        self.attempt(
            lambda s, now: (s.execute(said.values(changed_at=now)), s.execute(back.values(left_at=None)))
        )

    @rule(at=AT, other=AT)
    def become_one(self, at: int, other: int) -> None:
        leaving, staying = self.one_of(Person.id, at), self.one_of(Person.id, other)
        pair = {leaving: self.on_the_wire(leaving), staying: self.on_the_wire(staying)}
        if leaving == staying or pair[leaving] & pair[staying]:  # both are out already
            return
        self.attempt(joining.join, leaving, staying)
        for campaign, people in self.steady.items():
            if people & {leaving, staying}:
                people.add(staying)
            people.intersection_update(self.matching(campaign))

    @rule(at=AT)
    def part(self, at: int) -> None:
        identity = self.one_of(Identity.id, at)
        person = self.person_of(identity)
        if self.attempt(linking.unlink, person, identity):
            self.forget_plans_with(person)

    @rule(at=AT, sure=some.booleans())
    def be_erased(self, at: int, sure: bool) -> None:
        person = self.one_of(Person.id, at)
        if sure and len(self.all(select(Person.id))) > 3 and not self.on_the_wire(person):
            gone = {row[0] for row in self.all(select(Identity.id).where(Identity.person_id == person))}
            self.attempt(privacy.erase, person)
            self.got = {one for one in self.got if one[0] not in gone}
            self.forget_plans_with(person)

    # What ticks, senders and platforms do

    @rule(whole=some.booleans())
    def tick(self, whole: bool) -> None:
        if whole:
            self.public.tick()
        else:  # the process dies after a bit
            self.attempt(campaign_runs.advance, self.public.desk)
        running = select(Campaign.id).where(Campaign.status == "running")
        for (campaign,) in self.all(running):
            self.steady.setdefault(campaign, self.matching(campaign))

    @rule(most=some.sampled_from([1, 2, 9]))
    def claim_everywhere(self, most: int) -> None:
        for channel in ("telegram", "wechat", "web"):
            self.claim(channel, most)

    @rule(channel=CHANNELS, most=some.integers(1, 4), how=OUTCOMES)
    def send(self, channel: str, most: int, how: str) -> None:
        self.claim(channel, most)
        while self.wire:
            self.land(0, how)

    def claim(self, channel: str, most: int) -> None:
        worker = f"{channel}-{self.died}"
        quiet = NIGHT.quiet_at(self.public.now)
        now = self.public.now
        found = self.public.read(lambda s: outgoing.claim(s, channel, now, most, worker, quiet=quiet))
        for one in found:
            self.may_go_out(one, channel)
            self.wire.append(Call(one, worker))

    @rule(at=AT, how=OUTCOMES)
    def land(self, at: int, how: str) -> None:
        if not self.wire:
            return
        call = self.wire.pop(at % len(self.wire))
        number, identity = call.claimed.id, call.claimed.identity_id
        outcome = {
            "sent": Settled(number, DeliveryStatus.SENT),
            "failed": Settled(number, DeliveryStatus.FAILED, "network"),
            "busy": Settled(
                number, DeliveryStatus.QUEUED, "busy", due_at=self.public.now + timedelta(minutes=5)
            ),
            "unsure": Settled(number, DeliveryStatus.UNCONFIRMED, "timeout"),
            "blocked": Settled(number, DeliveryStatus.FAILED, "blocked"),
        }[how]
        self.attempt(outgoing.settle, call.worker, [outcome])
        if how in ("sent", "unsure"):
            self.got.add((identity, call.claimed.subject))
        if how == "blocked":
            self.attempt(outgoing.mark_left, identity)
            self.forget_plans_with(self.person_of(identity))

    @rule()
    def die(self) -> None:
        """Of what was on the wire, nobody knows whether it arrived."""
        self.died += 1
        self.lost += self.wire
        self.got |= {(call.claimed.identity_id, call.claimed.subject) for call in self.wire}
        self.wire = []
        for channel in ("telegram", "wechat", "web"):
            self.attempt(outgoing.recover, channel)

    @rule(at=AT)
    def a_dead_sender_turns_out_to_be_alive(self, at: int) -> None:
        if self.lost:
            call = self.lost.pop(at % len(self.lost))
            late = Settled(call.claimed.id, DeliveryStatus.QUEUED, "busy", due_at=self.public.now)
            self.attempt(outgoing.settle, call.worker, [late])

    # What the clock does

    @rule(minutes=some.sampled_from([1, 5, 5, 5, 30, 180, 720, -300]))
    def time_passes(self, minutes: int) -> None:
        self.public.wait(minutes=minutes)

    @rule()
    def a_minute_later_who_came_is_there(self) -> None:
        self.public.wait(minutes=1)
        open_ones = select(Campaign.id).where(
            Campaign.status.in_(("running", "paused")),
            Campaign.join_until > self.public.now,
            Campaign.expanded_at <= self.public.now - timedelta(minutes=1),
        )
        found = self.all(open_ones)
        self.tick(whole=True)
        for (campaign,) in found:
            assert self.matching(campaign) <= self.with_a_row(campaign)

    @rule(sure=some.sampled_from([False, False, True]))
    def half_a_year_passes(self, sure: bool) -> None:
        if sure:
            self.public.wait(days=190)
            self.attempt(lambda s, now: old_deliveries.forget_settled(s, now - timedelta(days=180)))
            for (campaign,) in self.all(select(Campaign.id).where(Campaign.status == "finished")):
                self.steady.pop(campaign, None)

    # What must hold

    def may_go_out(self, one: Claimed, channel: str) -> None:
        campaign = self.public.read(lambda s: s.get_one(Campaign, int(one.subject)))
        person = self.person_of(one.identity_id)
        assert campaign.status == "running"
        assert one.subject not in self.held, "until a colleague lets it go on"
        assert campaign.useful_until is None or campaign.useful_until >= self.public.now
        assert channel == FETCHED or not NIGHT.quiet_at(self.public.now)
        assert person in self.matching(campaign.id)
        theirs = {
            (row[0], one.subject) for row in self.all(select(Identity.id).where(Identity.person_id == person))
        }
        assert not theirs & self.got or theirs & self.risked
        assert not [call for call in self.wire if (call.claimed.identity_id, call.claimed.subject) in theirs]

    @invariant()
    def whatever_would_be_claimed_now_may_go_out(self) -> None:
        if hasattr(self, "public"):
            found: list[tuple[Claimed, str]] = []

            def look(session: Session) -> None:
                for channel in ("telegram", "wechat", "web"):
                    quiet = NIGHT.quiet_at(self.public.now)
                    claimed = outgoing.claim(session, channel, self.public.now, 9, "", quiet=quiet)
                    found.extend((one, channel) for one in claimed if one.bulk)
                raise Undone

            with suppress(Undone):
                self.public.database.run_now(look)
            for one, channel in found:
                self.may_go_out(one, channel)

    @invariant()
    def what_is_sending_is_on_the_wire(self) -> None:
        if hasattr(self, "public"):
            sending = self.all(select(Delivery.id).where(Delivery.status == "sending", Delivery.bulk))
            assert sorted(row[0] for row in sending) == sorted(call.claimed.id for call in self.wire)

    @invariant()
    def nothing_of_a_finished_one_is_open(self) -> None:
        if hasattr(self, "public"):
            over = [
                str(row[0]) for row in self.all(select(Campaign.id).where(Campaign.finished_at.is_not(None)))
            ]
            still = select(Delivery.id).where(
                Delivery.subject.in_(over), Delivery.status.in_(OPEN), Delivery.bulk
            )
            assert not self.all(still)
            assert not self.all(
                select(Campaign.id).where(Campaign.status == "finished", Campaign.finished_at.is_(None))
            )

    def everything_comes_to_an_end(self) -> None:
        """Nobody who matched all the time is left out, and each campaign ends."""
        for number in (1, 2, 3):
            self.take_in_hand(number, "resume")
        for rounds in range(80):
            self.tick(whole=True)
            for channel in ("telegram", "wechat", "web"):
                self.claim(channel, 50)
            while self.wire:
                self.land(0, "sent")
            self.what_is_sending_is_on_the_wire()
            self.nothing_of_a_finished_one_is_open()
            if not self.all(select(Campaign.id).where(Campaign.status.in_(GOING))):
                break
            self.public.wait(minutes=20, days=0 if rounds < 60 else 30)
        assert not self.all(select(Campaign.id).where(Campaign.status.in_(GOING)))
        for (campaign,) in self.all(select(Campaign.id).where(Campaign.status == "finished")):
            assert self.steady.get(campaign, set()) <= self.with_a_row(campaign)

    # Looked up

    def matching(self, campaign: int) -> set[int]:
        """Who has a channel, and asked for that topic or at least not for silence."""
        topic = self.all(select(Campaign.topic).where(Campaign.id == campaign))[0][0]
        here = {row[0] for row in self.all(select(Identity.person_id).where(Identity.left_at.is_(None)))}
        if topic:
            asked = select(Subscription.person_id).where(
                Subscription.withdrawn_at.is_(None), Subscription.topic == topic
            )
            return here & {row[0] for row in self.all(asked)}
        return here - {row[0] for row in self.all(select(Silence.person_id))}

    def with_a_row(self, campaign: int) -> set[int]:
        rows = select(Identity.person_id).join(Delivery, Delivery.identity_id == Identity.id)
        rows = rows.where(Delivery.subject == str(campaign), Delivery.bulk, Delivery.outcome != "linked")
        return {row[0] for row in self.all(rows)}

    def by_status(self, status: str) -> set[str]:
        return {str(row[0]) for row in self.all(select(Campaign.id).where(Campaign.status == status))}

    def person_of(self, identity: int) -> int:
        return int(self.all(select(Identity.person_id).where(Identity.id == identity))[0][0])

    def on_the_wire(self, person: int) -> set[str]:
        return {one.claimed.subject for one in self.wire if self.person_of(one.claimed.identity_id) == person}

    def forget_plans_with(self, person: int) -> None:
        for people in self.steady.values():
            people.discard(person)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=10, stateful_step_count=50, deadline=None, derandomize=True, print_blob=True
)
