"""What colleagues' words and buttons mean: their desk, and campaigns."""

from handlers import staff, staff_campaign_steps, staff_campaigns, staff_drafting, staff_watching
from handlers.routing import Route
from services.staff import token_in

STAFF_ROUTES: tuple[Route, ...] = (
    Route("staff", staff.show, ("工作台", "工作臺"), scanned=True),
    Route("staff.enter", staff.enter, holds=token_in),
    Route("staff.campaigns", staff_campaigns.show, ("群发", "群發")),
    Route("staff.campaign", staff_campaigns.show_one),
    Route("staff.campaign.look", staff_campaigns.look),
    Route("staff.campaign.try", staff_campaigns.try_it),
    Route("staff.campaign.new", staff_drafting.begin),
    Route("staff.campaign.fill", staff_drafting.fill),
    Route("staff.campaign.edit", staff_drafting.ask_what),
    Route("staff.campaign.change", staff_drafting.change),
    Route("staff.campaign.submit", staff_campaign_steps.submit),
    Route("staff.campaign.approve", staff_campaign_steps.approve),
    Route("staff.campaign.back", staff_campaign_steps.send_back),
    Route("staff.campaign.start", staff_campaign_steps.start),
    Route("staff.campaign.pause", staff_campaign_steps.pause),
    Route("staff.campaign.resume", staff_campaign_steps.resume),
    Route("staff.campaign.cancel", staff_campaign_steps.ask_to_cancel),
    Route("staff.campaign.stop", staff_campaign_steps.cancel),
    Route("staff.campaign.retry", staff_campaign_steps.retry),
    Route("staff.campaign.unsure", staff_campaign_steps.ask_about_unsure),
    Route("staff.campaign.resend", staff_campaign_steps.resend_unsure),
    Route("staff.campaign.watch", staff_watching.watch),
    Route("staff.campaign.now", staff_watching.refresh),
    Route("staff.campaign.report", staff_campaign_steps.report),
)
