"""Waiting for a full day: joining, leaving, taking what is offered or not."""

from datetime import date

from handlers import booking as choosing
from handlers import booking_details
from handlers.refusals import answering
from handlers.turn import Turn
from services import holds, offers, waitlist
from services.booking_terms import Changed, Kind, Tier
from services.messaging import Button, Reply
from services.spoken import spoken_day, spoken_moment


@answering
def join(turn: Turn) -> Reply:
    tier, kind, day = Tier(turn.object[0]), Kind(turn.object[1]), date.fromisoformat(turn.object[2])
    try:
        entry_id = waitlist.join(turn.session, turn.person_id, day, tier, kind, turn.now)
    except Changed:  # a seat came free meanwhile
        back = turn.desk.button("back", f"book.kind:{tier}:{kind}")
        return choosing.times(turn, tier, kind, day, lambda slot: f"book.slot:{slot}:{tier}:{kind}", back)
    entry = next(one for one in waitlist.entries_of(turn.session, turn.person_id) if one.id == entry_id)
    return turn.reply(
        "booking/joined",
        turn.desk.button("leave_line", f"book.leave:{entry_id}"),
        turn.desk.button("menu"),
        day=spoken_day(day),
        place=waitlist.place_in_line(turn.session, entry),
        minutes=turn.desk.booking.plan.offer_minutes,
        reached=turn.reached,
    )


@answering
def leave(turn: Turn) -> Reply:
    waitlist.leave(turn.session, turn.desk.booking, turn.person_id, int(turn.object[0]), turn.now)
    return turn.reply("booking/left", turn.desk.button("book"), turn.desk.button("menu"))


@answering
def accept(turn: Turn) -> Reply:
    """The seat is held from here on, for the usual minutes."""
    hold_id = holds.accept(turn.session, turn.desk.booking, turn.person_id, int(turn.object[0]), turn.now)
    return booking_details.go_on(turn, holds.find(turn.session, turn.person_id, hold_id, turn.now))


@answering
def decline(turn: Turn) -> Reply:
    waitlist.decline(turn.session, turn.desk.booking, turn.person_id, int(turn.object[0]), turn.now)
    return turn.reply("booking/declined", turn.desk.button("book"), turn.desk.button("menu"))


def waiting_lines(turn: Turn) -> tuple[list[str], list[Button]]:
    """For 我的预约: each line somebody stands in, with its buttons."""
    said, buttons = [], []
    zone = turn.desk.booking.plan.zone
    for entry in waitlist.entries_of(turn.session, turn.person_id):
        offer = offers.open_offer(turn.session, entry.id)
        day = spoken_day(entry.day)
        if offer is not None:
            until = spoken_moment(offer.expires_at, zone)
            said.append(turn.say("booking/line_offered", day=day, until=until))
            buttons.append(turn.desk.button("accept_offer", f"book.accept:{offer.id}"))
            buttons.append(turn.desk.button("decline_offer", f"book.decline:{offer.id}"))
        else:
            place = waitlist.place_in_line(turn.session, entry)
            said.append(turn.say("booking/line_waiting", day=day, place=place))
            buttons.append(turn.desk.button("leave_line", f"book.leave:{entry.id}"))
    return said, buttons
