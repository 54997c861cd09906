"""One person on several channels: linked by a one-time code, seen, parted again. What is theirs follows them."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Column, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import Base, table
from db.linking import LinkCode, LinkTry
from db.locks import line_up
from db.people import Identity, Person, Subscription
from db.session import changed, inserted, vault_in
from services import audit

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
LENGTH = 8
GOOD_FOR = timedelta(minutes=10)
MOST_TRIES, WITHIN = 5, timedelta(minutes=10)


class Redeemed(StrEnum):
    LINKED = "linked"
    WRONG = "wrong"  # unknown, used or too old
    TOO_MANY = "too_many"
    SAME = "same"  # linked already
    CONFLICT = "conflict"  # both have what one person has only once: an open appointment, a held seat


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


def redeem(session: Session, typed: str, identity_id: int, person_id: int, now: datetime) -> Redeemed:
    """Joins this identity's person to the one that the code was given to."""
    if _tries(session, identity_id, now) >= MOST_TRIES:
        return Redeemed.TOO_MANY
    mark = _mark(session, typed)
    good = (LinkCode.code_mark == mark, LinkCode.used_at.is_(None), LinkCode.expires_at > now)
    owner = session.execute(select(LinkCode.person_id).where(*good)).scalar()
    if owner is None:
        session.execute(insert(table(LinkTry)), {"identity_id": identity_id, "tried_at": now})
        return Redeemed.WRONG
    if owner == person_id:
        return Redeemed.SAME
    for number in sorted((owner, person_id)):
        line_up(session, f"person {number}")
    try:
        with session.begin_nested():
            if changed(session.execute(update(LinkCode).where(*good).values(used_at=now))) == 0:
                return Redeemed.WRONG
            _join(session, person_id, owner, now)
    except IntegrityError:
        return Redeemed.CONFLICT
    audit.record(session, f"identity:{identity_id}", "people.link", f"person:{owner}", now)
    return Redeemed.LINKED


def links(session: Session, person_id: int) -> list[Link]:
    rows = session.execute(
        select(Identity.id, Identity.channel, Identity.created_at)
        .where(Identity.person_id == person_id)
        .order_by(Identity.id)
    ).all()
    return [Link(*row) for row in rows]


def person_of(session: Session, identity_id: int) -> int:
    return session.execute(select(Identity.person_id).where(Identity.id == identity_id)).scalar_one()


def unlink(session: Session, person_id: int, identity_id: int, now: datetime) -> bool:
    """That channel starts anew, without the data. False: not theirs, or their only one."""
    theirs = [link.identity_id for link in links(session, person_id)]
    if identity_id not in theirs or len(theirs) < 2:
        return False
    alone = inserted(session.execute(insert(table(Person)), {"created_at": now}))
    parted = update(Identity).where(Identity.id == identity_id, Identity.person_id == person_id)
    session.execute(parted.values(person_id=alone))
    audit.record(session, f"person:{person_id}", "people.unlink", f"identity:{identity_id}", now)
    return True


def forget(session: Session, now: datetime) -> int:
    """Codes and tries that are over."""
    codes = changed(session.execute(delete(LinkCode).where(LinkCode.expires_at < now)))
    return codes + changed(session.execute(delete(LinkTry).where(LinkTry.tried_at < now - WITHIN)))


def _join(session: Session, leaving: int, staying: int, now: datetime) -> None:
    """Whatever points at the one person now points at the other; tables made later follow by themselves."""
    _keep_one_subscription_each(session, leaving, staying, now)
    for column in _pointing_at_people():
        session.execute(update(column.table).where(column == leaving).values({column.name: staying}))
    session.execute(delete(Person).where(Person.id == leaving))


def _pointing_at_people() -> list["Column[int]"]:
    person = table(Person)
    return [
        key.parent
        for declared in Base.metadata.sorted_tables
        for key in declared.foreign_keys
        if key.column.table is person
    ]


def _keep_one_subscription_each(session: Session, leaving: int, staying: int, now: datetime) -> None:
    kept = select(Subscription.topic).where(
        Subscription.person_id == staying, Subscription.withdrawn_at.is_(None)
    )
    double = update(Subscription).where(
        Subscription.person_id == leaving, Subscription.withdrawn_at.is_(None), Subscription.topic.in_(kept)
    )
    session.execute(double.values(withdrawn_at=now).execution_options(synchronize_session=False))


def _tries(session: Session, identity_id: int, now: datetime) -> int:
    recent = (LinkTry.identity_id == identity_id, LinkTry.tried_at > now - WITHIN)
    return session.execute(select(func.count()).select_from(LinkTry).where(*recent)).scalar_one()


def _mark(session: Session, typed: str) -> str:
    plain = unicodedata.normalize("NFKC", typed).upper()
    return vault_in(session).mark("link " + re.sub(r"[^A-Z0-9]", "", plain))
