"""What the office writes to people unasked: offers, reminders, changes it had to make."""

from datetime import datetime, time

from sqlalchemy.orm import Session

from db.booking import Offer, Slot, WaitlistEntry
from services import delivery, subscriptions
from services.appointments import Booked, shown_code
from services.booking_desk import BookingDesk
from services.cycles import Service
from services.messaging import Button, Message
from services.opening_notices import TOPIC
from services.spoken import spoken_day, spoken_moment, spoken_span


def offered(session: Session, desk: BookingDesk, offer_id: int, now: datetime) -> None:
    offer = session.get_one(Offer, offer_id, populate_existing=True)
    slot, person_id = session.get_one(Slot, offer.slot_id), _waiting_person(session, offer)
    buttons = (
        _button(desk, "accept_offer", f"book.accept:{offer_id}"),
        _button(desk, "decline_offer", f"book.decline:{offer_id}"),
    )
    text = desk.texts.say(
        "booking/offered",
        when=spoken_span(slot.starts_at, slot.ends_at, desk.plan.zone),
        until=spoken_moment(offer.expires_at, desk.plan.zone),
        visit=slot.service == Service.VISIT,
    )
    _send(
        session, desk, "offer", f"offer:{offer_id}", person_id, Message(text, buttons), offer.expires_at, now
    )


def offer_lapsed(session: Session, desk: BookingDesk, offer_id: int, now: datetime) -> None:
    offer = session.get_one(Offer, offer_id, populate_existing=True)
    slot, entry = session.get_one(Slot, offer.slot_id), session.get_one(WaitlistEntry, offer.entry_id)
    text = desk.texts.say("booking/offer_lapsed", day=spoken_day(slot.day))
    buttons = (
        _button(desk, "wait_again", f"book.join:{entry.tier}:{entry.kind}:{entry.day}"),
        _button(desk, "book", "book"),
    )
    _send(
        session,
        desk,
        "offer_lapsed",
        f"offer:{offer_id}",
        entry.person_id,
        Message(text, buttons),
        slot.starts_at,
        now,
    )


def line_closed(session: Session, desk: BookingDesk, entry_id: int, now: datetime) -> None:
    entry = session.get_one(WaitlistEntry, entry_id, populate_existing=True)
    text = desk.texts.say("booking/line_closed", day=spoken_day(entry.day))
    until = desk.plan.moment(entry.day, time(18))
    buttons = (_button(desk, "book", "book"), *_tell_opening(session, desk, entry.person_id))
    message = Message(text, buttons)
    _send(session, desk, "line_closed", f"entry:{entry_id}", entry.person_id, message, until, now)


def remind(
    session: Session, desk: BookingDesk, booked: Booked, kind: str, until: datetime, now: datetime
) -> None:
    text = desk.texts.say(
        f"booking/remind_{kind}",
        when=spoken_span(booked.starts_at, booked.ends_at, desk.plan.zone),
        visit=booked.service is Service.VISIT,
        place=booked.place,
        address=desk.address,
        code=shown_code(booked.code),
    )
    message = Message(text, (_mine(desk),))
    _send(session, desk, f"remind_{kind}", _reminded(booked), booked.person_id, message, until, now)


def silence(session: Session, booked: Booked, now: datetime) -> None:
    """Reminders of a time that does not hold any more, and have not gone out."""
    for kind in ("day", "hours"):
        delivery.withdraw(session, f"booking.remind_{kind}", _reminded(booked), now)


def silence_offer(session: Session, offer_id: int, now: datetime) -> None:
    delivery.withdraw(session, "booking.offer", f"offer:{offer_id}", now)


def moved_by_office(
    session: Session, desk: BookingDesk, before: Booked, after: Booked, now: datetime
) -> None:
    """With a tap to take another time or to cancel."""
    text = desk.texts.say(
        "booking/moved_by_office",
        before=spoken_span(before.starts_at, before.ends_at, desk.plan.zone),
        after=spoken_span(after.starts_at, after.ends_at, desk.plan.zone),
        visit=after.service is Service.VISIT,
    )
    buttons = (
        _button(desk, "keep_time", "book.mine"),
        _button(desk, "move", f"book.move:{after.id}:{after.version}"),
        _button(desk, "cancel_appointment", f"book.cancel:{after.id}:{after.version}"),
    )
    _changed(session, desk, "moved_by_office", after, Message(text, buttons), now)


def cancelled_by_office(session: Session, desk: BookingDesk, before: Booked, now: datetime) -> None:
    """Where the office found no other time."""
    when = spoken_span(before.starts_at, before.ends_at, desk.plan.zone)
    buttons = (_button(desk, "book", "book"), *_tell_opening(session, desk, before.person_id))
    message = Message(desk.texts.say("booking/cancelled_by_office", when=when), buttons)
    _changed(session, desk, "cancelled_by_office", before, message, now)


def issued(session: Session, desk: BookingDesk, booked: Booked, now: datetime) -> None:
    """With a tap to hear when booking opens again, for whenever it has to be renewed."""
    assert booked.valid_until is not None
    text = desk.texts.say("booking/issued", valid_until=spoken_day(booked.valid_until))
    buttons = (_mine(desk), *_tell_opening(session, desk, booked.person_id))
    _changed(session, desk, "issued", booked, Message(text, buttons), now)


def documents_missing(
    session: Session, desk: BookingDesk, booked: Booked, documents: str, now: datetime
) -> None:
    text = desk.texts.say("booking/documents_missing", documents=documents)
    _changed(session, desk, "documents_missing", booked, Message(text, (_mine(desk),)), now)


def _changed(
    session: Session, desk: BookingDesk, reason: str, booked: Booked, message: Message, now: datetime
) -> None:
    subject = f"appointment:{booked.id}:{booked.version}"
    until = max(booked.starts_at, now) + desk.notice_useful
    _send(session, desk, reason, subject, booked.person_id, message, until, now)


def _send(
    session: Session,
    desk: BookingDesk,
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
            reason=f"booking.{reason}",
            subject=subject,
            person_id=person_id,
            message=message,
            due_at=now,
            useful_until=until,
            now=now,
        )


def _reminded(booked: Booked) -> str:
    return f"appointment:{booked.id}:{booked.slot_id}"


def _waiting_person(session: Session, offer: Offer) -> int | None:
    return session.get_one(WaitlistEntry, offer.entry_id).person_id


def _tell_opening(session: Session, desk: BookingDesk, person_id: int | None) -> tuple[Button, ...]:
    """Nothing for those who asked for it already."""
    if person_id is None or TOPIC in subscriptions.of(session, person_id):
        return ()
    return (_button(desk, "tell_opening", f"subscribe:{TOPIC}"),)


def _mine(desk: BookingDesk) -> Button:
    return _button(desk, "my_appointment", "book.mine")


def _button(desk: BookingDesk, name: str, choice: str) -> Button:
    return Button(desk.texts.label(f"buttons/{name}"), choice)
