"""How an event is shown in the chat, how a place in it is confirmed, and how the office says no around it."""

from collections.abc import Sequence
from functools import wraps
from typing import Any

from db.events import Event, Signup
from handlers.refusals import spelled
from handlers.turn import Handler, Turn, number_in
from services import events, signups
from services.event_files import calendar_file
from services.event_notices import when_of
from services.event_terms import (
    EventFull,
    EventRefused,
    EventStatus,
    NoSuchEvent,
    NotSignedUp,
    PlaceGone,
    SignupStatus,
)
from services.event_ticks import REMIND
from services.messaging import Button, Message, Reply
from services.spoken import spoken_moment
from services.subscriptions import topic


def answering(handler: Handler) -> Handler:
    """A refusal is told in its own sentence, with a way on; an odd choice is told to be none."""

    @wraps(handler)
    def answer(turn: Turn) -> Reply:
        try:
            return handler(turn)
        except EventRefused as refused:
            return _refuse(turn, refused)
        except (ValueError, IndexError):
            return _refuse(turn, NoSuchEvent())

    return answer


def listed(turn: Turn, name: str, ahead: Sequence[Event], buttons: Sequence[Button], **more: Any) -> Reply:
    shown = [
        {
            "title": one.title,
            "when": when_of(turn.desk.events, one),
            "place": one.place,
            "left": one.capacity - one.taken,
            "over": one.sign_up_until <= turn.now,
            "mine": _state(turn, mine_of(turn, one)),
        }
        for one in ahead
    ]
    to_cards = [turn.desk.named(one.title, turn.led_on(f"event:{one.id}")) for one in ahead]
    return turn.reply(name, *to_cards, *buttons, shown=shown, **more)


def card(turn: Turn, event: Event) -> Reply:
    mine = mine_of(turn, event) if event.status != EventStatus.CANCELLED else None
    return turn.reply(
        "event/card",
        *ways(turn, event, mine),
        turn.desk.button("events"),
        turn.desk.button("menu"),
        title=event.title,
        series=topic(event.series).label,
        mine=_state(turn, mine),
        when=when_of(turn.desk.events, event),
        place=event.place,
        audience=event.audience,
        status=event.status,
        over=event.sign_up_until <= turn.now,
        left=event.capacity - event.taken,
        until=spoken_moment(event.sign_up_until, turn.desk.zone),
        text=event.text,
        page=turn.desk.events.page_of(event.id),
        map_url=event.map_url,
    )


def signed(turn: Turn, event_id: int) -> Reply:
    """The place is theirs: said with the entry for their calendar, while it is still ahead."""
    event, desk = events.public(turn.session, event_id), turn.desk.events
    mine = mine_of(turn, event)
    if mine is None or mine.status != SignupStatus.SIGNED_UP or not _is_ahead(turn, event):
        return card(turn, event)
    text = turn.say(
        "event/signed_up",
        title=event.title,
        when=when_of(desk, event),
        place=event.place,
        reminded=event.starts_at - REMIND > turn.now,
        reached=turn.reached,
    )
    buttons = (
        turn.desk.button("event_leave", f"event.leave:{event_id}"),
        turn.desk.button("events"),
        turn.desk.button("menu"),
    )
    return Reply((Message(text, buttons, (calendar_file(desk, event, turn.now),)),))


def mine_of(turn: Turn, event: Event) -> Signup | None:
    """Where others read along, nothing of one's own is told."""
    if turn.update.public:
        return None
    found = signups.of(turn.session, event.id, turn.person_id)
    told = found is not None and (
        SignupStatus(found.status).has_place or found.status == SignupStatus.WAITING
    )
    return found if told else None


def _is_ahead(turn: Turn, event: Event) -> bool:
    return event.status == EventStatus.PUBLISHED and event.ends_at > turn.now


def _state(turn: Turn, mine: Signup | None) -> str:
    if mine is None:
        return ""
    if mine.status == SignupStatus.WAITING:
        return turn.say("event/state_waiting", before=signups.before(turn.session, mine))
    if mine.status == SignupStatus.OFFERED and mine.offer_until:
        return turn.say("event/state_offered", until=spoken_moment(mine.offer_until, turn.desk.zone))
    return turn.say(f"event/state_{mine.status}")


def ways(turn: Turn, event: Event, mine: Signup | None) -> list[Button]:
    if not _is_ahead(turn, event):
        return []
    button, number = turn.desk.button, event.id
    if mine is None:
        if event.sign_up_until <= turn.now:
            return []
        if event.taken >= event.capacity:
            return [button("event_wait", f"event.wait:{number}")]
        return [button("event_sign_up", turn.led_on(f"event.join:{number}"))]
    match SignupStatus(mine.status):
        case SignupStatus.OFFERED:
            return [
                button("event_accept", f"event.accept:{number}"),
                button("event_decline", f"event.leave:{number}"),
            ]
        case SignupStatus.WAITING:
            return [button("event_leave_line", f"event.leave:{number}")]
        case SignupStatus.SIGNED_UP:
            checkin = turn.now >= event.starts_at - turn.desk.events.doors
            return [button("event_checkin", "checkin")] * checkin + [
                button("event_leave", f"event.leave:{number}")
            ]
    return []


def _refuse(turn: Turn, refused: EventRefused) -> Reply:
    """EventFull is told by event/no_event_full, with the line as its next step. Of a cancelled one, that it is."""
    found = _spoken_of(turn)
    if found is not None and (found.status == EventStatus.CANCELLED or _still_theirs(turn, refused, found)):
        return card(turn, found)
    first = []
    may_wait = found is not None and _is_ahead(turn, found) and found.sign_up_until > turn.now
    if isinstance(refused, EventFull | PlaceGone) and may_wait:
        first = [turn.desk.button("event_wait", f"event.wait:{turn.object[0]}")]
    return turn.reply(
        f"event/no{spelled(type(refused))}", *first, turn.desk.button("events"), turn.desk.button("menu")
    )


def _still_theirs(turn: Turn, refused: EventRefused, event: Event) -> bool:
    """Who waits or is there already hears where they stand, not that there is nothing of theirs."""
    mine = mine_of(turn, event)
    stands = mine is not None and mine.status in (SignupStatus.WAITING, SignupStatus.ATTENDED)
    return stands and isinstance(refused, PlaceGone | NotSignedUp)


def _spoken_of(turn: Turn) -> Event | None:
    try:
        return events.public(turn.session, number_in(turn))
    except (NoSuchEvent, ValueError, IndexError):
        return None
