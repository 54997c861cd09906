"""What colleagues do to a campaign: submitted, approved, sent back, started, stopped, sent again where it failed."""

from handlers.staff_campaign_cards import answering, card, need
from handlers.turn import Turn, number_in
from services import campaign_reports, campaign_runs, campaigns
from services.campaign_notices import tell_staff
from services.campaign_terms import BEFORE, STARTED, CampaignStatus, NotInThatState
from services.delivery import DeliveryStatus
from services.messaging import Reply
from services.staff import Colleague, Role

_WAITS = (CampaignStatus.SUBMITTED, CampaignStatus.REVIEWED)


@answering
def submit(turn: Turn, me: Colleague) -> Reply:
    campaigns.submit(turn.session, turn.desk.campaigns, number_in(turn), me, turn.now)
    return _passed_on(turn, me, "submitted")


@answering
def approve(turn: Turn, me: Colleague) -> Reply:
    """Exactly what was shown, by how its hash begins."""
    number, seen = number_in(turn), turn.object[1]
    campaigns.approve(turn.session, turn.desk.campaigns, number, me, seen, turn.now)
    return _passed_on(turn, me, "approved")


@answering
def send_back(turn: Turn, me: Colleague) -> Reply:
    campaigns.send_back(turn.session, number_in(turn), me, turn.now)
    return _card(turn, me, "sent_back")


@answering
def start(turn: Turn, me: Colleague) -> Reply:
    need(me, Role.EDITOR)
    campaigns.start_now(turn.session, number_in(turn), me.ref, turn.now)
    return _card(turn, me, "started")


@answering
def pause(turn: Turn, me: Colleague) -> Reply:
    need(me, Role.EDITOR)
    campaign_runs.pause(turn.session, number_in(turn), me.ref, turn.now)
    return _card(turn, me, "paused")


@answering
def resume(turn: Turn, me: Colleague) -> Reply:
    need(me, Role.EDITOR)
    campaign_runs.resume(turn.session, number_in(turn), me.ref, turn.now)
    return _card(turn, me, "resumed")


@answering
def ask_to_cancel(turn: Turn, me: Colleague) -> Reply:
    need(me, Role.EDITOR)
    campaign = campaigns.find(turn.session, number_in(turn))
    if campaign.status not in (*BEFORE, *STARTED):
        raise NotInThatState
    return turn.reply(
        "staff_campaign/cancel_sure",
        turn.desk.button("campaign_stop", f"staff.campaign.stop:{campaign.id}"),
        turn.desk.button("campaign_keep", f"staff.campaign:{campaign.id}"),
        title=campaign.title,
        begun=campaign.started_at is not None,
    )


@answering
def cancel(turn: Turn, me: Colleague) -> Reply:
    need(me, Role.EDITOR)
    campaign_runs.cancel(turn.session, number_in(turn), me.ref, turn.now)
    return _card(turn, me, "cancelled")


@answering
def retry(turn: Turn, me: Colleague) -> Reply:
    return _again(turn, me, DeliveryStatus.FAILED)


@answering
def ask_about_unsure(turn: Turn, me: Colleague) -> Reply:
    """By name: some may be asked by telephone instead of getting it twice."""
    need(me, Role.EDITOR)
    campaign = campaigns.find(turn.session, number_in(turn))
    names = campaign_reports.unconfirmed(turn.session, turn.desk.texts, campaign.id, me.ref, turn.now)
    resend = turn.desk.button("campaign_resend", f"staff.campaign.resend:{campaign.id}")
    return turn.reply(
        "staff_campaign/unsure",
        *([resend] if names else []),
        turn.desk.button("campaign_show", f"staff.campaign:{campaign.id}"),
        names=names,
    )


@answering
def resend_unsure(turn: Turn, me: Colleague) -> Reply:
    return _again(turn, me, DeliveryStatus.UNCONFIRMED)


@answering
def report(turn: Turn, me: Colleague) -> Reply:
    campaign = campaigns.find(turn.session, number_in(turn))
    number = campaign.id
    found = turn.read(lambda session: campaign_reports.report(session, number))
    return turn.reply(
        "staff_campaign/report",
        turn.desk.button("campaign_show", f"staff.campaign:{number}"),
        turn.desk.button("staff_campaigns", "staff.campaigns"),
        title=campaign.title,
        status=campaign.status,
        report=found,
        in_place=True,
    )


def _again(turn: Turn, me: Colleague, status: DeliveryStatus) -> Reply:
    """Without the card: its numbers are read beside this, and would be those from before."""
    need(me, Role.EDITOR)
    campaign = campaigns.find(turn.session, number_in(turn))
    number = campaign_runs.retry(turn.session, campaign.id, (status,), me.ref, turn.now)
    show = turn.desk.button("campaign_show", f"staff.campaign:{campaign.id}")
    if not number:
        return turn.reply("staff_campaign/none_again", show)
    if campaign.status == CampaignStatus.PAUSED:
        resume = turn.desk.button("campaign_resume", f"staff.campaign.resume:{campaign.id}")
        return turn.reply("staff_campaign/again_later", resume, show)
    watch = turn.desk.button("campaign_watch", f"staff.campaign.watch:{campaign.id}")
    return turn.reply("staff_campaign/again", watch, show)


def _passed_on(turn: Turn, me: Colleague, done: str) -> Reply:
    """Whoever may look at it next hears of it; that nobody does is said."""
    campaign = campaigns.find(turn.session, number_in(turn))
    if campaign.status not in _WAITS:
        return _card(turn, me, "passed")
    but = campaigns.had_a_hand(turn.session, campaign)
    told = tell_staff(turn.session, turn.desk.campaigns, campaign, "waits", turn.now, Role.REVIEWER, but)
    return _card(turn, me, done if told else f"{done}_untold")


def _card(turn: Turn, me: Colleague, done: str) -> Reply:
    return card(turn, me, campaigns.find(turn.session, number_in(turn)), done)
