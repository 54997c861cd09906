"""An office with people on its channels, and colleagues who look at each other's work."""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.base import table
from db.conversation import Conversation
from db.migrate import migrate
from db.session import Database
from db.vault import Vault
from services import (
    campaign_runs,
    campaigns,
    conversations,
    delivery,
    joining,
    outgoing,
    segments,
    staff,
    subscriptions,
)
from services.campaign_terms import CampaignDesk
from services.campaigns import Draft
from services.delivery import DeliveryStatus
from services.messaging import Update
from services.outgoing import Settled
from services.staff import Colleague, Role
from tests.cast import NOON

T = TypeVar("T")


@dataclass
class Public:
    database: Database
    desk: CampaignDesk = field(default_factory=CampaignDesk)
    now: datetime = NOON

    def do(self, work: Any, *rest: Any) -> Any:
        """`work(session, *rest, now)`"""
        return self.database.run_now(lambda session: work(session, *rest, self.now))

    def read(self, work: Any, *rest: Any) -> Any:
        return self.database.run_now(lambda session: work(session, *rest))

    def person(self, address: str, channel: str = "telegram") -> int:
        return self.database.run_now(
            lambda s: conversations.stand(s, Update(channel, address, "1", self.now)).person_id
        )

    def people(self, number: int, channel: str = "telegram") -> list[int]:
        return [self.person(f"{channel}-{at}", channel) for at in range(number)]

    def colleague(self, name: str, role: Role) -> Colleague:
        person = self.person(name, "web")

        def work(session: Session) -> Colleague:
            return staff.redeem(session, staff.invite(session, name, role, self.now), person, self.now)

        return self.database.run_now(work)

    def draft(self, **more: Any) -> int:
        values: dict[str, Any] = {"title": "通知", "text": "明天上午开放预约。", "send_at": self.now, **more}
        return self.do(lambda session, now: campaigns.create(session, Draft(**values), "command", now))

    def approved(self, **more: Any) -> int:
        number = self.draft(**more)
        self.do(lambda s, now: campaigns.approve_at_once(s, self.desk, number, "command", now))
        return number

    def tick(self) -> None:
        while self.do(lambda s, now: campaign_runs.advance(s, self.desk, now)):
            pass

    def send(self, limit: int = 100, channel: str = "telegram", **how: Any) -> list[str]:
        """Everything that may go out now, taken by a platform that never fails."""
        claimed = self.do(lambda s, now: outgoing.claim(s, channel, now, limit, "w", **how))
        done = [Settled(one.id, DeliveryStatus.SENT, "", "7", attempts=1) for one in claimed]
        self.do(lambda s, now: outgoing.settle(s, "w", done, now))
        return [one.address for one in claimed]

    def settle_as(self, status: DeliveryStatus, outcome: str, limit: int = 100) -> None:
        claimed = self.do(lambda s, now: outgoing.claim(s, "telegram", now, limit, "w"))
        self.do(
            lambda s, now: outgoing.settle(s, "w", [Settled(one.id, status, outcome) for one in claimed], now)
        )

    def status(self, number: int) -> str:
        return self.read(lambda s: campaigns.find(s, number).status)

    def counts(self, number: int) -> dict[str, int]:
        found = self.read(lambda s: delivery.counts(s, "campaign", str(number)))
        return {status: count for status, count in found.items() if count}

    def preview(self, written: str, topic: str = "") -> tuple[int, dict[str, int]]:
        found = self.do(lambda s, now: segments.preview(s, segments.parse(written), topic, now))
        return found.targeted, found.excluded

    def selected(self, written: str, topic: str = "") -> int:
        query = segments.recipients(segments.parse(written), topic, self.now)
        return self.read(lambda s: len(s.execute(query).all()))

    def seen_at(self, address: str, channel: str, at: datetime) -> None:
        def work(session: Session) -> None:
            stand = conversations.stand(session, Update(channel, address, "2", NOON))
            rows = update(table(Conversation)).where(Conversation.identity_id == stand.identity_id)
            session.execute(rows.values(changed_at=at))

        self.database.run_now(work)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


def template(vault: Vault) -> Path:
    """Five people, one of them on two channels, all but two subscribed; made once and copied."""
    if not hasattr(template, "file"):
        file = Path(tempfile.mkdtemp()) / "template.db"
        database = Database(f"sqlite:///{file}", vault)
        migrate(database.engine)
        public = Public(database)
        people = [*public.people(3), public.person("7", "wechat"), public.person("8", "web")]
        for one in people[2:]:
            public.do(lambda s, now, p=one: subscriptions.subscribe(s, p, "policy", "web", now))
        other = public.person("9", "wechat")
        public.do(lambda s, now: joining.join(s, other, people[0], now))
        database.close_now()
        template.file = file  # type: ignore[attr-defined]
    return template.file  # type: ignore[attr-defined,no-any-return]
