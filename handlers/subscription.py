"""订阅 and 退订: topics chosen and left in one tap each."""

from handlers import welcome
from handlers.turn import Turn
from services import subscriptions
from services.messaging import Button, Reply
from services.opening_notices import TOPIC
from services.subscriptions import NoSuchTopic, topic, topics


def show(turn: Turn) -> Reply:
    """Every topic with its one next step."""
    mine = subscriptions.of(turn.session, turn.person_id)
    silent = subscriptions.is_silent(turn.session, turn.person_id)
    buttons = [_button(turn, one.name, one.name in mine) for one in topics()]
    if silent:
        buttons.append(turn.desk.button("hear_again", "hear"))
    if mine:
        buttons.append(turn.desk.button("unsubscribe_all", "stop"))
    return turn.reply(
        "subscription/shown",
        *buttons,
        turn.desk.button("menu"),
        mine=[one.label for one in topics() if one.name in mine],
        silent=silent,
        in_place=True,
    )


def subscribe(turn: Turn) -> Reply:
    name = ":".join(turn.object)
    try:
        subscriptions.subscribe(turn.session, turn.person_id, name, turn.update.channel, turn.now)
    except NoSuchTopic:
        return welcome.stale(turn)
    return turn.reply(
        "subscription/given",
        _button(turn, name, True),
        turn.desk.button("subscriptions"),
        label=topic(name).label,
        in_time=turn.hears_news,
    )


def unsubscribe(turn: Turn) -> Reply:
    """One topic; without one, of whatever was not about a topic, all."""
    name = ":".join(turn.object)
    if not name:
        return stop(turn)
    try:
        label = topic(name).label
    except NoSuchTopic:
        return welcome.stale(turn)
    subscriptions.unsubscribe(turn.session, turn.person_id, name, turn.now)
    more = (turn.desk.button("unsubscribe_all", "stop"), turn.desk.button("subscriptions"))
    return turn.reply("subscription/taken_back", *more, label=label)


def stop(turn: Turn) -> Reply:
    subscriptions.stop(turn.session, turn.person_id, turn.update.channel, turn.now)
    return turn.reply("subscription/stopped", turn.desk.button("subscriptions"), turn.desk.button("menu"))


def hear_again(turn: Turn) -> Reply:
    subscriptions.hear_again(turn.session, turn.person_id)
    return turn.reply(
        "subscription/hears_again",
        turn.desk.button("unsubscribe", "stop"),
        turn.desk.button("subscriptions"),
        turn.desk.button("menu"),
    )


def tell_opening(turn: Turn) -> tuple[Button, ...]:
    """开放时告诉我, where there is nothing to book now; nothing for those who asked for it already."""
    if TOPIC in subscriptions.of(turn.session, turn.person_id):
        return ()
    return (turn.desk.button("tell_opening", f"subscribe:{TOPIC}"),)


def _button(turn: Turn, name: str, given: bool) -> Button:
    label = topic(name).label
    if given:
        return turn.desk.button("topic_leave", f"unsubscribe:{name}", label=label)
    return turn.desk.button("topic_take", f"subscribe:{name}", label=label)
