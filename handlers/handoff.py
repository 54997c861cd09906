"""转人工: the wish to go on with a colleague is kept, and people are told when somebody answers."""

from handlers.turn import Turn
from services import handoffs
from services.messaging import Reply, Step


def ask(turn: Turn) -> Reply:
    """What was asked before goes along, so that nobody has to say it twice."""
    handoffs.ask(turn.session, turn.identity_id, turn.topic, turn.now)
    return turn.reply(
        "handoff/noted",
        turn.desk.button("handoff_more", "handoff.more"),
        turn.desk.button("menu"),
        office_hours=turn.desk.office_hours,
        about=turn.topic,
    )


def add_more(turn: Turn) -> Reply:
    """Asks for the words to add; the next text is taken as such."""
    return turn.reply("handoff/go_ahead", turn.desk.button("cancel"), step=Step("handoff.more"))


def take_more(turn: Turn) -> Reply:
    if not handoffs.add(turn.session, turn.identity_id, turn.text):
        handoffs.ask(turn.session, turn.identity_id, turn.text, turn.now)
    return turn.reply(
        "handoff/added",
        turn.desk.button("handoff_more", "handoff.more"),
        turn.desk.button("menu"),
        office_hours=turn.desk.office_hours,
    )
