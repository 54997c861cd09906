"""What is for colleagues only: to everybody else it is an unknown question, so that nobody learns it is there."""

from collections.abc import Callable
from functools import wraps

from handlers import policy, welcome
from handlers.turn import Handler, Turn
from services import staff
from services.messaging import Reply, UpdateKind
from services.staff import Colleague


def for_colleagues(handler: Callable[[Turn, Colleague], Reply]) -> Handler:
    """Only in a chat of their own, by the account that came in by its link."""

    @wraps(handler)
    def answer(turn: Turn) -> Reply:
        known = None if turn.update.public else staff.of_person(turn.session, turn.person_id)
        if known is not None:
            return handler(turn, known)
        match turn.update.kind:
            case UpdateKind.CHOICE:
                return welcome.stale(turn)
            case UpdateKind.JOIN | UpdateKind.SCAN:
                return welcome.greet(turn)
        return policy.answer(turn)

    return answer
