"""工作台: how colleagues come in by their one-time link, and what they may do. Nobody else learns that it is there."""

from handlers import welcome
from handlers.colleagues import for_colleagues
from handlers.turn import Turn
from services import staff, tries
from services.messaging import Reply, UpdateKind
from services.staff import BadInvitation, Colleague


def show(turn: Turn) -> Reply:
    """A scanned code brings the token along: `staff-TOKEN`."""
    scanned = turn.update.kind in (UpdateKind.JOIN, UpdateKind.SCAN)
    if scanned and turn.object:
        return _entered(turn, "-".join(turn.object))
    return _desk(turn)


def enter(turn: Turn) -> Reply:
    return _entered(turn, turn.object[0] if turn.object else "")


@for_colleagues
def _desk(turn: Turn, me: Colleague) -> Reply:
    button = turn.desk.button
    ways = (button("staff_campaigns", "staff.campaigns"), button("staff_events", "staff.events"))
    return turn.reply("staff/desk", *ways, button("menu"), who=me.name, role=me.role, in_place=True)


def _entered(turn: Turn, token: str) -> Reply:
    if turn.update.public:
        voided = staff.void(turn.session, token)
        return turn.reply("staff/token_seen") if voided else welcome.in_private(turn)
    if tries.too_many(turn.session, turn.identity_id, turn.now):
        return turn.reply("staff/too_many_tries")
    try:
        me = staff.redeem(turn.session, token, turn.person_id, turn.now)
    except BadInvitation:
        tries.note(turn.session, turn.identity_id, turn.now)
        return turn.reply("staff/bad_token", turn.desk.button("menu"))
    return turn.reply(
        "staff/entered", turn.desk.button("staff"), turn.desk.button("menu"), who=me.name, role=me.role
    )
