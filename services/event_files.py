"""Events for calendars: one as a file, all that are ahead as a feed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import icalendar

from db.events import Event
from services.event_terms import EventDesk, EventStatus
from services.messaging import Attachment

_LOOK_AGAIN = timedelta(hours=6)  # how often a calendar fetches the feed, if it does as it is told


def calendar_file(desk: EventDesk, event: Event, now: datetime) -> Attachment:
    """The same entry for every change of the event, with a higher sequence number: calendars replace it."""
    method = "CANCEL" if event.status == EventStatus.CANCELLED else "PUBLISH"
    content = _calendar([_entry(desk, event, now)], method).to_ical()
    return Attachment(desk.texts.say("event/calendar_file"), "text/calendar", content)


def feed(desk: EventDesk, events: Sequence[Event], now: datetime) -> bytes:
    """Cancelled ones too: calendars that have them strike them out."""
    calendar = _calendar([_entry(desk, event, now) for event in events], "PUBLISH")
    calendar.add("x-wr-calname", desk.texts.say("event/feed_name"))
    calendar.add("refresh-interval", _LOOK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(_LOOK_AGAIN))  # the same for Outlook
    return bytes(calendar.to_ical())


def _calendar(entries: Sequence[icalendar.Event], method: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//youcai//events//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(entry)
    return calendar


def _entry(desk: EventDesk, event: Event, now: datetime) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"event-{event.id}@youcai")
    entry.add("sequence", event.version - 1 + (event.status == EventStatus.CANCELLED))
    entry.add("dtstamp", now)
    entry.add("last-modified", event.changed_at)
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at)
    entry.add("summary", event.title)
    entry.add("location", event.place)
    if event.text:
        entry.add("description", event.text)
    if event.map_url:
        entry.add("url", event.map_url)
    entry.add("status", "CANCELLED" if event.status == EventStatus.CANCELLED else "CONFIRMED")
    return entry
