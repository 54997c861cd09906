"""Two persons become one: whatever points at the one points at the other; tables made later follow by themselves."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    PrimaryKeyConstraint,
    UniqueConstraint,
    delete,
    exists,
    intersect,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from db.base import Base, table
from db.campaigns import CampaignTap
from db.events import Signup
from db.people import Person, PersonTag, Silence, Subscription
from db.upsert import dialect_of
from services.campaign_joining import keep_one_notice_each
from services.signup_joining import keep_one_place_each

_Rule = tuple[list[Column[Any]], Any]  # the other columns that make a row the only one, and among which rows


def keep_still(session: Session, leaving: int, staying: int) -> None:
    """A row that is being written for one of them comes first, and no other comes in between."""
    both = select(Person.id).where(Person.id.in_((leaving, staying))).order_by(Person.id)
    session.execute(both.with_for_update())


def twice(session: Session, leaving: int, staying: int) -> str:
    """The table in which both have what one person has only once (an open appointment), or ''."""
    return next(
        (
            column.table.name
            for column in pointing_at_people()
            if column.table.name not in _SETTLED
            and any(
                _both(session, column, rule, leaving, staying) for rule in rules(column, dialect_of(session))
            )
        ),
        "",
    )


def join(session: Session, leaving: int, staying: int, now: datetime) -> None:
    """They keep still, and nothing stands `twice`."""
    for settle in _SETTLED.values():
        settle(session, leaving, staying, now)
    keep_one_notice_each(session, leaving, staying, now)
    for column in pointing_at_people():
        session.execute(update(column.table).where(column == leaving).values({column.name: staying}))
    session.execute(delete(Person).where(Person.id == leaving))


def pointing_at_people() -> list[Column[Any]]:
    person = table(Person)
    return [
        key.parent
        for declared in Base.metadata.sorted_tables
        for key in declared.foreign_keys
        if key.column.table is person
    ]


def rules(column: Column[Any], dialect: str) -> Iterator[_Rule]:
    """What the database would say no to, since the column's rows moved."""
    for rule in column.table.constraints:
        if isinstance(rule, UniqueConstraint | PrimaryKeyConstraint) and column.name in rule.columns:
            yield [one for one in rule.columns if one is not column], true()
    for index in column.table.indexes:
        if index.unique and column.name in index.columns:
            where = index.dialect_options[dialect]["where"]
            yield [one for one in index.columns if one is not column], true() if where is None else where


def _both(session: Session, column: Column[Any], rule: _Rule, leaving: int, staying: int) -> bool:
    others, among = rule
    known: list[ColumnElement[bool]] = [one.is_not(None) for one in others]
    shown: list[ColumnElement[Any]] = [literal_column("1"), *others]
    theirs = [select(*shown).where(among, *known, column == person) for person in (leaving, staying)]
    found = intersect(*theirs)
    return session.execute(found.limit(1)).first() is not None


def _keep_one_subscription_each(session: Session, leaving: int, staying: int, now: datetime) -> None:
    kept = select(Subscription.topic).where(
        Subscription.person_id == staying, Subscription.withdrawn_at.is_(None)
    )
    double = update(Subscription).where(
        Subscription.person_id == leaving, Subscription.withdrawn_at.is_(None), Subscription.topic.in_(kept)
    )
    session.execute(double.values(withdrawn_at=now).execution_options(synchronize_session=False))


def _keep_one(*same: Column[Any], of: Column[Any]) -> Callable[[Session, int, int, datetime], None]:
    """Of rows that say the same of both, the one of whoever stays."""

    def settle(session: Session, leaving: int, staying: int, now: datetime) -> None:
        other = of.table.alias()
        alike = [other.c[column.name] == column for column in same]
        kept = exists().where(other.c[of.name] == staying, *alike)
        session.execute(delete(of.table).where(of == leaving, kept))

    return settle


_tag, _silence, _tap = table(PersonTag), table(Silence), table(CampaignTap)
_SETTLED = {  # where two of a kind become one
    Subscription.__tablename__: _keep_one_subscription_each,
    PersonTag.__tablename__: _keep_one(_tag.c.tag, of=_tag.c.person_id),
    Silence.__tablename__: _keep_one(of=_silence.c.person_id),
    Signup.__tablename__: keep_one_place_each,
    CampaignTap.__tablename__: _keep_one(_tap.c.campaign_id, of=_tap.c.person_id),
}
