"""签到: at the door of an event, by its scanned picture or the six digits beneath it."""

import unicodedata
from dataclasses import replace

from db.session import vault_in
from handlers import policy
from handlers.event_cards import answering
from handlers.turn import Turn, number_in
from services import checkins, events, signups
from services.messaging import Reply, Step

_LIKE_A_CODE = (5, 6, 7)  # digits, among other words


@answering
def check_in(turn: Turn) -> Reply:
    """Scanned: the event and its code. Typed: the code, or the word alone, which asks for it."""
    match turn.object:
        case ():
            return _ask(turn, "event/type_code")
        case (typed,):
            return _by_code(turn, typed)
    number = number_in(turn)
    if checkins.code_of(vault_in(turn.session), number) != turn.object[1]:
        return _ask(turn, "event/wrong_code")
    return _come_in(turn, number)


@answering
def take_code(turn: Turn) -> Reply:
    """What is not like a code is a question: answered while the code is still waited for."""
    text = unicodedata.normalize("NFKC", turn.text).strip()
    typed = "".join(one for one in text if one.isdigit())
    if not (text.isdigit() or len(typed) in _LIKE_A_CODE):
        answered = policy.answer(turn)
        return replace(answered, next_step=answered.next_step or turn.step)
    return _by_code(turn, typed)


def _by_code(turn: Turn, typed: str) -> Reply:
    number = checkins.event_of(turn.session, turn.desk.events, typed, turn.now)
    return _ask(turn, "event/wrong_code") if number is None else _come_in(turn, number)


def _come_in(turn: Turn, number: int) -> Reply:
    signups.check_in(turn.session, turn.desk.events, number, turn.person_id, turn.now)
    title = events.public(turn.session, number).title
    return turn.reply("event/checked_in", turn.desk.button("events"), turn.desk.button("menu"), title=title)


def _ask(turn: Turn, said: str) -> Reply:
    return turn.reply(said, turn.desk.button("events"), turn.desk.button("cancel"), step=Step(checkins.STEP))
