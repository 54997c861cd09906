"""签到: at the door of an event, by its scanned picture or the six digits beneath it."""

from handlers.event_cards import answering, number_in
from handlers.turn import Turn
from services import checkins, events, signups
from services.messaging import Reply, Step


@answering
def check_in(turn: Turn) -> Reply:
    """Scanned: the event and its code. Typed alone, it asks for the code."""
    if not turn.object:
        return _ask(turn, "event/type_code")
    number = number_in(turn)
    if checkins.event_of(turn.session, turn.desk.events, turn.object[1], turn.now) != number:
        return _ask(turn, "event/wrong_code")
    return _come_in(turn, number)


@answering
def take_code(turn: Turn) -> Reply:
    typed = "".join(one for one in turn.text if one.isdigit())
    number = checkins.event_of(turn.session, turn.desk.events, typed, turn.now)
    return _ask(turn, "event/wrong_code") if number is None else _come_in(turn, number)


def _come_in(turn: Turn, number: int) -> Reply:
    signups.check_in(turn.session, turn.desk.events, number, turn.person_id, turn.now)
    title = events.public(turn.session, number).title
    return turn.reply("event/checked_in", turn.desk.button("events"), turn.desk.button("menu"), title=title)


def _ask(turn: Turn, said: str) -> Reply:
    return turn.reply(said, turn.desk.button("events"), turn.desk.button("cancel"), step=Step(checkins.STEP))
