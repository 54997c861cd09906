"""How an event stands and how it went: counted whenever somebody asks."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.campaigns import Campaign
from db.events import Signup
from services.event_terms import SignupStatus


@dataclass(frozen=True, slots=True)
class EventReport:
    """`campaign_id`: the broadcast that announced it. `stars` is the mean of `rated` answers, 0 without any."""

    counts: dict[str, int]
    rated: int
    stars: float
    campaign_id: int | None


def report(session: Session, event_id: int) -> EventReport:
    mine = Signup.event_id == event_id
    rows = session.execute(select(Signup.status, func.count()).where(mine).group_by(Signup.status)).all()
    found = {row[0]: row[1] for row in rows}
    rated = select(func.count(Signup.rating), func.avg(Signup.rating)).where(mine)
    number, mean = session.execute(rated).one()
    announced = select(Campaign.id).where(Campaign.origin == f"event:{event_id}")
    return EventReport(
        {status.value: found.get(status.value, 0) for status in SignupStatus},
        number,
        round(float(mean or 0), 1),
        session.execute(announced).scalar(),
    )
