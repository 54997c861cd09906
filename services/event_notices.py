"""What is written about events unasked: to subscribers of the series, to who comes or waits, to who may publish it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaigns import Campaign
from db.events import Event, Signup
from services import campaign_rewording, campaign_runs, campaigns, delivery, hands
from services.campaign_terms import NotInThatState
from services.campaigns import TICK, Draft
from services.event_terms import EventDesk, SignupStatus
from services.messaging import Button, Message
from services.spoken import spoken_moment, spoken_span
from services.staff import Role
from services.staff_notices import tell_colleagues

_COMING = (SignupStatus.SIGNED_UP, SignupStatus.OFFERED, SignupStatus.WAITING, SignupStatus.ATTENDED)
_LATER = timedelta(days=3)  # how long after it a word about it is still of use


def to_subscribers(session: Session, desk: EventDesk, event: Event, now: datetime) -> None:
    """A campaign of its own: its words come with the release, what they speak of was approved just now."""
    draft = _announcement(desk, event, now)
    made = campaigns.create(session, draft, TICK, now, origin=_origin(event))
    if made is not None:
        campaigns.approve_at_once(session, desk.campaigns, made, TICK, now)


def to_reviewers(session: Session, desk: EventDesk, event: Event, now: datetime) -> int:
    """Those who may publish it. How many are told."""
    text = desk.texts.say("event/to_review", title=event.title)
    message = Message(text, (_button(desk, "staff_event_show", f"staff.event:{event.id}"),))
    about = f"event:{event.id}"
    but = {event.author, event.submitted_by} | hands.of(session, about)
    return tell_colleagues(
        session, message, reason="event.to_review", about=about, now=now, role=Role.REVIEWER, but=but
    )


def reworded(session: Session, desk: EventDesk, event: Event, by: str, now: datetime) -> None:
    """Subscribers who have not heard of it yet hear of it as it is now; once sign-up is over, nothing."""
    for campaign in _announced(session, event):
        if event.sign_up_until > now:
            draft = _announcement(desk, event, campaign.send_at)
            campaign_rewording.reword(session, desk.campaigns, campaign.id, draft, now)
        else:
            _call_off(session, campaign, by, now)


def changed(session: Session, desk: EventDesk, event: Event, before: str, now: datetime) -> None:
    """`before`: its title until now. Each hears where they stand in it."""
    for signup in _coming(session, event):
        silence(session, signup, event.version, now)
        until = spoken_moment(signup.offer_until, desk.zone) if signup.offer_until else ""
        text = desk.texts.say(
            "event/changed",
            title=event.title,
            before=before,
            when=when_of(desk, event),
            place=event.place,
            stands=signup.status,
            until=until,
        )
        message = Message(text, _ways(desk, event, SignupStatus(signup.status)))
        subject = f"signup:{signup.id}:{event.version}"
        _send(session, desk, "event.changed", subject, signup.person_id, message, event.ends_at, now)


def cancelled(session: Session, desk: EventDesk, event: Event, by: str, now: datetime) -> None:
    """Subscribers who have not heard of it yet hear nothing."""
    for campaign in _announced(session, event):
        _call_off(session, campaign, by, now)
    text = desk.texts.say("event/cancelled", title=event.title, when=when_of(desk, event))
    message = Message(text, (_button(desk, "events", "events"),))
    until = max(event.ends_at, now) + _LATER
    for signup in _coming(session, event):
        silence(session, signup, event.version, now)
        subject = f"signup:{signup.id}:{event.version}"
        _send(session, desk, "event.cancelled", subject, signup.person_id, message, until, now)


def remind(session: Session, desk: EventDesk, event: Event, signup: Signup, now: datetime) -> None:
    text = desk.texts.say("event/remind", title=event.title, when=when_of(desk, event), place=event.place)
    subject = f"signup:{signup.id}:{event.version}"
    message = Message(text, _ways(desk, event, SignupStatus.SIGNED_UP))
    _send(session, desk, "event.remind", subject, signup.person_id, message, event.starts_at, now)


def offered(session: Session, desk: EventDesk, signup: Signup, now: datetime) -> None:
    event = session.get_one(Event, signup.event_id)
    assert signup.offer_until is not None
    until = spoken_moment(signup.offer_until, desk.zone)
    text = desk.texts.say("event/offered", title=event.title, when=when_of(desk, event), until=until)
    subject = f"signup:{signup.id}:{signup.offers}"
    message = Message(text, _ways(desk, event, SignupStatus.OFFERED))
    _send(session, desk, "event.offered", subject, signup.person_id, message, signup.offer_until, now)


def lapsed(session: Session, desk: EventDesk, signup: Signup, now: datetime) -> None:
    event = session.get_one(Event, signup.event_id)
    again = event.sign_up_until > now
    text = desk.texts.say("event/lapsed", title=event.title, again=again)
    wait = (_button(desk, "event_wait", f"event.wait:{event.id}"),) if again else ()
    message = Message(text, (*wait, _card(desk, event)))
    subject = f"signup:{signup.id}:{signup.offers}"
    _send(session, desk, "event.lapsed", subject, signup.person_id, message, event.starts_at, now)


def ask(session: Session, desk: EventDesk, event: Event, person_id: int | None, now: datetime) -> None:
    """How they liked it."""
    stars = tuple(
        _button(desk, f"stars_{stars}", f"event.rate:{event.id}:{stars}") for stars in range(5, 0, -1)
    )
    message = Message(desk.texts.say("event/ask", title=event.title), stars)
    _send(session, desk, "event.ask", f"event:{event.id}", person_id, message, event.ends_at + _LATER, now)


def silence(session: Session, signup: Signup, version: int, now: datetime) -> None:
    """What has not gone out yet: of an offer that was answered, of an event as it was up to `version`."""
    delivery.withdraw(session, "event.offered", f"signup:{signup.id}:{signup.offers}", now)
    for one in range(1, version + 1):
        for reason in ("event.remind", "event.changed"):
            delivery.withdraw(session, reason, f"signup:{signup.id}:{one}", now)


def when_of(desk: EventDesk, event: Event) -> str:
    """From one day to another, or within one."""
    first, last = (one.astimezone(desk.zone).date() for one in (event.starts_at, event.ends_at))
    if first == last:
        return spoken_span(event.starts_at, event.ends_at, desk.zone)
    return f"{spoken_moment(event.starts_at, desk.zone)}—{spoken_moment(event.ends_at, desk.zone)}"


def _announcement(desk: EventDesk, event: Event, send_at: datetime | None) -> Draft:
    text = desk.texts.say(
        "event/announced",
        title=event.title,
        text=event.text,
        when=when_of(desk, event),
        place=event.place,
        audience=event.audience,
        until=spoken_moment(event.sign_up_until, desk.zone),
        page=desk.page_of(event.id),
    )
    return Draft(
        title=event.title,
        text=text,
        buttons=(_button(desk, "event_sign_up", f"event.join:{event.id}"), _card(desk, event)),
        topic=event.series,
        send_at=send_at,
        useful_until=event.sign_up_until,
        join_until=event.sign_up_until,
    )


def _announced(session: Session, event: Event) -> Sequence[Campaign]:
    return session.execute(select(Campaign).where(Campaign.origin == _origin(event))).scalars().all()


def _call_off(session: Session, campaign: Campaign, by: str, now: datetime) -> None:
    with suppress(NotInThatState):  # everybody has heard of it
        campaign_runs.cancel(session, campaign.id, by, now)


def _coming(session: Session, event: Event) -> Sequence[Signup]:
    live = [status.value for status in _COMING]
    coming = select(Signup).where(Signup.event_id == event.id, Signup.status.in_(live)).order_by(Signup.id)
    return session.execute(coming.execution_options(populate_existing=True)).scalars().all()


def _ways(desk: EventDesk, event: Event, status: SignupStatus) -> tuple[Button, ...]:
    leave = f"event.leave:{event.id}"
    match status:
        case SignupStatus.OFFERED:
            accept = _button(desk, "event_accept", f"event.accept:{event.id}")
            return accept, _button(desk, "event_decline", leave)
        case SignupStatus.WAITING:
            return _card(desk, event), _button(desk, "event_leave_line", leave)
        case SignupStatus.SIGNED_UP:
            return _card(desk, event), _button(desk, "event_leave", leave)
    return (_card(desk, event),)


def _origin(event: Event) -> str:
    return f"event:{event.id}"


def _send(
    session: Session,
    desk: EventDesk,
    reason: str,
    subject: str,
    person_id: int | None,
    message: Message,
    until: datetime,
    now: datetime,
) -> None:
    if person_id is not None:
        desk.announce(
            session,
            reason=reason,
            subject=subject,
            person_id=person_id,
            message=message,
            due_at=now,
            useful_until=until,
            now=now,
        )


def _card(desk: EventDesk, event: Event) -> Button:
    return _button(desk, "event_card", f"event:{event.id}")


def _button(desk: EventDesk, name: str, choice: str) -> Button:
    return Button(desk.texts.label(f"buttons/{name}"), choice)
