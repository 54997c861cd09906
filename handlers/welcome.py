"""Hello, the menu, help, and what is said when nothing else fits."""

from handlers.turn import Turn
from services import staff
from services.messaging import Button, Reply

MENU = ("ask", "book", "events", "handoff", "privacy", "help")  # routes, in the order of their buttons


def greet(turn: Turn) -> Reply:
    """One screen: what this does, what it keeps and why, and where to begin."""
    desk, turn.greeted = turn.desk, True
    return turn.reply("welcome/greeting", *_menu(turn), office=desk.office, days=desk.conversation_days)


def menu(turn: Turn) -> Reply:
    return turn.reply("welcome/menu", *_menu(turn), in_place=True)


def help(turn: Turn) -> Reply:
    return turn.reply(
        "welcome/help", *_menu(turn), office=turn.desk.office, office_hours=turn.desk.office_hours
    )


def cancel(turn: Turn) -> Reply:
    said = "welcome/cancelled" if turn.step else "welcome/nothing_to_cancel"
    return turn.reply(said, *_menu(turn))


def stale(turn: Turn) -> Reply:
    """A button whose route is gone: the menu, fresh."""
    return turn.reply("welcome/stale", *_menu(turn))


def cannot_read(turn: Turn) -> Reply:
    """Voice, pictures, files: said openly, with a way on."""
    return turn.reply(
        "welcome/cannot_read", turn.desk.button("handoff"), turn.desk.button("menu"), step=turn.step
    )


def in_private(turn: Turn) -> Reply:
    return turn.reply("welcome/in_private")


def leave(turn: Turn) -> Reply:
    return Reply(next_step=turn.step)


def _menu(turn: Turn) -> tuple[Button, ...]:
    """Colleagues see their own entry first."""
    buttons = tuple(turn.desk.button(name) for name in MENU)
    if turn.update.public or not staff.is_colleague(turn.session, turn.person_id):
        return buttons
    return (turn.desk.button("staff"), *buttons)
