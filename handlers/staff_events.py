"""活动管理: colleagues draft, look at, publish, change and cancel events, and get the picture for the door."""

from dataclasses import replace

from db.session import vault_in
from handlers import policy
from handlers.staff_event_cards import an_example, answering, bad_form, card, check_may_change
from handlers.turn import Turn, number_in
from services import checkin_files, checkins, event_form, event_notices, events
from services.event_form import BadForm
from services.event_notices import when_of
from services.event_terms import BadEvent, EventChanged, EventStatus
from services.messaging import Message, Reply, Step
from services.staff import Colleague
from services.subscriptions import topic

STEP = "staff.event.form"


@answering
def show(turn: Turn, me: Colleague) -> Reply:
    latest, desk = events.latest(turn.session), turn.desk.events
    shown = [
        {
            "title": one.title,
            "when": when_of(desk, one),
            "status": one.status,
            "placed": one.taken,
            "capacity": one.capacity,
        }
        for one in latest
    ]
    buttons = [turn.desk.button("staff_event_new", "staff.event.new")]
    buttons += [turn.desk.named(one.title, f"staff.event:{one.id}") for one in latest]
    year = turn.today.year
    held = events.held_in(turn.session, desk, year)
    buttons.append(turn.desk.button("menu"))
    return turn.reply("staff_event/list", *buttons, shown=shown, year=year, held=held, goal=desk.yearly_goal)


@answering
def show_one(turn: Turn, me: Colleague) -> Reply:
    return card(turn, me, events.find(turn.session, number_in(turn)))


@answering
def begin(turn: Turn, me: Colleague) -> Reply:
    return turn.reply("staff_event/form", turn.desk.button("cancel"), step=Step(STEP), **an_example(turn))


@answering
def begin_again(turn: Turn, me: Colleague) -> Reply:
    """The event as it stands, to be copied, changed and sent back."""
    event = events.find(turn.session, number_in(turn))
    check_may_change(event, me)
    form = event_form.written(event, turn.desk.zone)
    hint = Message(turn.say("staff_event/form_again", event_status=event.status))
    copy = Message(form, (turn.desk.button("cancel"),))
    return Reply((hint, copy), Step(STEP, {"event": event.id, "seen": event.version}))


@answering
def take_form(turn: Turn, me: Colleague) -> Reply:
    """What cannot be read is named, and the form is waited for again."""
    assert turn.step is not None
    known = turn.step.answers.get("event")
    try:
        draft = event_form.read(turn.text, turn.desk.zone, turn.now)
        if known is None:
            number = events.create(turn.session, draft, me, turn.now)
            return card(turn, me, events.find(turn.session, number))
        event = events.find(turn.session, known)
        if (
            event.version != turn.step.answers["seen"]
        ):  # a colleague changed it meanwhile: not to be undone unseen
            raise EventChanged
        draft = replace(draft, poster=events.poster_of(event))
        if event.status == EventStatus.PUBLISHED:
            events.change(turn.session, turn.desk.events, known, draft, me, turn.now)
            return _done(turn, known, "staff_event/changed")
        events.edit(turn.session, known, draft, me, turn.now)
        return card(turn, me, events.find(turn.session, known))
    except (BadForm, BadEvent) as bad:
        return bad_form(turn, bad)


def unasked(turn: Turn) -> Reply:
    """A form that nobody waits for is not lost in silence; anything else is a question."""
    return _not_waited_for(turn) if event_form.is_form(turn.text) else policy.answer(turn)


@answering
def _not_waited_for(turn: Turn, me: Colleague) -> Reply:
    """Whether it is a new event or a changed one, only they know."""
    new = turn.desk.button("staff_event_new", "staff.event.new")
    return turn.reply("staff_event/not_waited_for", new, turn.desk.button("staff_events", "staff.events"))


@answering
def submit(turn: Turn, me: Colleague) -> Reply:
    number = number_in(turn)
    events.submit(turn.session, number, me, turn.now)
    event = events.find(turn.session, number)
    told = event_notices.to_reviewers(turn.session, turn.desk.events, event, turn.now)
    return _done(turn, number, "staff_event/submitted" if told else "staff_event/submitted_untold")


@answering
def publish(turn: Turn, me: Colleague) -> Reply:
    number, seen = number_in(turn), int(turn.object[1])
    events.publish(turn.session, turn.desk.events, number, me, seen, turn.now)
    return _done(turn, number, "staff_event/published")


@answering
def ask_to_cancel(turn: Turn, me: Colleague) -> Reply:
    event = events.find(turn.session, number_in(turn))
    check_may_change(event, me)
    return turn.reply(
        "staff_event/cancel_sure",
        turn.desk.button("staff_event_cancel_now", f"staff.event.cancel.now:{event.id}"),
        turn.desk.button("staff_event_keep", f"staff.event:{event.id}"),
        title=event.title,
        number=event.taken,
    )


@answering
def cancel(turn: Turn, me: Colleague) -> Reply:
    number = number_in(turn)
    events.cancel(turn.session, turn.desk.events, number, me, turn.now)
    return _done(turn, number, "staff_event/cancelled")


@answering
def door(turn: Turn, me: Colleague) -> Reply:
    """The code, and the picture where our pages can be reached."""
    event = events.public(turn.session, number_in(turn))
    vault, base = vault_in(turn.session), turn.desk.base_url
    page = f"{base}/scan/{checkins.payload_of(vault, event.id)}" if base else ""
    files = (checkin_files.door_picture(turn.desk.texts, page),) if page else ()
    code = checkins.code_of(vault, event.id)
    text = turn.say("staff_event/door", title=event.title, code=code, page=page)
    return Reply((Message(text, (turn.desk.button("staff_events", "staff.events"),), files),))


def _done(turn: Turn, number: int, said: str) -> Reply:
    event = events.find(turn.session, number)
    look = turn.desk.named(event.title, f"staff.event:{number}")
    more = turn.desk.button("staff_events", "staff.events")
    return turn.reply(said, look, more, series=topic(event.series).label)
