"""A campaign drafted and edited in the chat: title, text, to whom, when, and until when it is of use."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from db.campaigns import Campaign
from handlers import welcome
from handlers.staff_campaign_cards import answering, as_people_get_it, card, need
from handlers.turn import Turn, number_in
from services import campaign_buttons, campaign_looks, campaigns, events, segments
from services.campaign_terms import BEFORE, BadContent, CampaignStatus, NotInThatState
from services.campaigns import MOST_CHARACTERS, MOST_IN_TITLE, Draft
from services.messaging import Button, Reply, Step
from services.said_times import said_moment
from services.segments import BadCriteria
from services.staff import Colleague, Role
from services.subscriptions import topics

STEP = "staff.campaign.draft"
ASKED = ("title", "text", "whom", "when", "until")
PARTS = (*ASKED, "buttons")
_AHEAD = 5  # events that a button is offered for
_AT_ONCE, _BY_HAND, _ALWAYS, _ALL, _NONE = "now", "hand", "always", "all", "none"


class Unclear(Exception):
    """An answer that does not fit; its text says in one word why."""


@answering
def begin(turn: Turn, me: Colleague) -> Reply:
    return _ask(turn, "title", {})


@answering
def ask_what(turn: Turn, me: Colleague) -> Reply:
    """Which of its parts is to be another."""
    campaign = _editable(turn, me)
    parts = [
        turn.desk.button(f"campaign_part_{field}", f"staff.campaign.change:{campaign.id}:{field}")
        for field in PARTS
    ]
    return turn.reply(
        "staff_campaign/edit",
        *parts,
        turn.desk.button("campaign_show", f"staff.campaign:{campaign.id}"),
        title=campaign.title,
        again=campaign.status != CampaignStatus.DRAFT,
        in_place=True,
    )


@answering
def change(turn: Turn, me: Colleague) -> Reply:
    campaign = _editable(turn, me)
    return _ask(turn, PARTS[PARTS.index(turn.object[1])], _told_of(campaign), campaign.id)


@answering
def take(turn: Turn, me: Colleague) -> Reply:
    return _go_on(turn, me, turn.text.strip())


@answering
def fill(turn: Turn, me: Colleague) -> Reply:
    """A button instead of words."""
    if turn.step is None or turn.step.name != STEP:
        return welcome.stale(turn)
    return _go_on(turn, me, ":".join(turn.object), tapped=True)


def _go_on(turn: Turn, me: Colleague, said: str, tapped: bool = False) -> Reply:
    assert turn.step is not None
    field, told, number = (turn.step.answers[name] for name in ("field", "told", "number"))
    try:
        told = told | _understood(turn, field, said, told, tapped)
    except Unclear as unclear:
        return _ask(turn, field, told, number, wrong=str(unclear))
    if number is None and field != ASKED[-1]:
        return _ask(turn, ASKED[ASKED.index(field) + 1], told)
    return _kept(turn, me, told, number)


def _kept(turn: Turn, me: Colleague, told: dict[str, Any], number: int | None) -> Reply:
    """Drafted, or edited, and shown as people will get it."""
    draft = _draft(told)
    if number is None:
        number = campaigns.create(turn.session, draft, me.ref, turn.now)
        assert number is not None
    else:
        drafted = campaigns.message_of(campaigns.find(turn.session, number))
        draft = replace(draft, attachments=drafted.attachments)
        campaigns.edit(turn.session, number, draft, me.ref, turn.now)
    campaign = campaigns.find(turn.session, number)
    shown = card(turn, me, campaign, "kept")
    return Reply((as_people_get_it(turn, campaign), *shown.messages))


def _ask(turn: Turn, field: str, told: dict[str, Any], number: int | None = None, wrong: str = "") -> Reply:
    return turn.reply(
        f"staff_campaign/ask_{field}",
        *_choices(turn, field),
        turn.desk.button("cancel"),
        step=Step(STEP, {"field": field, "told": told, "number": number}),
        wrong=wrong,
        most={"title": MOST_IN_TITLE, "text": MOST_CHARACTERS}.get(field, 0),
    )


def _choices(turn: Turn, field: str) -> list[Button]:
    def choice(label: str, value: str) -> Button:
        return turn.desk.button(label, f"staff.campaign.fill:{value}")

    match field:
        case "whom":
            about = [turn.desk.named(one.label, f"staff.campaign.fill:{one.name}") for one in topics()]
            return [choice("campaign_all", _ALL), *about]
        case "when":
            return [choice("campaign_at_once", _AT_ONCE), choice("campaign_by_hand", _BY_HAND)]
        case "until":
            return [choice("campaign_always", _ALWAYS)]
        case "buttons":
            ahead = events.upcoming(turn.session, turn.now)[:_AHEAD]
            to_events = [turn.desk.named(one.title, f"staff.campaign.fill:event:{one.id}") for one in ahead]
            places = [choice(name, name) for name in campaign_buttons.PLACES]
            return [*to_events, *places, choice("campaign_no_button", _NONE)]
    return []


def _understood(turn: Turn, field: str, said: str, told: dict[str, Any], tapped: bool) -> dict[str, Any]:
    """What the answer adds to what was told. Raises Unclear."""
    match field:
        case "title" | "text":
            if tapped or not said:
                raise Unclear("empty")
            if len(said) > (MOST_IN_TITLE if field == "title" else MOST_CHARACTERS):
                raise Unclear("too_long")
            return {field: said}
        case "whom":
            return _people(turn, said)
        case "when":
            if tapped:
                return {"when": "" if said == _BY_HAND else turn.now.isoformat()}
            return {"when": _moment(turn, said).isoformat()}
        case "buttons":
            return {"buttons": _buttons(turn, said)}
        case _:
            if tapped:
                return {"until": ""}
            until = _moment(turn, said)
            if told["when"] and until < datetime.fromisoformat(told["when"]):
                raise Unclear("too_late")
            return {"until": until.isoformat()}


def _people(turn: Turn, said: str) -> dict[str, Any]:
    """Everybody, a topic, a stored segment, criteria written out, or tags that somebody bears."""
    if said in (_ALL, "所有人", "全部"):
        return {"topic": "", "criteria": {}}
    about = next((one for one in topics() if said in (one.name, one.label)), None)
    if about is not None:
        return {"topic": about.name, "criteria": {}}
    if "=" in said or segments.is_stored(turn.session, said):
        try:
            return {"topic": "", "criteria": dict(segments.named(turn.session, said))}
        except BadCriteria as bad:
            raise Unclear("criteria") from bad
    tags = said.replace("，", " ").replace("、", " ").replace(",", " ").split()
    if not tags or campaign_looks.unknown_tags(turn.session, tags):
        raise Unclear("tag")
    return {"topic": "", "criteria": {"tag": sorted(set(tags))}}


def _buttons(turn: Turn, said: str) -> list[list[str]]:
    if said == _NONE:
        return []
    try:
        one = campaign_buttons.button(turn.session, turn.desk.texts, said, turn.now)
    except BadContent as bad:
        raise Unclear("button") from bad
    return [[one.label, one.choice]]


def _moment(turn: Turn, said: str) -> datetime:
    found = said_moment(said, turn.now, turn.desk.zone)
    if found is None:
        raise Unclear("moment")
    if found <= turn.now:
        raise Unclear("over")
    return found


def _editable(turn: Turn, me: Colleague) -> Campaign:
    """A draft by everybody; what others have looked at, by editors: their looks are void then."""
    campaign = campaigns.find(turn.session, number_in(turn))
    if campaign.status != CampaignStatus.DRAFT:
        need(me, Role.EDITOR)
    if campaign.status not in BEFORE:
        raise NotInThatState
    return campaign


def _told_of(campaign: Campaign) -> dict[str, Any]:
    return {
        "title": campaign.title,
        "text": campaign.text,
        "buttons": campaign.buttons,
        "topic": campaign.topic,
        "criteria": dict(campaign.criteria),
        "when": campaign.send_at.isoformat() if campaign.send_at else "",
        "until": campaign.useful_until.isoformat() if campaign.useful_until else "",
        "join": campaign.join_until.isoformat() if campaign.join_until else "",
    }


def _draft(told: dict[str, Any]) -> Draft:
    when, until, join = (
        datetime.fromisoformat(told[name]) if told.get(name) else None for name in ("when", "until", "join")
    )
    buttons = tuple(Button(label, choice) for label, choice in told.get("buttons", []))
    return Draft(told["title"], told["text"], buttons, (), told["topic"], told["criteria"], when, until, join)
