"""What is kept of a person: shown, handed out, erased."""

import json

from handlers.turn import Turn
from services import booking, privacy, signups
from services.messaging import Attachment, Message, Reply


def show(turn: Turn) -> Reply:
    desk = turn.desk
    buttons = (
        desk.button("subscriptions"),
        desk.button("link"),
        desk.button("export"),
        desk.button("erase"),
        desk.button("menu"),
    )
    return turn.reply("privacy/kept", *buttons, days=desk.conversation_days, office=desk.office)


def export(turn: Turn) -> Reply:
    kept = privacy.export(turn.session, turn.person_id, turn.now)
    content = json.dumps(kept, ensure_ascii=False, indent=2).encode()
    file = Attachment(turn.say("privacy/file_name"), "application/json", content)
    buttons = (turn.desk.button("erase"), turn.desk.button("menu"))
    return Reply((Message(turn.say("privacy/exported"), buttons, (file,)),))


def ask_to_erase(turn: Turn) -> Reply:
    """Asked once more, since it cannot be undone."""
    desk = turn.desk
    return turn.reply(
        "privacy/sure", desk.button("erase_now", "erase.now"), desk.button("export"), desk.button("menu")
    )


def erase(turn: Turn) -> Reply:
    booking.forget(
        turn.session, turn.desk.booking, turn.person_id, turn.now
    )  # seats and places go to others first
    signups.forget(turn.session, turn.desk.events, turn.person_id, turn.now)
    privacy.erase(turn.session, turn.person_id, turn.now)
    turn.forgotten = True
    return turn.reply("privacy/erased", turn.desk.button("menu"))
