"""What the office needs to serve appointments: its plan, its words, and a way to write to people."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from services.cycles import BookingPlan
from services.messaging import Message
from services.texts import Texts


class Announce(Protocol):
    """Queues a notice to a person, once for each (reason, subject), in the transaction that decided it."""

    def __call__(
        self,
        session: Session,
        *,
        reason: str,
        subject: str,
        person_id: int,
        message: Message,
        due_at: datetime,
        useful_until: datetime,
        now: datetime,
    ) -> None: ...


@dataclass(frozen=True)
class BookingDesk:
    plan: BookingPlan
    announce: Announce
    address: str  # where holders of the silver card come to
    texts: Texts = field(default_factory=Texts)
    yearly_goal: int = 100  # cards to hand out in a year
    notice_useful: timedelta = timedelta(days=2)  # how long a change is still worth telling
