"""Questions about policy: answered clause by clause, rated, and never guessed."""

import hashlib

from handlers.turn import Turn
from services import questions
from services.knowledge.answering.answer import Answer, Outcome
from services.knowledge.answering.answer import Citation as Cited
from services.messaging import Button, Citation, Message, Reply

LONGEST = 2_000  # characters of one message
MOST_TOPICS = 3
REASONS = ("missed", "wrong", "unclear")


def invite(turn: Turn) -> Reply:
    topics = _topics(turn, turn.desk.library().topics)
    return turn.reply("policy/invite", *topics, turn.desk.button("handoff"), turn.desk.button("menu"))


def answer(turn: Turn) -> Reply:
    """Every question of the message, each with its clause; the last one is what a follow-up follows."""
    if len(turn.text) > LONGEST:
        return turn.reply("policy/too_long", turn.desk.button("handoff"), limit=LONGEST)
    return _answered(turn, turn.text, turn.stand.topic)


def show_topic(turn: Turn) -> Reply:
    """A topic's button carries a digest of its heading; one that is gone gets the topics there are now."""
    library = turn.desk.library()
    known = (*library.topics, *library.headed)
    heading = next((one for one in known if turn.object == (_digest(one),)), None)
    return _answered(turn, heading, "") if heading else invite(turn)


def useful(turn: Turn) -> Reply:
    return _rated(turn, "useful", "policy/thanks")


def useless(turn: Turn) -> Reply:
    """Asks for the reason, with a person one tap away."""
    number = _number(turn)
    if number is None or not questions.rate(turn.session, turn.person_id, number, "useless"):
        return _gone(turn)
    reasons = [turn.desk.button(f"why_{reason}", f"why:{number}:{reason}") for reason in REASONS]
    return turn.reply("policy/what_was_wrong", *reasons, turn.desk.button("handoff"), step=turn.step)


def why(turn: Turn) -> Reply:
    reason = turn.object[1] if len(turn.object) > 1 and turn.object[1] in REASONS else ""
    return _rated(turn, "useless", "policy/thanks_for_reason", reason)


def _answered(turn: Turn, text: str, previous: str) -> Reply:
    found = turn.desk.answers(text, turn.today, previous)
    turn.topic = text
    messages = [_message(turn, text, one) for one in found]
    last = messages[-1]
    more = (turn.desk.button("handoff"),) if found[-1].outcome is not Outcome.REFUSE else ()
    messages[-1] = Message(last.text, (*last.buttons, *more), citations=last.citations)
    return Reply(tuple(messages))


def _message(turn: Turn, text: str, said: Answer) -> Message:
    number = questions.record(turn.session, turn.person_id, turn.update.channel, text, said, turn.now)
    button = turn.desk.button
    if said.outcome is Outcome.REFUSE:
        buttons = (*_topics(turn, said.topics), button("handoff"), button("menu"))
    else:
        buttons = (button("useful", f"useful:{number}"), button("useless", f"useless:{number}"))
    return Message(said.said, buttons, citations=tuple(map(_citation, said.citations)))


def _citation(cited: Cited) -> Citation:
    return Citation(
        cited.document_title, cited.number, cited.label, cited.text, cited.in_force, cited.validity
    )


def _topics(turn: Turn, topics: tuple[str, ...]) -> tuple[Button, ...]:
    return tuple(Button(topic, f"topic:{_digest(topic)}") for topic in topics[:MOST_TOPICS])


def _rated(turn: Turn, rating: str, said: str, reason: str = "") -> Reply:
    number = _number(turn)
    if number is None or not questions.rate(turn.session, turn.person_id, number, rating, reason):
        return _gone(turn)
    return turn.reply(said, turn.desk.button("handoff"), turn.desk.button("menu"), step=turn.step)


def _gone(turn: Turn) -> Reply:
    return turn.reply("policy/question_gone", turn.desk.button("menu"), step=turn.step)


def _number(turn: Turn) -> int | None:
    written = turn.object[0] if turn.object else ""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 18 else None


def _digest(heading: str) -> str:
    return hashlib.sha256(heading.encode()).hexdigest()[:12]
