"""Every table of the service: importing this module declares them all."""

from db import audit, booking, calendar, conversation, delivery, handoff, knowledge, linking, people, wechat
from db.base import Base

__all__ = [
    "audit",
    "booking",
    "calendar",
    "conversation",
    "delivery",
    "handoff",
    "knowledge",
    "linking",
    "metadata",
    "people",
    "wechat",
]

metadata = Base.metadata
