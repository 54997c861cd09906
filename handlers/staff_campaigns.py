"""群发: the latest, one of them, how it will look, and a try to oneself."""

from datetime import timedelta

from handlers.staff_campaign_cards import answering, as_people_get_it, card
from handlers.turn import Turn, number_in
from services import campaigns
from services.campaign_notices import worded
from services.delivery import TEST, announce
from services.messaging import Message, Reply
from services.staff import Colleague

_TEST_USEFUL = timedelta(hours=1)
_ONE_PIECE = 1_900  # bytes that WeChat shows in one message, its numbered lines left out


@answering
def show(turn: Turn, me: Colleague) -> Reply:
    latest = campaigns.latest(turn.session)
    buttons = [turn.desk.button("campaign_new", "staff.campaign.new")]
    buttons += [turn.desk.named(f"{one.id} 号 {one.title}", f"staff.campaign:{one.id}") for one in latest]
    return turn.reply("staff_campaign/list", *buttons, turn.desk.button("staff"), shown=latest, in_place=True)


@answering
def show_one(turn: Turn, me: Colleague) -> Reply:
    return card(turn, me, campaigns.find(turn.session, number_in(turn)))


@answering
def look(turn: Turn, me: Colleague) -> Reply:
    """Word for word, then how its buttons show on each channel."""
    campaign = campaigns.find(turn.session, number_in(turn))
    whole = worded(turn.desk.campaigns, campaign)
    labels = [button.label for button in whole.buttons]
    long = len(whole.text.encode()) > _ONE_PIECE
    shows = turn.say("staff_campaign/shows", labels=labels, long=long)
    buttons = (
        turn.desk.button("campaign_try", f"staff.campaign.try:{campaign.id}"),
        turn.desk.button("campaign_show", f"staff.campaign:{campaign.id}"),
    )
    return Reply((as_people_get_it(turn, campaign), Message(shows, buttons)))


@answering
def try_it(turn: Turn, me: Colleague) -> Reply:
    """Goes the way of all notices, and counts for nothing."""
    campaign = campaigns.find(turn.session, number_in(turn))
    announce(
        turn.session,
        reason=TEST,
        subject=f"campaign:{campaign.id}:{int(turn.now.timestamp())}",
        person_id=turn.person_id,
        message=worded(turn.desk.campaigns, campaign),
        due_at=turn.now,
        useful_until=turn.now + _TEST_USEFUL,
        now=turn.now,
    )
    return turn.reply(
        "staff_campaign/tried", turn.desk.button("campaign_show", f"staff.campaign:{campaign.id}")
    )
