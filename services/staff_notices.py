"""What colleagues are told unasked: that something waits for them."""

from collections.abc import Container
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services import staff
from services.delivery import announce
from services.messaging import Message
from services.staff import Role

_USEFUL = timedelta(days=3)


def tell_colleagues(
    session: Session,
    message: Message,
    *,
    reason: str,
    about: str,
    now: datetime,
    role: Role,
    but: Container[str] = (),
) -> int:
    """Those of that role and above who came in by their link, but for some accounts. How many they are."""
    told = [one for one in staff.reachable(session, role) if one.ref not in but]
    for colleague in told:
        assert colleague.person_id is not None
        announce(
            session,
            reason=reason,
            subject=f"{about}:{int(now.timestamp())}",
            person_id=colleague.person_id,
            message=message,
            due_at=now,
            useful_until=now + _USEFUL,
            now=now,
        )
    return len(told)
