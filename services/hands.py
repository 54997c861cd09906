"""Who had a hand in what is to go out, besides its author: none of them looks at it for the others."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.staff import Hand
from db.upsert import dialect_of, upsert


def note(session: Session, subject: str, by: str) -> None:
    row = {"subject": subject, "by": by}
    session.execute(upsert(dialect_of(session), Hand).on_conflict_do_nothing(), row)


def of(session: Session, subject: str) -> set[str]:
    """However their words were changed since."""
    return set(session.execute(select(Hand.by).where(Hand.subject == subject)).scalars())
