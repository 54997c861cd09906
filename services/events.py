"""Events of the office: drafted, reviewed and published by different accounts, changed, cancelled, found."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.events import Event
from db.session import changed, inserted
from services import audit, event_line, event_notices, event_ticks, hands, subscriptions
from services.event_terms import BadEvent, EventChanged, EventDesk, EventStatus, NoSuchEvent, NotYours
from services.messaging import Attachment
from services.staff import MACHINE, Colleague, Role

_event = table(Event)
_POSTERS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}  # and how such a file begins
_LONGEST = {"title": 120, "place": 120, "audience": 120, "text": 1_500}
_MOST_BYTES = 2_000_000
_IN_CALENDARS = timedelta(days=90)
_TELLING = ("title", "place", "starts_at", "ends_at")  # a change of these is told to everybody who comes


@dataclass(frozen=True)
class Draft:
    series: str  # a topic that is a series
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    sign_up_until: datetime
    capacity: int
    text: str = ""
    map_url: str = ""
    audience: str = ""
    poster: Attachment | None = None


def create(session: Session, draft: Draft, by: Colleague, now: datetime) -> int:
    _check_ahead(draft, now)
    values = {"status": EventStatus.DRAFT, "author": by.ref, "created_at": now, "changed_at": now}
    made = inserted(session.execute(insert(_event), {**values, **_values(draft)}))
    audit.record(session, by.ref, "event.create", f"event:{made}", now)
    return made


def edit(session: Session, event_id: int, draft: Draft, by: Colleague, now: datetime) -> None:
    """Before it is published. Whatever was submitted was something else: a draft again."""
    _check_ahead(draft, now)
    values = {**_values(draft), "status": EventStatus.DRAFT, "changed_at": now}
    before = update(_event).where(
        _event.c.id == event_id, _event.c.status.in_((EventStatus.DRAFT, EventStatus.REVIEW))
    )
    if changed(session.execute(before.values(**values, version=_event.c.version + 1))) == 0:
        raise EventChanged
    hands.note(session, f"event:{event_id}", by.ref)
    audit.record(session, by.ref, "event.edit", f"event:{event_id}", now)


def submit(session: Session, event_id: int, by: Colleague, now: datetime) -> None:
    if not by.role.at_least(Role.EDITOR):
        raise NotYours
    _move(session, event_id, EventStatus.DRAFT, EventStatus.REVIEW, submitted_by=by.ref, changed_at=now)
    audit.record(session, by.ref, "event.submit", f"event:{event_id}", now)


def publish(
    session: Session, desk: EventDesk, event_id: int, by: Colleague, seen: int, now: datetime
) -> None:
    """By an account that had no hand in it, or on the machine itself; `seen` is the version looked at."""
    event = find(session, event_id)
    at_once = by == MACHINE or not desk.campaigns.steps
    if not by.role.at_least(Role.EDITOR if at_once else Role.REVIEWER):
        raise NotYours
    if not at_once and by.ref in had_a_hand(session, event):
        raise NotYours
    if event.version != seen or event.sign_up_until <= now:
        raise EventChanged
    before = EventStatus(event.status) if at_once else EventStatus.REVIEW
    if before not in (EventStatus.DRAFT, EventStatus.REVIEW):
        raise EventChanged
    _move(session, event_id, before, EventStatus.PUBLISHED, seen, published_at=now, changed_at=now)
    audit.record(session, by.ref, "event.publish", f"event:{event_id}", now, {"version": seen})
    event_notices.to_subscribers(session, desk, find(session, event_id), now)


def had_a_hand(session: Session, event: Event) -> set[str]:
    """Who wrote on it or submitted it."""
    return {event.author, event.submitted_by} | hands.of(session, f"event:{event.id}")


def change(
    session: Session, desk: EventDesk, event_id: int, draft: Draft, by: Colleague, now: datetime
) -> None:
    """Of a published one. Everybody who comes or waits is told when time, place or title is another.

    Subscribers who have not heard of it yet hear of it as it is now.
    """
    if not by.role.at_least(Role.REVIEWER):
        raise NotYours
    event_line.line(session, event_id)
    event = find(session, event_id)
    if event.status != EventStatus.PUBLISHED:
        raise EventChanged
    values = _values(draft)
    if draft.ends_at <= now:
        raise BadEvent("past")
    if draft.capacity < event.taken:
        raise BadEvent("capacity")
    title = event.title
    telling = [name for name in _TELLING if getattr(event, name) != values[name]]
    here = update(_event).where(_event.c.id == event_id, _event.c.taken <= draft.capacity)
    if changed(session.execute(here.values(**values, version=event.version + 1, changed_at=now))) == 0:
        raise BadEvent("capacity")
    audit.record(session, by.ref, "event.change", f"event:{event_id}", now, {"version": event.version + 1})
    if "starts_at" in telling:
        event_line.begin_earlier(session, event_id, draft.starts_at)
        event_ticks.remind_anew(session, find(session, event_id), now)
    if telling:
        event_notices.changed(session, desk, find(session, event_id), title, now)
    event_notices.reworded(session, desk, find(session, event_id), by.ref, now)
    event_line.serve_line(session, desk, event_id, now)


def cancel(session: Session, desk: EventDesk, event_id: int, by: Colleague, now: datetime) -> None:
    """Everybody who comes or waits is told; no reminder, offer or announcement goes out any more."""
    if not by.role.at_least(Role.REVIEWER):
        raise NotYours
    event_line.line(session, event_id)
    _move(session, event_id, EventStatus.PUBLISHED, EventStatus.CANCELLED, changed_at=now)
    audit.record(session, by.ref, "event.cancel", f"event:{event_id}", now)
    event_notices.cancelled(session, desk, find(session, event_id), by.ref, now)
    event_line.end(session, event_id)


def find(session: Session, event_id: int) -> Event:
    found = session.get(Event, event_id, populate_existing=True)
    if found is None:
        raise NoSuchEvent
    return found


def public(session: Session, event_id: int) -> Event:
    """One that anybody may see: published, and whatever became of it."""
    found = find(session, event_id)
    if found.published_at is None:
        raise NoSuchEvent
    return found


def upcoming(session: Session, now: datetime) -> list[Event]:
    """Published ones that are not over, the next one first."""
    ahead = select(Event).where(Event.status == EventStatus.PUBLISHED, Event.ends_at > now)
    return list(session.execute(ahead.order_by(Event.starts_at, Event.id)).scalars())


def poster_of(event: Event) -> Attachment | None:
    """Within the event's own session: it is not read along with the event."""
    return Attachment("poster", event.poster_type, event.poster) if event.poster is not None else None


def latest(session: Session, limit: int = 10) -> list[Event]:
    """For staff: whatever state they are in."""
    return list(session.execute(select(Event).order_by(Event.id.desc()).limit(limit)).scalars())


def for_calendars(session: Session, now: datetime) -> list[Event]:
    """What people may have in their calendars, cancelled ones too; what is long over stays there by itself."""
    recent = now - _IN_CALENDARS
    shown = select(Event).where(Event.published_at.is_not(None), Event.ends_at > recent)
    return list(session.execute(shown.order_by(Event.starts_at, Event.id)).scalars())


def held_in(session: Session, desk: EventDesk, year: int) -> int:
    """Toward the year's goal."""
    first, after = (datetime(one, 1, 1, tzinfo=desk.zone) for one in (year, year + 1))
    held = (Event.status == EventStatus.HELD, Event.starts_at >= first, Event.starts_at < after)
    return session.execute(select(func.count()).select_from(Event).where(*held)).scalar_one()


def _move(
    session: Session,
    event_id: int,
    before: EventStatus,
    after: EventStatus,
    seen: int | None = None,
    **values: Any,
) -> None:
    """`seen`: only as this version."""
    there = update(_event).where(_event.c.id == event_id, _event.c.status == before)
    if seen is not None:
        there = there.where(_event.c.version == seen)
    if changed(session.execute(there.values(status=after, **values))) == 0:
        find(session, event_id)
        raise EventChanged


def _values(draft: Draft) -> dict[str, Any]:
    _check(draft)
    poster = draft.poster
    return {
        "series": draft.series,
        "title": draft.title.strip(),
        "text": draft.text.strip(),
        "place": draft.place.strip(),
        "map_url": draft.map_url,
        "audience": draft.audience.strip(),
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "sign_up_until": draft.sign_up_until,
        "capacity": draft.capacity,
        "poster": poster.content if poster else None,
        "poster_type": poster.type if poster else "",
    }


def _check_ahead(draft: Draft, now: datetime) -> None:
    """For what nobody has heard of yet."""
    if draft.starts_at <= now:
        raise BadEvent("past")
    if draft.sign_up_until <= now:
        raise BadEvent("deadline")


def _check(draft: Draft) -> None:
    for name, longest in _LONGEST.items():
        written = getattr(draft, name).strip()
        if len(written) > longest or not (written or name in ("audience", "text")):
            raise BadEvent(name)
    if draft.series not in [topic.name for topic in subscriptions.topics() if topic.series]:
        raise BadEvent("series")
    if not draft.starts_at < draft.ends_at:
        raise BadEvent("times")
    if draft.sign_up_until > draft.starts_at:
        raise BadEvent("deadline")
    if not 1 <= draft.capacity <= 100_000:
        raise BadEvent("capacity")
    if draft.map_url and not re.fullmatch(r"https://\S{1,290}", draft.map_url):
        raise BadEvent("link")
    if draft.poster and not _is_poster(draft.poster):
        raise BadEvent("poster")


def _is_poster(file: Attachment) -> bool:
    begins = _POSTERS.get(file.type)
    return begins is not None and file.content.startswith(begins) and len(file.content) <= _MOST_BYTES
