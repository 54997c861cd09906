"""签到: at the door of an event, by its scanned picture or the six digits beneath it."""

import unicodedata
from dataclasses import replace

from db.session import vault_in
from handlers import policy
from handlers.event_cards import answering, mine_of, ways
from handlers.turn import Turn, number_in
from services import checkins, events, signups, tries
from services.event_terms import NotSignedUp
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
    checkins.check_door(turn.desk.events, events.public(turn.session, number), turn.now)
    right = checkins.code_of(vault_in(turn.session), number) == turn.object[1]
    return _tried(turn, number if right else None)


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
    return _tried(turn, checkins.event_of(turn.session, turn.desk.events, typed, turn.now))


def _tried(turn: Turn, number: int | None) -> Reply:
    """Six digits are soon guessed: whoever tries too often waits, and all who come new do while many are tried."""
    session, now = turn.session, turn.now
    if tries.too_many(session, turn.identity_id, now) or (
        tries.flooded(session, now)
        and not signups.placed_here(session, turn.desk.events, turn.person_id, now)
    ):
        return turn.reply("event/too_many_tries", turn.desk.button("events"), turn.desk.button("menu"))
    if number is None:
        tries.note(session, turn.identity_id, now)
        return _ask(turn, "event/wrong_code")
    return _come_in(turn, number)


def _come_in(turn: Turn, number: int) -> Reply:
    turn.object = (str(number),)  # what a refusal speaks of
    event, more = events.public(turn.session, number), (turn.desk.button("events"), turn.desk.button("menu"))
    try:
        signups.check_in(turn.session, turn.desk.events, number, turn.person_id, turn.now)
    except NotSignedUp:
        if mine_of(turn, event) is not None:
            raise
        return turn.reply("event/not_on_the_list", *ways(turn, event, None), *more, title=event.title)
    return turn.reply("event/checked_in", *more, title=event.title)


def _ask(turn: Turn, said: str) -> Reply:
    return turn.reply(said, turn.desk.button("events"), turn.desk.button("cancel"), step=Step(checkins.STEP))
