"""A town with people who sign up, and colleagues who look at each other's events."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.delivery import Delivery, Notice
from db.events import Event
from db.session import Database
from services import (
    campaign_runs,
    conversations,
    event_ticks,
    events,
    outgoing,
    signups,
    staff,
    subscriptions,
)
from services.campaign_terms import REASON
from services.delivery import DeliveryStatus, announce
from services.event_terms import EventDesk
from services.events import Draft
from services.messaging import Message, Update
from services.outgoing import Settled
from services.staff import Colleague, Role
from tests.cast import NOON

START = NOON + timedelta(days=7)


@dataclass
class Town:
    database: Database
    desk: EventDesk = field(default_factory=lambda: EventDesk(announce))
    now: datetime = NOON

    def do(self, work: Any, *rest: Any) -> Any:
        """`work(session, *rest, now)`"""
        return self.database.run_now(lambda session: work(session, *rest, self.now))

    def read(self, work: Any, *rest: Any) -> Any:
        return self.database.run_now(lambda session: work(session, *rest))

    def person(self, address: str, channel: str = "telegram") -> int:
        update = Update(channel, address, "1", self.now)
        return self.database.run_now(lambda session: conversations.stand(session, update).person_id)

    def people(self, number: int) -> list[int]:
        return [self.person(f"p{at}") for at in range(number)]

    def colleague(self, name: str, role: Role, address: str = "") -> Colleague:
        person = self.person(address or name, "web")

        def work(session: Session) -> Colleague:
            return staff.redeem(session, staff.invite(session, name, role, self.now), person, self.now)

        return self.database.run_now(work)

    def draft(self, **more: Any) -> Draft:
        values: dict[str, Any] = {
            "series": "event.jinglun",
            "title": "经纶江海：青年博士沙龙",
            "place": "青禾中心三楼",
            "starts_at": START,
            "ends_at": START + timedelta(hours=2),
            "sign_up_until": START - timedelta(days=1),
            "capacity": 2,
            **more,
        }
        return Draft(**values)

    def submitted(self, **more: Any) -> int:
        editor = self.colleague("林编辑", Role.EDITOR)
        number: int = self.do(events.create, self.draft(**more), editor)
        self.do(events.submit, number, editor)
        return number

    def published(self, **more: Any) -> int:
        number = self.submitted(**more)
        reviewer = self.colleague("何审核", Role.REVIEWER)
        version = self.event(number).version
        self.do(events.publish, self.desk, number, reviewer, version)
        return number

    def event(self, number: int) -> Event:
        found: Event = self.read(events.find, number)
        return found

    def joins(self, number: int, person: int) -> str:
        return str(self.do(signups.sign_up, number, person).status)

    def waits(self, number: int, person: int) -> str:
        return str(self.do(signups.join_line, number, person).status)

    def leaves(self, number: int, person: int) -> None:
        self.do(signups.give_up, self.desk, number, person)

    def status(self, number: int, person: int) -> str:
        return str(self.read(signups.of, number, person).status)

    def tick(self) -> None:
        while self.do(event_ticks.advance, self.desk):
            pass

    def subscribe(self, *addresses: str, topic: str = "event.jinglun") -> None:
        """On Telegram, where a broadcast finds them."""
        for address in addresses:
            person = self.person(address)
            self.do(lambda s, now, one=person: subscriptions.subscribe(s, one, topic, "telegram", now))

    def broadcast(self) -> None:
        """Whatever campaigns do by themselves."""
        while self.do(lambda s, now: campaign_runs.advance(s, self.desk.campaigns, now)):
            pass

    def deliver(
        self, limit: int = 100, status: DeliveryStatus = DeliveryStatus.SENT
    ) -> list[tuple[str, Message]]:
        """The announcements that Telegram is handed now, with their addresses."""
        claimed = self.do(lambda s, now: outgoing.claim(s, "telegram", now, limit, "w"))
        told = [one for one in claimed if one.reason == REASON]
        self.do(lambda s, now: outgoing.settle(s, "w", [Settled(one.id, status) for one in told], now))
        return [(one.address, one.message) for one in told]

    def told(self, reason: str) -> list[tuple[str, str]]:
        """Subject and status of every notice of that kind."""
        rows = select(Delivery.subject, Delivery.status).where(Delivery.reason == f"event.{reason}")
        return self.read(lambda s: [tuple(row) for row in s.execute(rows.order_by(Delivery.id)).all()])

    def words(self, reason: str) -> list[str]:
        """Of every notice of that kind that would go out."""
        sealed = select(Notice.sealed_message).join(Delivery, Delivery.notice_id == Notice.id)
        sealed = sealed.where(Delivery.reason == f"event.{reason}", Delivery.status == "queued")
        found = self.read(lambda s: s.execute(sealed.order_by(Delivery.id)).scalars().all())
        return [self.database.vault.open_json(one)["text"] for one in found]

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)
