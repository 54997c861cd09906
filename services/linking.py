"""One person on several channels: linked by a one-time code, seen, parted again. What is theirs follows them."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import Appointment
from db.conversation import Conversation, PushedMessage, SeenUpdate
from db.linking import LinkCode
from db.locks import line_up
from db.people import Identity, Person
from db.session import changed, inserted, vault_in
from services import audit, delivery, joining, people, staff, tries
from services.messaging import Message

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
LENGTH = 8
GOOD_FOR = timedelta(minutes=10)
_LINE = "linking"  # it is rare, so it goes one after the other


class Redeemed(StrEnum):
    LINKED = "linked"
    WRONG = "wrong"  # unknown, used or too old
    TOO_MANY = "too_many"
    SAME = "same"  # linked already
    COLLEAGUE = "colleague"  # somebody of the office was given a code by somebody who is not
    TWO_APPOINTMENTS = "two_appointments"
    CONFLICT = (
        "conflict"  # both have something else that one person has only once: a held seat, a place in line
    )


@dataclass(frozen=True, slots=True)
class Link:
    identity_id: int
    channel: str
    since: datetime


def issue(session: Session, person_id: int, now: datetime) -> str:
    """A new code; the person's older ones end."""
    session.execute(delete(LinkCode).where(LinkCode.person_id == person_id))
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    row = {"code_mark": _mark(session, code), "person_id": person_id, "expires_at": now + GOOD_FOR}
    session.execute(insert(table(LinkCode)), row)
    return code


def redeem(
    session: Session, typed: str, identity_id: int, now: datetime, notice: Message | None = None
) -> Redeemed:
    """Joins this identity's person to the one that the code was given to, who gets the notice where they were."""
    line_up(session, _LINE)
    if tries.too_many(session, identity_id, now):
        return Redeemed.TOO_MANY
    code = _plain(typed)
    if len(code) != LENGTH:
        return Redeemed.WRONG  # nobody guesses like that
    mark = _mark(session, code)
    good = (LinkCode.code_mark == mark, LinkCode.used_at.is_(None), LinkCode.expires_at > now)
    owner = session.execute(select(LinkCode.person_id).where(*good)).scalar()
    if owner is None:
        tries.note(session, identity_id, now)
        return Redeemed.WRONG
    leaving = people.person_of(session, identity_id)
    if leaving is None or leaving == owner:
        return Redeemed.SAME
    if staff.is_colleague(session, leaving) and not staff.is_colleague(session, owner):
        return Redeemed.COLLEAGUE  # what a colleague may do would be the other's
    _wait_for_turns(session, Identity.person_id.in_((owner, leaving)))
    joining.keep_still(session, leaving, owner)
    doubled = joining.twice(session, leaving, owner)
    if doubled:
        return Redeemed.TWO_APPOINTMENTS if doubled == Appointment.__tablename__ else Redeemed.CONFLICT
    if changed(session.execute(update(LinkCode).where(*good).values(used_at=now))) == 0:
        return Redeemed.WRONG
    if notice is not None:
        _tell(session, owner, notice, mark, now)
    joining.join(session, leaving, owner, now)
    audit.record(
        session,
        f"identity:{identity_id}",
        "people.link",
        f"person:{owner}",
        now,
        {"joined": f"person:{leaving}"},
    )
    return Redeemed.LINKED


def links(session: Session, person_id: int) -> list[Link]:
    rows = session.execute(
        select(Identity.id, Identity.channel, Identity.created_at)
        .where(Identity.person_id == person_id)
        .order_by(Identity.id)
    ).all()
    return [Link(*row) for row in rows]


def unlink(session: Session, person_id: int, identity_id: int, now: datetime) -> bool:
    """That channel starts anew, without the data. False: not theirs, or their only one."""
    line_up(session, _LINE)
    theirs = [link.identity_id for link in links(session, person_id)]
    if identity_id not in theirs or len(theirs) < 2:
        return False
    _wait_for_turns(session, Identity.id == identity_id)
    session.execute(delete(LinkCode).where(LinkCode.person_id == person_id))  # seen there, it led back
    alone = inserted(session.execute(insert(table(Person)), {"created_at": now}))
    session.execute(update(Identity).where(Identity.id == identity_id).values(person_id=alone))
    _start_anew(session, identity_id)
    delivery.withdraw_from(session, identity_id, now, "unlinked")
    audit.record(session, f"person:{person_id}", "people.unlink", f"identity:{identity_id}", now)
    return True


def _start_anew(session: Session, identity_id: int) -> None:
    """What was said there tells of the appointments, too."""
    session.execute(delete(SeenUpdate).where(SeenUpdate.identity_id == identity_id))
    session.execute(delete(PushedMessage).where(PushedMessage.identity_id == identity_id))
    fresh = update(Conversation).where(Conversation.identity_id == identity_id)
    session.execute(fresh.values(step="", sealed_state=None))


def forget(session: Session, now: datetime) -> int:
    """Codes and tries that are over."""
    codes = changed(session.execute(delete(LinkCode).where(LinkCode.expires_at < now)))
    return codes + tries.forget(session, now)


def _wait_for_turns(session: Session, whose: ColumnElement[bool]) -> None:
    """What they are saying at this moment is answered first, and the next not before we are done."""
    marks = select(Identity.address_mark).where(whose).order_by(Identity.address_mark)
    for mark in session.execute(marks).scalars().all():
        line_up(session, mark)


def _tell(session: Session, owner: int, notice: Message, mark: str, now: datetime) -> None:
    """Before they are joined: it must not go only to the channel that is added."""
    delivery.announce(
        session,
        reason="linked",
        subject=f"code:{mark}",
        person_id=owner,
        message=notice,
        due_at=now,
        useful_until=None,
        now=now,
    )


def _plain(typed: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", typed).upper())


def _mark(session: Session, code: str) -> str:
    return vault_in(session).mark(f"link {code}")
