"""看进度: how a campaign goes, in one message that is shown anew in its place."""

from datetime import datetime, timedelta

from db.campaigns import Campaign
from handlers.event_cards import number_in
from handlers.staff_campaign_cards import answering
from handlers.turn import Desk, Turn
from services import campaign_reports, campaigns
from services.campaign_reports import Progress
from services.messaging import Message, Reply
from services.spoken import spoken_time
from services.staff import Colleague

_WIDTH = 12  # blocks of the bar


@answering
def watch(turn: Turn, me: Colleague) -> Reply:
    campaign = campaigns.find(turn.session, number_in(turn))
    number, now = campaign.id, turn.now
    going = turn.read(lambda session: campaign_reports.progress(session, number, now))
    return Reply((progress_card(turn.desk, campaign, going, now),))


def progress_card(desk: Desk, campaign: Campaign, going: Progress, now: datetime) -> Message:
    text = desk.say(
        "staff_campaign/progress",
        title=campaign.title,
        status=campaign.status,
        bar=bar(going),
        percent=100 * going.done // going.total if going.total else 0,
        going=going,
        left=in_words(desk, going.left),
        at=spoken_time(now, desk.zone),
    )
    buttons = (
        desk.button("campaign_refresh", f"staff.campaign.watch:{campaign.id}"),
        desk.button("campaign_show", f"staff.campaign:{campaign.id}"),
    )
    return Message(text, buttons, in_place=True)


def bar(going: Progress) -> str:
    full = _WIDTH * going.done // going.total if going.total else 0
    return "█" * full + "░" * (_WIDTH - full)


def in_words(desk: Desk, left: timedelta | None) -> str:
    """'' when nothing moves."""
    if left is None:
        return ""
    minutes = round(left.total_seconds() / 60)
    return desk.say("staff_campaign/time_left", minutes=minutes % 60, hours=minutes // 60)
