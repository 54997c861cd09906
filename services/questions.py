"""Questions: what people asked, how it was answered, what they thought of it. The unanswered list is read from here."""

from datetime import datetime

from sqlalchemy import desc, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.knowledge import Question
from db.later import later
from db.prepared import Prepared
from db.session import changed, vault_in
from db.vault import random_bytes
from services.knowledge.answering.answer import Answer, Outcome

_KEEP = Prepared(insert(table(Question)).inline(), [column.name for column in table(Question).columns])


def record(session: Session, person_id: int, channel: str, text: str, said: Answer, now: datetime) -> int:
    """Its id, which is drawn instead of counted, so that the row can be written together with many others.

    52 bits: whole numbers in every JSON reader; among a million questions, a clash once in 9,000 years.
    """
    number = int.from_bytes(random_bytes(8)) >> 12
    later(
        session,
        _KEEP,
        {
            "id": number,
            "person_id": person_id,
            "channel": channel,
            "asked_at": now,
            "sealed_text": vault_in(session).seal(text),
            "outcome": said.outcome.value,
            "reason": said.reason.value if said.reason else "",
            "labels": [citation.label for citation in said.citations],
            "rating": "",
            "rating_reason": "",
        },
    )
    return number


def rate(session: Session, person_id: int, question_id: int, rating: str, reason: str = "") -> bool:
    """False: not a question of theirs."""
    own = update(Question).where(Question.id == question_id, Question.person_id == person_id)
    return changed(session.execute(own.values(rating=rating, rating_reason=reason))) == 1


def unanswered(session: Session, limit: int = 100) -> list[tuple[int, datetime, str]]:
    """The newest questions that no document answered: id, time, text."""
    rows = session.execute(
        select(Question.id, Question.asked_at, Question.sealed_text)
        .where(Question.outcome == Outcome.REFUSE.value)
        .order_by(desc(Question.asked_at))
        .limit(limit)
    ).all()
    return [(row[0], row[1], vault_in(session).open(row[2])) for row in rows]
