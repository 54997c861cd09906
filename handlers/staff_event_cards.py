"""How an event is shown to colleagues, which steps they are offered, and how the office says no to them."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from db.events import Event
from handlers.colleagues import for_colleagues
from handlers.refusals import spelled
from handlers.turn import Handler, Turn
from services import event_form, event_reports, events, segments, staff
from services.event_form import BadForm
from services.event_terms import BadEvent, EventChanged, EventRefused, EventStatus, NoSuchEvent, NotYours
from services.messaging import Button, Reply
from services.staff import Colleague, Role
from services.subscriptions import topic, topics

_AHEAD, _BEFORE = timedelta(days=14), timedelta(days=2)  # what an empty form proposes
_LINES = {
    "title": "标题",
    "place": "地点",
    "audience": "面向",
    "text": "内容",
    "series": "系列",
    "times": "时间",
    "past": "时间",
    "deadline": "报名截止",
    "capacity": "名额",
    "link": "地图",
}


def answering(handler: Callable[[Turn, Colleague], Reply]) -> Handler:
    @wraps(handler)
    def answer(turn: Turn, me: Colleague) -> Reply:
        try:
            return handler(turn, me)
        except EventRefused as refused:
            return _refuse(turn, refused)
        except (ValueError, IndexError):
            return _refuse(turn, NoSuchEvent())

    return for_colleagues(answer)


def card(turn: Turn, me: Colleague, event: Event) -> Reply:
    counted = event_reports.report(turn.session, event.id)
    buttons = _ways(turn, me, event)
    if counted.campaign_id is not None:
        buttons.append(turn.desk.button("staff_event_campaign", f"staff.campaign:{counted.campaign_id}"))
    return turn.reply(
        "staff_event/card",
        *buttons,
        turn.desk.button("staff_events", "staff.events"),
        event_status=event.status,
        form=event_form.written(event, turn.desk.zone),
        counts=counted.counts,
        rated=counted.rated,
        stars=counted.stars,
        submitted=staff.name_of(turn.session, event.submitted_by),
        series=topic(event.series).label,
        role=me.role,
        may_publish=_may_publish(turn, me, event),
        told=segments.preview(turn.session, segments.EVERYBODY, event.series, turn.now).targeted,
    )


def an_example(turn: Turn) -> dict[str, Any]:
    """Days to show how a form is filled in."""
    day = turn.today + _AHEAD
    return {"day": day, "before": day - _BEFORE}


def bad_form(turn: Turn, bad: BadForm | BadEvent) -> Reply:
    """The line that was not understood, and how to write it; what was sent is still there to be copied."""
    field = bad.field if isinstance(bad, BadForm) else _LINES[str(bad)]
    series = "、".join(one.label for one in topics() if one.series)
    return turn.reply(
        "staff_event/bad_form",
        turn.desk.button("cancel"),
        step=turn.step,
        field=field,
        series=series,
        **an_example(turn),
    )


def check_may_change(event: Event, me: Colleague) -> None:
    """Before somebody fills in a whole form for nothing."""
    match EventStatus(event.status):
        case EventStatus.PUBLISHED:
            if not me.role.at_least(Role.REVIEWER):
                raise NotYours
        case EventStatus.CANCELLED | EventStatus.HELD:
            raise EventChanged


def _ways(turn: Turn, me: Colleague, event: Event) -> list[Button]:
    button, number, status = turn.desk.button, event.id, EventStatus(event.status)
    edit = button("staff_event_edit", f"staff.event.edit:{number}")
    if status is EventStatus.DRAFT:
        submit = button("staff_event_submit", f"staff.event.submit:{number}")
        return [edit, submit] if me.role.at_least(Role.EDITOR) else [edit]
    if status is EventStatus.REVIEW:
        publish = button("staff_event_publish", f"staff.event.publish:{number}:{event.version}")
        return [publish, edit] if _may_publish(turn, me, event) else [edit]
    if status is EventStatus.PUBLISHED:
        own = [button("staff_event_door", f"staff.event.door:{number}")]
        if me.role.at_least(Role.REVIEWER):
            own += [edit, button("staff_event_cancel", f"staff.event.cancel:{number}")]
        return [button("staff_event_look", f"event:{number}"), *own]
    return []


def _may_publish(turn: Turn, me: Colleague, event: Event) -> bool:
    own = turn.desk.campaigns.steps and me.ref in events.had_a_hand(turn.session, event)
    return me.role.at_least(Role.REVIEWER) and not own


def _refuse(turn: Turn, refused: EventRefused) -> Reply:
    """The event as it is now is one tap away."""
    number = turn.object[0] if turn.object else turn.step.answers.get("event") if turn.step else None
    known = number is not None and not isinstance(refused, NoSuchEvent)
    first = [turn.desk.button("staff_event_show", f"staff.event:{number}")] if known else []
    return turn.reply(
        f"staff_event/no{spelled(type(refused))}",
        *first,
        turn.desk.button("staff_events", "staff.events"),
        turn.desk.button("menu"),
    )
