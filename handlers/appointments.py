"""我的预约: how it stands, moving it, cancelling it."""

from datetime import date

from handlers import booking as choosing
from handlers import subscription
from handlers.booking_details import confirmed, go_on, when_of
from handlers.refusals import answering
from handlers.turn import Turn
from handlers.waitlist import waiting_lines
from services import appointments, availability, booking, holds
from services.appointments import Booked, shown_code
from services.booking_files import calendar_file
from services.booking_terms import AppointmentStatus, SlotTaken
from services.cycles import Service
from services.messaging import Button, Message, Reply
from services.spoken import spoken_day


@answering
def show(turn: Turn) -> Reply:
    mine = appointments.latest_of(turn.session, turn.person_id)
    lines, line_buttons = waiting_lines(turn)
    if mine is None:
        return turn.reply(
            "booking/none", *line_buttons, turn.desk.button("book"), turn.desk.button("menu"), lines=lines
        )
    return turn.reply(
        "booking/mine",
        *_own_buttons(turn, mine),
        *line_buttons,
        turn.desk.button("menu"),
        status=mine.status,
        when=when_of(turn, mine),
        visit=mine.service is Service.VISIT,
        address=turn.desk.booking.address,
        place=mine.place,
        tier=mine.tier,
        tier_confirmed=mine.tier_confirmed,
        kind=mine.kind,
        code=shown_code(mine.code),
        late=mine.change_until <= turn.now,
        lacking=appointments.lacking_of(turn.session, mine.id),
        valid_until=spoken_day(mine.valid_until) if mine.valid_until else "",
        lines=lines,
    )


@answering
def ask_to_cancel(turn: Turn) -> Reply:
    mine = _changeable(turn)
    sure = turn.desk.button("cancel_now", f"book.cancel.now:{mine.id}:{mine.version}")
    keep = turn.desk.button("keep", "book.mine")
    return turn.reply("booking/cancel_sure", sure, keep, when=when_of(turn, mine))


@answering
def cancel(turn: Turn) -> Reply:
    mine = _changeable(turn)
    done = booking.cancel(turn.session, turn.desk.booking, turn.person_id, mine.id, mine.version, turn.now)
    file = calendar_file(turn.desk.booking, done, turn.now)
    text = turn.say("booking/cancelled", when=when_of(turn, done))
    buttons = (turn.desk.button("book"), *subscription.tell_opening(turn), turn.desk.button("menu"))
    return Reply((Message(text, buttons, (file,)),))


@answering
def move(turn: Turn) -> Reply:
    """The days to move to, for the same tier."""
    mine = _changeable(turn)
    back = turn.desk.button("back", "book.mine")
    choice = f"book.move.day:{mine.id}:{mine.version}"
    return choosing.days(turn, mine.tier, mine.kind, lambda day: f"{choice}:{day}", back)


@answering
def move_to_day(turn: Turn) -> Reply:
    mine, day = _changeable(turn), date.fromisoformat(turn.object[2])
    return _times(turn, mine, day, "booking/which_time")


@answering
def move_to_time(turn: Turn) -> Reply:
    """The new seat is held; the old one stays until the move is confirmed."""
    mine, slot_id = _changeable(turn), int(turn.object[2])
    try:
        hold_id = holds.hold(
            turn.session, turn.desk.booking, turn.person_id, slot_id, mine.tier, mine.kind, turn.now
        )
    except SlotTaken:
        return _times(turn, mine, availability.day_of(turn.session, slot_id), "booking/just_taken")
    return go_on(turn, holds.find(turn.session, turn.person_id, hold_id, turn.now))


@answering
def move_now(turn: Turn) -> Reply:
    appointment_id, version, hold_id = map(int, turn.object)
    done = booking.move(
        turn.session, turn.desk.booking, turn.person_id, appointment_id, version, hold_id, turn.now
    )
    return confirmed(turn, done, "booking/moved")


def _times(turn: Turn, mine: Booked, day: date, said: str) -> Reply:
    back = turn.desk.button("back", f"book.move:{mine.id}:{mine.version}")
    choice = f"book.move.to:{mine.id}:{mine.version}"
    return choosing.times(turn, mine.tier, mine.kind, day, lambda slot: f"{choice}:{slot}", back, said)


def _changeable(turn: Turn) -> Booked:
    return booking.changeable(
        turn.session, turn.person_id, int(turn.object[0]), int(turn.object[1]), turn.now
    )


def _own_buttons(turn: Turn, mine: Booked) -> list[Button]:
    if mine.status is AppointmentStatus.BOOKED and mine.change_until > turn.now:
        return [
            turn.desk.button("move", f"book.move:{mine.id}:{mine.version}"),
            turn.desk.button("cancel_appointment", f"book.cancel:{mine.id}:{mine.version}"),
        ]
    if mine.status.is_open:
        return [turn.desk.button("handoff")]
    return [turn.desk.button("book")]
