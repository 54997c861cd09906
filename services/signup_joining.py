"""Two persons become one: of two places in an event the better one stays, and the other is free again."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, aliased

from db.base import table
from db.events import Event, Signup
from services import event_line, event_notices
from services.event_terms import SignupStatus

_BEST_FIRST = (
    SignupStatus.ATTENDED,
    SignupStatus.SIGNED_UP,
    SignupStatus.OFFERED,
    SignupStatus.WAITING,
    SignupStatus.MISSED,
    SignupStatus.LAPSED,
    SignupStatus.CANCELLED,
)
_signup = table(Signup)


def _rank(one: Signup) -> tuple[int, datetime]:
    """The better place, and of two in the line the one in front."""
    return _BEST_FIRST.index(SignupStatus(one.status)), one.waiting_since or one.signed_at


def keep_one_place_each(session: Session, leaving: int, staying: int, now: datetime) -> None:
    """What comes free is offered to the next in line by the tick."""
    theirs, own = aliased(Signup), aliased(Signup)
    both = select(theirs.event_id).join(own, own.event_id == theirs.event_id)
    both = both.where(theirs.person_id == leaving, own.person_id == staying)
    for event_id in session.execute(both.order_by(theirs.event_id)).scalars().all():
        event_line.line(session, event_id)
        pair = select(Signup).where(Signup.event_id == event_id, Signup.person_id.in_((leaving, staying)))
        pair = pair.execution_options(populate_existing=True)
        kept, dropped = sorted(session.execute(pair).scalars(), key=_rank)
        event_notices.silence(session, dropped, session.get_one(Event, dropped.event_id).version, now)
        session.execute(delete(_signup).where(_signup.c.id == dropped.id))
        if SignupStatus(kept.status).has_place and SignupStatus(dropped.status).has_place:
            event_line.free(session, dropped.event_id)
