"""What a person may ask of their data: see all of it, have it erased; and what is forgotten by itself in time."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.conversation import PushedMessage, SeenUpdate
from db.handoff import Handoff
from db.knowledge import Question
from db.people import Identity, Person, PersonTag, Silence, Subscription
from db.session import changed, vault_in
from services import (
    appointments,
    arrivals,
    audit,
    campaign_reports,
    delivery,
    linking,
    old_deliveries,
    signups,
)
from services.chatlog import history
from services.wechat import leftovers, windows
from services.wire import pack

_ALL = 1_000_000


def export(session: Session, person_id: int, now: datetime) -> dict[str, Any]:
    """Everything that is kept of a person, opened, as JSON values."""
    audit.record(session, f"person:{person_id}", "privacy.export", f"person:{person_id}", now)
    person = session.get_one(Person, person_id)
    identities = session.execute(select(Identity).where(Identity.person_id == person_id)).scalars().all()
    return {
        "exported_at": now.isoformat(),
        "known_since": person.created_at.isoformat(),
        "name": vault_in(session).open(person.sealed_name) if person.sealed_name else None,
        "tags": list(
            session.execute(select(PersonTag.tag).where(PersonTag.person_id == person_id)).scalars()
        ),
        "identities": [_identity(session, one) for one in identities],
        "subscriptions": _subscriptions(session, person_id),
        "no_broadcasts": _silence(session, person_id),
        "notices": delivery.told_of(session, person_id),
        "tapped": campaign_reports.tapped_by(session, person_id),
        "questions": _questions(session, person_id),
        "appointments": appointments.told_of(session, person_id),
        "events": signups.told_of(session, person_id),
        "handoffs": [entry for one in identities for entry in _handoffs(session, one.id)],
    }


def erase(session: Session, person_id: int, now: datetime) -> None:
    """Everything of a person, on every channel. Only the fact that it was erased stays, without a name."""
    session.execute(delete(Question).where(Question.person_id == person_id))
    marks = session.execute(select(Identity.address_mark).where(Identity.person_id == person_id)).scalars()
    leftovers.forget(session, marks.all())
    notices = old_deliveries.notices_of(session, person_id)
    session.execute(delete(Person).where(Person.id == person_id))  # whatever hangs on it goes along
    old_deliveries.forget_notices(session, notices)
    audit.record(session, f"person:{person_id}", "privacy.erase", f"person:{person_id}", now)


def expire(session: Session, now: datetime, conversation_days: int, question_days: int) -> int:
    """Forgets what is older than its time. How many rows went."""
    said_before, asked_before = now - timedelta(days=conversation_days), now - timedelta(days=question_days)
    gone = (
        delete(SeenUpdate).where(SeenUpdate.received_at < said_before),
        delete(PushedMessage).where(PushedMessage.pushed_at < said_before),
        delete(Question).where(Question.asked_at < asked_before),
        delete(Handoff).where(Handoff.asked_at < asked_before, Handoff.status != "open"),
    )
    waited = leftovers.forget_done(session, now, said_before) + windows.forget_closed(session, now)
    waited += linking.forget(session, now) + old_deliveries.forget_settled(session, said_before)
    waited += arrivals.forget(session, now)
    return waited + sum(changed(session.execute(one)) for one in gone)


def _identity(session: Session, identity: Identity) -> dict[str, Any]:
    return {
        "channel": identity.channel,
        "address": vault_in(session).open(identity.sealed_address),
        "language": identity.language,
        "known_since": identity.created_at.isoformat(),
        "left_at": identity.left_at.isoformat() if identity.left_at else None,
        "said": [
            {
                "at": one.at.isoformat(),
                "said": one.said,
                "answered": [pack(message)["text"] for message in one.messages],
            }
            for one in history(session, identity.id, _ALL)
        ],
    }


def _subscriptions(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.execute(select(Subscription).where(Subscription.person_id == person_id)).scalars()
    return [
        {
            "topic": one.topic,
            "channel": one.channel,
            "given_at": one.given_at.isoformat(),
            "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
        }
        for one in rows
    ]


def _silence(session: Session, person_id: int) -> dict[str, Any] | None:
    asked = session.get(Silence, person_id)
    return {"channel": asked.channel, "since": asked.since.isoformat()} if asked else None


def _questions(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.execute(select(Question).where(Question.person_id == person_id)).scalars()
    return [
        {
            "at": one.asked_at.isoformat(),
            "text": vault_in(session).open(one.sealed_text),
            "outcome": one.outcome,
            "rating": one.rating,
        }
        for one in rows
    ]


def _handoffs(session: Session, identity_id: int) -> list[dict[str, Any]]:
    rows = session.execute(select(Handoff).where(Handoff.identity_id == identity_id)).scalars()
    return [
        {
            "at": one.asked_at.isoformat(),
            "about": vault_in(session).open(one.sealed_about),
            "status": one.status,
        }
        for one in rows
    ]
