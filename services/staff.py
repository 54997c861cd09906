"""Staff: their roles, the one-time link by which they come in, and who of them stands behind a person in the chat."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.insert import insert_once
from db.prepared import Prepared
from db.session import changed, vault_in
from db.staff import Staff, StaffInvitation
from services import audit, campaign_watching

GOOD_FOR = timedelta(hours=24)
SIGN_IN = re.compile(r"((?:登录|登錄|登陆|登入|/sign-in/)\s*[:：]?\s*)([A-Za-z0-9_-]{16,64})")
_staff, _invitation = table(Staff), table(StaffInvitation)
_KNOWN = Prepared(
    select(_staff.c.id).where(_staff.c.person_id == bindparam("person"), _staff.c.left_at.is_(None))
)


class Role(StrEnum):
    CLERK = "clerk"  # drafts
    EDITOR = "editor"  # and submits
    REVIEWER = "reviewer"  # and reviews and approves what others submitted
    ADMIN = "admin"  # and looks after staff

    def at_least(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


class BadInvitation(Exception):
    """Unknown, used or too old."""


@dataclass(frozen=True, slots=True)
class Colleague:
    id: int
    name: str
    role: Role
    person_id: int | None

    @property
    def ref(self) -> str:
        """How records speak of them."""
        return f"staff:{self.id}" if self.id else self.name


MACHINE = Colleague(0, "command", Role.ADMIN, None)  # whoever works on the machine itself


def invite(session: Session, name: str, role: Role, now: datetime) -> str:
    """A token for whoever of that name; older ones of theirs end. Somebody new is added, a known one gets the role."""
    staff_id = insert_once(session, _staff, name=name, role=role, added_at=now)
    if staff_id is None:
        known = update(_staff).where(_staff.c.name == name).values(role=role, left_at=None)
        staff_id = int(session.execute(known.returning(_staff.c.id)).scalar_one())
    token = secrets.token_urlsafe(24)
    session.execute(delete(_invitation).where(_invitation.c.staff_id == staff_id))
    row = {"token_mark": _mark(session, token), "staff_id": staff_id, "expires_at": now + GOOD_FOR}
    session.execute(insert(_invitation), row)
    audit.record(session, "command", "staff.invite", f"staff:{staff_id}", now, {"role": role.value})
    return token


def redeem(session: Session, token: str, person_id: int, now: datetime) -> Colleague:
    """From here on this person is that colleague."""
    good = update(_invitation).where(
        _invitation.c.token_mark == _mark(session, token),
        _invitation.c.used_at.is_(None),
        _invitation.c.expires_at > now,
    )
    staff_id = session.execute(good.values(used_at=now).returning(_invitation.c.staff_id)).scalar()
    if staff_id is None:
        raise BadInvitation
    session.execute(update(_staff).where(_staff.c.person_id == person_id).values(person_id=None))
    session.execute(update(_staff).where(_staff.c.id == staff_id).values(person_id=person_id))
    audit.record(session, f"staff:{staff_id}", "staff.enter", f"person:{person_id}", now)
    return find(session, int(staff_id))


def void(session: Session, token: str) -> bool:
    """Others have seen it. False: it was none that is still good for anything."""
    seen = delete(_invitation).where(
        _invitation.c.token_mark == _mark(session, token), _invitation.c.used_at.is_(None)
    )
    return changed(session.execute(seen)) == 1


def leave(session: Session, staff_id: int, now: datetime) -> bool:
    """From here on they are somebody who asks, and no link of theirs opens anything. What they did stays theirs."""
    whose = session.execute(select(Staff.person_id).where(Staff.id == staff_id)).scalar()
    there = update(_staff).where(_staff.c.id == staff_id, _staff.c.left_at.is_(None))
    if changed(session.execute(there.values(left_at=now, person_id=None))) == 0:
        return False
    session.execute(delete(_invitation).where(_invitation.c.staff_id == staff_id))
    if whose is not None:
        campaign_watching.end_all(session, whose)
    audit.record(session, "command", "staff.leave", f"staff:{staff_id}", now)
    return True


def named(session: Session, name: str) -> Colleague | None:
    """Of those who work here."""
    found = select(Staff).where(Staff.name == name, Staff.left_at.is_(None))
    row = session.execute(found).scalar_one_or_none()
    return _colleague(row) if row else None


def everybody(session: Session) -> list[Colleague]:
    """Who works here; `person_id` is None for who has not come in yet."""
    rows = session.execute(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.id)).scalars()
    return [_colleague(row) for row in rows]


def anybody_in(session: Session) -> bool:
    """Whether a colleague has come in yet."""
    return (
        session.execute(select(_staff.c.id).where(_staff.c.person_id.is_not(None)).limit(1)).first()
        is not None
    )


def token_in(text: str) -> str:
    """Of `登录 TOKEN`, or of the link itself, pasted into a chat; '' if there is none."""
    found = SIGN_IN.search(text)
    return found[2] if found else ""


def hide_token(text: str) -> str:
    """As it may be kept."""
    return SIGN_IN.sub(r"\1······", text)


def find(session: Session, staff_id: int) -> Colleague:
    return _colleague(session.get_one(Staff, staff_id, populate_existing=True))


def name_of(session: Session, ref: str) -> str:
    """Of whoever a record speaks of; '' for nobody, or no colleague."""
    kind, _, number = ref.partition(":")
    if kind != "staff":
        return ""
    return session.execute(select(Staff.name).where(Staff.id == int(number))).scalar() or ""


def is_colleague(session: Session, person_id: int) -> bool:
    """Asked with every menu."""
    return _KNOWN.one(session, {"person": person_id}) is not None


def of_person(session: Session, person_id: int) -> Colleague | None:
    found = select(Staff).where(Staff.person_id == person_id, Staff.left_at.is_(None))
    row = session.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()
    return _colleague(row) if row else None


def reachable(session: Session, at_least: Role) -> list[Colleague]:
    """Those who came in by their link and may be written to."""
    return [one for one in everybody(session) if one.person_id is not None and one.role.at_least(at_least)]


def _colleague(row: Staff) -> Colleague:
    return Colleague(row.id, row.name, Role(row.role), row.person_id)


def _mark(session: Session, token: str) -> str:
    return vault_in(session).mark(f"staff {token}")
