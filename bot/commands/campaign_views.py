"""What `youcai campaign` shows: counts for programs, tables and a progress bar for people."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.orm import Session

from bot.commands.terms import say
from db.session import Database
from services import campaign_reports, campaigns
from services.campaign_terms import BEFORE, CampaignStatus
from services.segments import Preview

_LOOK = 0.5  # seconds between looks at one that runs
_OVER = (CampaignStatus.FINISHED, CampaignStatus.CANCELLED, CampaignStatus.PAUSED, CampaignStatus.DRAFT)


def shape(session: Session, number: int, now: datetime) -> dict[str, Any]:
    """`total` is what will go out, before it has begun."""
    campaign = campaigns.find(session, number)
    counted = campaign_reports.progress(session, number, now)
    ahead = campaign.status in BEFORE
    total = campaigns.preview(session, number, now).targeted if ahead else counted.total
    return {
        "id": number,
        "title": campaign.title,
        "status": campaign.status,
        "total": total,
        **counted.counts,
    }


def tell(database: Database, number: int) -> None:
    now = datetime.now(UTC)
    shown = database.run_now(lambda session: shape(session, number, now))
    report = database.run_now(lambda session: campaign_reports.report(session, number))
    table = Table(say("campaign_column_what"), say("campaign_column_number"), title=escape(shown["title"]))
    table.add_row(say("campaign_total"), str(shown["total"]))
    for status, count in report.counts.items():
        if count:
            table.add_row(say("campaign_counted", status=status), str(count))
    for why, count in [*report.why.items(), *report.excluded.items()]:
        table.add_row(say("campaign_why", why=why), str(count))
    for name in ("tapped", "signed_up", "attended"):
        table.add_row(say(f"campaign_{name}"), str(getattr(report, name)))
    Console().print(table)
    print(say("campaign_now", number=number, status=shown["status"]))


def tell_preview(number: int, text: str, preview: Preview, when: str) -> None:
    print(text, end="\n\n")
    counted = {"targeted": preview.targeted, "excluded": preview.excluded}
    print(say("campaign_preview", number=number, when=when, **counted))


def tell_latest(database: Database) -> None:
    now = datetime.now(UTC)
    table = Table("#", say("campaign_column_title"), say("campaign_column_state"), say("campaign_total"))
    for campaign in database.run_now(campaigns.latest):
        shown = database.run_now(partial(shape, number=campaign.id, now=now))
        state = say("campaign_state", status=shown["status"])
        table.add_row(str(campaign.id), escape(campaign.title), state, str(shown["total"]))
    Console().print(table)


def watch(database: Database, number: int) -> None:
    """Until it is over, or Ctrl+C."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("", total=None)
        while True:
            shown = database.run_now(lambda session: shape(session, number, datetime.now(UTC)))
            waits = shown["queued"] + shown["sending"]
            said = say("campaign_state", status=shown["status"])
            bar.update(task, description=said, total=shown["total"], completed=shown["total"] - waits)
            if shown["status"] in _OVER:
                return
            time.sleep(_LOOK)
