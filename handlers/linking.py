"""关联渠道: one person on several channels, by a code shown on the one and typed on the other."""

from handlers.turn import Turn
from services import delivery, linking
from services.linking import GOOD_FOR, Redeemed
from services.messaging import Message, Reply, Step

_STEP = "link.code"


def show(turn: Turn) -> Reply:
    """What is linked now, and the ways to link or part."""
    desk = turn.desk
    links = linking.links(turn.session, turn.person_id)
    others = [link for link in links if link.identity_id != turn.identity_id]
    part = [
        desk.button("link_off", f"link.off:{link.identity_id}", channel=_named(turn, link.channel))
        for link in others
    ]
    buttons = (desk.button("link_new", "link.new"), desk.button("link_enter", "link.enter"), *part)
    names = [_named(turn, link.channel) for link in others]
    return turn.reply("linking/shown", *buttons, desk.button("menu"), others=names)


def give_code(turn: Turn) -> Reply:
    code = linking.issue(turn.session, turn.person_id, turn.now)
    minutes = int(GOOD_FOR.total_seconds() // 60)
    return turn.reply(
        "linking/code", turn.desk.button("menu"), code=f"{code[:4]}-{code[4:]}", minutes=minutes
    )


def ask_code(turn: Turn) -> Reply:
    return turn.reply("linking/type_code", turn.desk.button("cancel"), step=Step(_STEP))


def take_code(turn: Turn) -> Reply:
    outcome = linking.redeem(turn.session, turn.text, turn.identity_id, turn.person_id, turn.now)
    if outcome is Redeemed.WRONG:
        return turn.reply("linking/wrong", turn.desk.button("cancel"), step=Step(_STEP))
    if outcome is Redeemed.LINKED:
        _tell_owner(turn)
    return turn.reply(f"linking/{outcome}", turn.desk.button("link"), turn.desk.button("menu"))


def part(turn: Turn) -> Reply:
    written = turn.object[0] if turn.object else ""
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 18 else 0
    parted = linking.unlink(turn.session, turn.person_id, number, turn.now)
    said = "linking/parted" if parted else "linking/not_yours"
    return turn.reply(said, turn.desk.button("link"), turn.desk.button("menu"))


def _tell_owner(turn: Turn) -> None:
    """Whoever gave the code away by mistake hears of it."""
    owner = linking.person_of(turn.session, turn.identity_id)
    delivery.announce(
        turn.session,
        reason="linked",
        subject=f"identity:{turn.identity_id}:{turn.update.update_id}"[:60],
        person_id=owner,
        message=Message(
            turn.say("linking/told_owner", channel=_named(turn, turn.update.channel)),
            (turn.desk.button("link"),),
        ),
        due_at=turn.now,
        useful_until=None,
        now=turn.now,
    )


def _named(turn: Turn, channel: str) -> str:
    return turn.desk.texts.label(f"linking/channel_{channel}")
