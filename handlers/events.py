"""近期活动: the list, one event's card, a place in it taken, waited for and given up."""

from handlers.event_cards import answering, card, listed, mine_of, signed
from handlers.turn import Turn, number_in
from services import events, signups
from services.event_terms import SignupStatus
from services.messaging import Reply

_SHOWN = 8  # in one message; the page has all


def show(turn: Turn) -> Reply:
    ahead = events.upcoming(turn.session, turn.now)
    page = f"{turn.desk.base_url}/events" if turn.desk.base_url else ""
    buttons = [turn.desk.button("subscriptions"), turn.desk.button("menu")]
    if any(mine_of(turn, one) for one in ahead):
        buttons.insert(0, turn.desk.button("my_events", "event.mine"))
    more = max(0, len(ahead) - _SHOWN)
    return listed(turn, "event/list", ahead[:_SHOWN], buttons, more=more, page=page)


def show_mine(turn: Turn) -> Reply:
    ahead = [event for event, _ in signups.mine(turn.session, turn.person_id, turn.now)]
    buttons = [turn.desk.button("events"), turn.desk.button("menu")]
    return listed(turn, "event/mine", ahead, buttons)


@answering
def show_one(turn: Turn) -> Reply:
    return card(turn, events.public(turn.session, number_in(turn)))


@answering
def join(turn: Turn) -> Reply:
    number = number_in(turn)
    known = signups.of(turn.session, number, turn.person_id)
    if known is not None and SignupStatus(known.status) is SignupStatus.OFFERED:
        return accept(turn)
    signups.sign_up(turn.session, number, turn.person_id, turn.now, turn.campaign)
    return signed(turn, number)


@answering
def wait(turn: Turn) -> Reply:
    number = number_in(turn)
    place = signups.join_line(turn.session, number, turn.person_id, turn.now)
    if SignupStatus(place.status) is SignupStatus.SIGNED_UP:  # one came free meanwhile
        return signed(turn, number)
    if SignupStatus(place.status) is not SignupStatus.WAITING:
        return card(turn, events.public(turn.session, number))
    return turn.reply(
        "event/joined_line",
        turn.desk.button("event_leave_line", f"event.leave:{number}"),
        turn.desk.button("events"),
        before=signups.before(turn.session, place),
        reached=turn.reached,
    )


@answering
def leave(turn: Turn) -> Reply:
    """A place that is theirs is asked about once more; a place in line or an offer is not."""
    number = number_in(turn)
    event, place = events.public(turn.session, number), signups.of(turn.session, number, turn.person_id)
    if place is None or SignupStatus(place.status) is not SignupStatus.SIGNED_UP:
        return leave_now(turn)
    return turn.reply(
        "event/leave_sure",
        turn.desk.button("event_leave_now", f"event.leave.now:{number}"),
        turn.desk.button("event_keep", f"event:{number}"),
        title=event.title,
    )


@answering
def leave_now(turn: Turn) -> Reply:
    number = number_in(turn)
    signups.give_up(turn.session, turn.desk.events, number, turn.person_id, turn.now)
    title = events.public(turn.session, number).title
    return turn.reply("event/left", turn.desk.button("events"), turn.desk.button("menu"), title=title)


@answering
def accept(turn: Turn) -> Reply:
    number = number_in(turn)
    signups.accept(turn.session, number, turn.person_id, turn.now)
    return signed(turn, number)


@answering
def rate(turn: Turn) -> Reply:
    number, stars = number_in(turn), int(turn.object[1])
    signups.rate(turn.session, number, turn.person_id, stars)
    more = (turn.desk.button("handoff"),) if stars <= 3 else ()
    return turn.reply("event/rated", *more, turn.desk.button("events"), stars=stars)
