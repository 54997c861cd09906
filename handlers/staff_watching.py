"""看进度: how a campaign goes, in one message that is shown anew in its place."""

from datetime import datetime, timedelta

from db.campaigns import Campaign
from handlers.staff_campaign_cards import answering
from handlers.turn import Desk, Turn, number_in
from services import campaign_reports, campaign_watching, campaigns
from services.campaign_reports import Progress
from services.campaign_terms import STARTED
from services.messaging import Button, Message, Reply
from services.spoken import spoken_time
from services.staff import Colleague

_WIDTH = 12  # blocks of the bar


@answering
def watch(turn: Turn, me: Colleague) -> Reply:
    """Where messages can be changed, one that goes on by itself; elsewhere one with a button to do it anew."""
    campaign, going = _how_it_goes(turn)
    if turn.update.channel not in turn.desk.channels_that_edit or campaign.status not in STARTED:
        return Reply((progress_card(turn.desk, campaign, going, turn.now),))
    shown = progress_card(turn.desk, campaign, going, turn.now, follows=True)
    campaign_watching.begin(turn.session, campaign.id, turn.identity_id, turn.update.channel, shown, turn.now)
    return turn.reply(
        "staff_campaign/watching", *_ways(turn.desk, campaign.id), title=campaign.title, in_place=True
    )


@answering
def refresh(turn: Turn, me: Colleague) -> Reply:
    campaign, going = _how_it_goes(turn)
    return Reply((progress_card(turn.desk, campaign, going, turn.now),))


def progress_card(
    desk: Desk, campaign: Campaign, going: Progress, now: datetime, *, follows: bool = False
) -> Message:
    """`follows`: it will be changed as it goes."""
    text = desk.say(
        "staff_campaign/progress",
        title=campaign.title,
        status=campaign.status,
        bar=bar(going),
        percent=100 * going.done // going.total if going.total else 0,
        going=going,
        left=in_words(desk, going.left),
        at=spoken_time(now, desk.zone),
        follows=follows,
    )
    refresh, show = _ways(desk, campaign.id)
    return Message(text, (show,) if follows else (refresh, show), in_place=True)


def _how_it_goes(turn: Turn) -> tuple[Campaign, Progress]:
    campaign = campaigns.find(turn.session, number_in(turn))
    number, now = campaign.id, turn.now
    return campaign, turn.read(lambda session: campaign_reports.progress(session, number, now))


def _ways(desk: Desk, number: int) -> tuple[Button, Button]:
    return (
        desk.button("campaign_refresh", f"staff.campaign.now:{number}"),
        desk.button("campaign_show", f"staff.campaign:{number}"),
    )


def bar(going: Progress) -> str:
    full = _WIDTH * going.done // going.total if going.total else 0
    return "█" * full + "░" * (_WIDTH - full)


def in_words(desk: Desk, left: timedelta | None) -> str:
    """'' when nothing moves."""
    if left is None:
        return ""
    minutes = round(left.total_seconds() / 60)
    return desk.say("staff_campaign/time_left", minutes=minutes % 60, hours=minutes // 60)
