"""A day and two hours before, once each, never for what was cancelled or moved, caught up after a stop."""

from datetime import timedelta

from services import attendance, booking, reminders
from tests.services.booking.office import TUESDAY, WEDNESDAY, Office

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BOTH = ["booking.remind_day", "booking.remind_hours"]


def test_reminders_come_a_day_and_two_hours_before_once_each(office: Office) -> None:
    person = office.person()
    start = office.book(person, office.slots(TUESDAY)[0]).starts_at
    assert office.do(reminders.queue_due, now=start - DAY - SECOND) == 0
    assert office.do(reminders.queue_due, now=start - DAY) == 1
    assert office.do(reminders.queue_due, now=start - 2 * HOUR - SECOND) == 0
    assert office.do(reminders.queue_due, now=start - 2 * HOUR) == 1
    assert office.do(reminders.queue_due, now=start - HOUR) == 0
    assert office.notices.to(person) == BOTH


def test_a_cancelled_appointment_is_silent(office: Office) -> None:
    person = office.person()
    booked = office.book(person, office.slots(TUESDAY)[0])
    office.do(booking.cancel, person, booked.id, 1)
    assert office.do(reminders.queue_due, now=booked.starts_at - HOUR) == 0
    assert office.notices.sent == []


def test_a_moved_appointment_is_reminded_of_its_new_time_only(office: Office) -> None:
    person = office.person()
    booked = office.book(person, office.slots(WEDNESDAY)[0])
    held = office.hold(person, office.slots(TUESDAY)[0])
    moved = office.do(booking.move, person, booked.id, 1, held)
    assert office.do(reminders.queue_due, now=booked.starts_at - DAY) == 0
    assert office.do(reminders.queue_due, now=moved.starts_at - DAY) == 1
    assert "12月1日（周二）09:00" in office.notices.sent[0][3].text


def test_after_a_stop_only_what_is_still_of_use_is_sent(office: Office) -> None:
    person, late = office.person(), office.person()
    start = office.book(person, office.slots(TUESDAY)[0]).starts_at
    office.book(late, office.slots(TUESDAY)[6])  # 14:30
    assert office.do(reminders.queue_due, now=start - HOUR) == 2
    assert office.notices.to(person) == ["booking.remind_hours"]
    assert office.notices.to(late) == ["booking.remind_day"]
    assert office.do(reminders.queue_due, now=start + 9 * HOUR) == 0


def test_who_is_there_already_is_not_reminded(office: Office) -> None:
    booked = office.book(office.person(), office.slots(TUESDAY)[0])
    early = booked.starts_at - 3 * HOUR
    office.do(reminders.queue_due, now=early)
    office.do(attendance.check_in, "staff:1", booked.code, TUESDAY, now=early)
    assert office.do(reminders.queue_due, now=booked.starts_at - HOUR) == 0


def test_who_books_within_the_last_day_is_not_told_that_it_is_tomorrow(office: Office) -> None:
    person = office.person()
    slot = office.slots(TUESDAY)[0]
    start = office.book(person, slot).starts_at
    other = office.person()
    office.book(other, office.slots(TUESDAY)[1], now=start - DAY + HOUR)
    assert office.do(reminders.queue_due, now=start - DAY + HOUR) == 1
    assert office.notices.to(other) == []
