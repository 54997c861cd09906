"""The word to subscribers of policy that a document was published: a campaign of its own, where whoever publishes
it says so.

It needs no second look: its words come with the release, what they speak of stands in the document, and whoever
publishes on the machine itself has just read that and was asked. All else is the same for every campaign.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services import campaigns, segments
from services.campaign_terms import CampaignDesk
from services.campaigns import COMMAND, Draft
from services.knowledge import shelf
from services.knowledge.answering.clauses import unnumbered
from services.knowledge.answering.library import topics_of
from services.knowledge.reading.passages import Passage, Source
from services.messaging import Button
from services.spoken import full_day

TOPIC = "policy"
_USEFUL = timedelta(days=14)
_MOST, _LONGEST = 4, 30  # matters named, characters of one
_CHAPTER = re.compile(r"^第[一二三四五六七八九十百\d]+[编章节]\s*")
_TITLE = 120  # characters that a campaign's title holds


def is_news(source: Source, today: date) -> bool:
    """In force, or going to be; nobody is told of what is over."""
    return source.expires_on is None or today <= source.expires_on


def subscribers(session: Session, now: datetime) -> int:
    return segments.preview(session, segments.EVERYBODY, TOPIC, now).targeted


def tell_published(session: Session, desk: CampaignDesk, document_id: int, now: datetime) -> int | None:
    """The campaign's number; None when the document is over, or was told before."""
    source, passages = shelf.find(session, document_id)
    if not is_news(source, now.astimezone(desk.zone).date()):
        return None
    text = desk.texts.say(
        "policy/published",
        title=source.title,
        number=source.number,
        about=about(source, passages),
        begins=full_day(source.effective_on) if source.effective_on else "",
        ends=full_day(source.expires_on) if source.expires_on else "",
    )
    draft = Draft(
        title=desk.texts.say("policy/published_title", title=source.title)[:_TITLE],
        text=text,
        buttons=(Button(desk.texts.label("buttons/ask"), "ask"),),
        topic=TOPIC,
        send_at=now,
        useful_until=_useful_until(source, desk.zone, now),
    )
    made = campaigns.create(session, draft, COMMAND, now, origin=f"document:{document_id}")
    if made is not None:
        campaigns.approve_at_once(session, desk, made, COMMAND, now)
    return made


def about(source: Source, passages: Sequence[Passage]) -> list[str]:
    """A few of its headings: the first of every section, or in a short one all there are."""
    found: Sequence[str] = topics_of([(source, one) for one in passages])
    if len(found) < 2:
        found = [unnumbered(one.headings[-1]) for one in passages if one.headings]
    named = dict.fromkeys(_CHAPTER.sub("", one) for one in found)
    return [one for one in named if 0 < len(one) <= _LONGEST][:_MOST]


def _useful_until(source: Source, zone: ZoneInfo, now: datetime) -> datetime:
    until = now + _USEFUL
    if source.expires_on is None:
        return until
    return min(until, datetime.combine(source.expires_on + timedelta(days=1), time.min, zone))
