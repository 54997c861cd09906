"""The files that go with a confirmation: the appointment for calendars, and its code to be scanned."""

import io
from datetime import datetime

import segno
from icalendar import Calendar, Event

from services.appointments import Booked, shown_code
from services.booking_desk import BookingDesk
from services.booking_terms import AppointmentStatus
from services.cycles import Service
from services.messaging import Attachment


def calendar_file(desk: BookingDesk, booked: Booked, now: datetime) -> Attachment:
    """The same event for every change of the appointment, with a higher sequence number: calendars replace it."""
    cancelled = booked.status is AppointmentStatus.CANCELLED
    event = Event()
    event.add("uid", f"{booked.code}@youcai")
    event.add("sequence", booked.version - 1)
    event.add("dtstamp", now)
    event.add("dtstart", booked.starts_at)
    event.add("dtend", booked.ends_at)
    event.add("summary", desk.texts.say("booking/calendar_title"))
    event.add("description", desk.texts.say("booking/calendar_note", code=shown_code(booked.code)))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if booked.service is Service.COUNTER:
        event.add("location", f"{desk.address} {booked.place}")
    calendar = Calendar()
    calendar.add("prodid", "-//youcai//booking//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    name = desk.texts.say("booking/calendar_file")
    return Attachment(name, "text/calendar", calendar.to_ical())


def code_image(desk: BookingDesk, booked: Booked) -> Attachment:
    """A QR code that the desk scans to check in."""
    drawn = io.BytesIO()
    segno.make(f"youcai:{shown_code(booked.code)}", error="m").save(drawn, kind="png", scale=8, border=3)
    return Attachment(desk.texts.say("booking/code_file"), "image/png", drawn.getvalue())
