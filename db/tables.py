"""Every table of the service: importing this module declares them all."""

from db import (
    audit,
    booking,
    calendar,
    campaigns,
    conversation,
    delivery,
    events,
    handoff,
    knowledge,
    linking,
    people,
    staff,
    wechat,
)
from db.base import Base

__all__ = [
    "audit",
    "booking",
    "calendar",
    "campaigns",
    "conversation",
    "delivery",
    "events",
    "handoff",
    "knowledge",
    "linking",
    "metadata",
    "people",
    "staff",
    "wechat",
]

metadata = Base.metadata
