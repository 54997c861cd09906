"""How a campaign is shown to colleagues, which steps they are offered, and how the office says no to them."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from sqlalchemy.orm import Session

from db.campaigns import Campaign
from handlers.colleagues import for_colleagues
from handlers.refusals import spelled
from handlers.turn import Handler, Turn
from services import campaign_looks, campaign_reports, campaigns, staff
from services.campaign_notices import worded
from services.campaign_terms import (
    BEFORE,
    STARTED,
    BadContent,
    CampaignRefused,
    CampaignStatus,
    NoSuchCampaign,
    RoleTooLow,
)
from services.messaging import Button, Message, Reply
from services.spoken import dated_moment
from services.staff import Colleague, Role
from services.subscriptions import topics

_SHOWN_OF_HASH = 28  # hex digits that bind an approval to what was shown: fewer could be met by trying words
_WAITS = (CampaignStatus.SUBMITTED, CampaignStatus.REVIEWED)


def answering(handler: Callable[[Turn, Colleague], Reply]) -> Handler:
    """A refusal is told in its own sentence, with a way on; an odd choice is told to be none."""

    @wraps(handler)
    def answer(turn: Turn, me: Colleague) -> Reply:
        try:
            return handler(turn, me)
        except CampaignRefused as refused:
            return _refuse(turn, refused)
        except (ValueError, IndexError):
            return _refuse(turn, NoSuchCampaign())

    return for_colleagues(answer)


def need(me: Colleague, role: Role) -> None:
    if not me.role.at_least(role):
        raise RoleTooLow


def card(turn: Turn, me: Colleague, campaign: Campaign, done: str = "") -> Reply:
    """`done` names the sentence that says what just happened. Who is to approve sees the very words first."""
    reviews = campaign.status in _WAITS and me.role.at_least(Role.REVIEWER)
    mine = reviews and _had_a_hand(turn, me, campaign)
    shown = reviews and not mine
    first = (as_people_get_it(turn, campaign),) if shown else ()
    going, stuck = (None, {}) if campaign.status in BEFORE else _going(turn, campaign)
    drafted = campaigns.message_of(campaign)
    text = turn.say(
        "staff_campaign/card",
        labels=[one.label for one in drafted.buttons],
        files=[one.name for one in drafted.attachments],
        done=turn.say(f"staff_campaign/{done}") if done else "",
        number=campaign.id,
        title=campaign.title,
        status=campaign.status,
        halted_for=campaign.halted_for,
        when=_when(turn, campaign),
        until=_dated(turn, campaign.useful_until),
        joins=_dated(turn, campaign.join_until) if campaign.status in STARTED else "",
        whom=whom(campaign.topic, campaign.criteria),
        look=_look(turn, campaign) if going is None else None,
        some=shown,
        going=going,
        stuck=stuck,
        author=name_of(turn, campaign.author),
        looks=[(one.step, name_of(turn, one.by)) for one in _looks(turn, campaign)],
        steps=turn.desk.campaigns.steps,
        mine=mine,
        role=me.role,
    )
    if shown:
        campaign_looks.note(turn.session, campaign.id, me.ref, turn.now)
    buttons = (*_ways(turn, me, campaign, going), turn.desk.button("staff_campaigns", "staff.campaigns"))
    return Reply((*first, Message(text, buttons, in_place=not first and not done)))


def as_people_get_it(turn: Turn, campaign: Campaign) -> Message:
    """Without its buttons: a look must not unsubscribe anybody."""
    message = worded(turn.desk.campaigns, campaign)
    return Message(message.text, (), message.attachments)


def name_of(turn: Turn, ref: str) -> str:
    by_itself = ref == campaigns.TICK
    return staff.name_of(turn.session, ref) or turn.say("staff_campaign/by_machine", by_itself=by_itself)


def whom(topic_name: str, criteria: dict[str, list[str]]) -> dict[str, Any]:
    labels = {one.name: one.label for one in topics()}
    return {"topic": labels.get(topic_name, topic_name), "criteria": criteria, "labels": labels}


def _look(turn: Turn, campaign: Campaign) -> campaign_looks.Look:
    criteria, topic_name, now = dict(campaign.criteria), campaign.topic, turn.now
    return turn.read(lambda session: campaign_looks.look(session, criteria, topic_name, now))


def _going(turn: Turn, campaign: Campaign) -> tuple[campaign_reports.Progress, dict[str, int]]:
    """And how many wait for a channel that has no account."""
    number, now, channels = campaign.id, turn.now, turn.desk.channels_that_send

    def work(session: Session) -> tuple[campaign_reports.Progress, dict[str, int]]:
        stuck = campaign_reports.queued_outside(session, number, channels)
        return campaign_reports.progress(session, number, now), stuck

    return turn.read(work)


def _looks(turn: Turn, campaign: Campaign) -> list[Any]:
    return campaigns.reviews(turn.session, campaign.id, campaigns.content_hash(campaign))


def _had_a_hand(turn: Turn, me: Colleague, campaign: Campaign) -> bool:
    return me.ref in campaigns.had_a_hand(turn.session, campaign)


def _when(turn: Turn, campaign: Campaign) -> str:
    if campaign.send_at is None:
        return turn.say("staff_campaign/when_started")
    if campaign.send_at <= turn.now and campaign.status in BEFORE:
        passed = campaign.status == CampaignStatus.SCHEDULED
        return turn.say("staff_campaign/when_approved", passed=passed)
    return dated_moment(campaign.send_at, turn.desk.zone, turn.now)


def _dated(turn: Turn, moment: datetime | None) -> str:
    return dated_moment(moment, turn.desk.zone, turn.now) if moment else ""


def _ways(
    turn: Turn, me: Colleague, campaign: Campaign, going: campaign_reports.Progress | None
) -> list[Button]:
    def way(label: str, route: str, *more: str) -> Button:
        return turn.desk.button(label, ":".join((f"staff.campaign.{route}", str(campaign.id), *more)))

    status, editor = CampaignStatus(campaign.status), me.role.at_least(Role.EDITOR)
    if going is not None:
        return _ways_under_way(way, status, editor, going.counts)
    ways = [way("campaign_look", "look")]
    if status in _WAITS and me.role.at_least(Role.REVIEWER):
        if not _had_a_hand(turn, me, campaign):
            seen = campaigns.content_hash(campaign)[:_SHOWN_OF_HASH]
            ways.append(way("campaign_approve", "approve", seen))
        ways.append(way("campaign_back", "back"))
    if editor and status is CampaignStatus.DRAFT:
        ways.append(way("campaign_submit", "submit"))
    if editor and status is CampaignStatus.APPROVED:
        ways.append(way("campaign_start", "start"))
    if editor or status is CampaignStatus.DRAFT:
        ways.append(way("campaign_edit", "edit"))
    return [*ways, way("campaign_cancel", "cancel")] if editor else ways


def _ways_under_way(
    way: Callable[[str, str], Button], status: CampaignStatus, editor: bool, counts: dict[str, int]
) -> list[Button]:
    ways = [way("campaign_watch", "watch")] if status in STARTED else []
    if editor and status in STARTED:
        held = status is CampaignStatus.PAUSED
        ways.append(way("campaign_resume", "resume") if held else way("campaign_pause", "pause"))
        ways.append(way("campaign_cancel", "cancel"))
    if editor and status is not CampaignStatus.CANCELLED:
        ways += [way("campaign_retry", "retry")] if counts["failed"] else []
        ways += [way("campaign_unsure", "unsure")] if counts["unconfirmed"] else []
    return [*ways, way("campaign_report", "report")]


def _refuse(turn: Turn, refused: CampaignRefused) -> Reply:
    """SameAccount is told by staff_campaign/no_same_account; the campaign itself is one tap away."""
    if isinstance(refused, BadContent):
        said = f"staff_campaign/bad_{refused}"
    else:
        said = f"staff_campaign/no{spelled(type(refused))}"
    first = []
    if turn.object and not isinstance(refused, NoSuchCampaign):
        first = [turn.desk.button("campaign_show", f"staff.campaign:{turn.object[0]}")]
    return turn.reply(said, *first, turn.desk.button("staff_campaigns", "staff.campaigns"))
