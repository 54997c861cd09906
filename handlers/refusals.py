"""How the office says no to an appointment: each refusal in its own sentence, with a way on."""

from functools import wraps

from handlers.turn import Handler, Turn
from services import appointments
from services.booking_terms import NotFound, Refused
from services.messaging import Reply


def answering(handler: Handler) -> Handler:
    """A refusal of the office is told in its own sentence, with a way on; an odd choice is told to be none."""

    @wraps(handler)
    def answer(turn: Turn) -> Reply:
        try:
            return handler(turn)
        except Refused as refused:
            return refuse(turn, refused)
        except (ValueError, IndexError):
            return refuse(turn, NotFound())

    return answer


def refuse(turn: Turn, refused: Refused) -> Reply:
    buttons = [turn.desk.button("my_appointment", "book.mine"), turn.desk.button("handoff")]
    if appointments.open_of(turn.session, turn.person_id) is None:
        buttons[0] = turn.desk.button("book")
    return turn.reply(f"booking/no{spelled(type(refused))}", *buttons)


def spelled(refused: type[Exception]) -> str:
    """SlotTaken is told by booking/no_slot_taken: `_slot_taken`."""
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in refused.__name__)
