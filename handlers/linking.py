"""关联渠道: one person on several channels, by a code shown on the one and typed on the other."""

from handlers.turn import Turn
from services import linking
from services.linking import GOOD_FOR, Link, Redeemed
from services.messaging import Message, Reply, Step
from services.spoken import spoken_moment

_STEP = "link.code"


def show(turn: Turn) -> Reply:
    """What is linked now, and the ways to link or part."""
    desk = turn.desk
    links = linking.links(turn.session, turn.person_id)
    others = {link.identity_id: link for link in links if link.identity_id != turn.identity_id}
    names = {number: _told_apart(turn, link, list(others.values())) for number, link in others.items()}
    part = [desk.button("link_off", f"link.off:{number}", channel=name) for number, name in names.items()]
    buttons = (desk.button("link_new", "link.new"), desk.button("link_enter", "link.enter"), *part)
    return turn.reply("linking/shown", *buttons, desk.button("menu"), others=list(names.values()))


def give_code(turn: Turn) -> Reply:
    code = linking.issue(turn.session, turn.person_id, turn.now)
    minutes = int(GOOD_FOR.total_seconds() // 60)
    return turn.reply(
        "linking/code", turn.desk.button("menu"), code=f"{code[:4]}-{code[4:]}", minutes=minutes
    )


def ask_code(turn: Turn) -> Reply:
    return turn.reply("linking/type_code", turn.desk.button("cancel"), step=Step(_STEP))


def take_code(turn: Turn) -> Reply:
    added = _named(turn, turn.update.channel)
    notice = Message(turn.say("linking/told_owner", channel=added), (turn.desk.button("link"),))
    outcome = linking.redeem(turn.session, turn.text, turn.identity_id, turn.now, notice)
    if outcome is Redeemed.WRONG:
        return turn.reply("linking/wrong", turn.desk.button("cancel"), step=Step(_STEP))
    buttons = [turn.desk.button("link"), turn.desk.button("menu")]
    if outcome in (Redeemed.TWO_APPOINTMENTS, Redeemed.CONFLICT):
        buttons[0] = turn.desk.button("my_appointment", "book.mine")
    if outcome is Redeemed.COLLEAGUE:
        buttons[0] = turn.desk.button("link_new", "link.new")
    return turn.reply(f"linking/{outcome}", *buttons)


def part(turn: Turn) -> Reply:
    written = turn.object[0] if turn.object else ""
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 18 else 0
    parted = linking.unlink(turn.session, turn.person_id, number, turn.now)
    said = "linking/parted" if parted else "linking/not_yours"
    return turn.reply(said, turn.desk.button("link"), turn.desk.button("menu"))


def _told_apart(turn: Turn, link: Link, others: list[Link]) -> str:
    """Of two web browsers, since when each has been here."""
    name = _named(turn, link.channel)
    if [other.channel for other in others].count(link.channel) == 1:
        return name
    return turn.say("linking/since", channel=name, since=spoken_moment(link.since, turn.desk.zone))


def _named(turn: Turn, channel: str) -> str:
    return turn.desk.texts.label(f"linking/channel_{channel}")
