"""Where the buttons of a drafted campaign may lead: to what is there for everybody, and to events that are ahead."""

from datetime import datetime

from sqlalchemy.orm import Session

from services import events
from services.campaign_terms import BadContent
from services.messaging import Button
from services.texts import Texts

PLACES = ("book", "events", "subscriptions", "ask")


def button(session: Session, texts: Texts, written: str, now: datetime) -> Button:
    """`book`, or `event:3`. Raises BadContent."""
    if written in PLACES:
        return Button(texts.label(f"buttons/{written}"), written)
    ahead = {f"event:{one.id}" for one in events.upcoming(session, now)}
    if written in ahead:
        return Button(texts.label("buttons/event_card"), written)
    raise BadContent("button")
