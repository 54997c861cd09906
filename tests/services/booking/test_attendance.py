"""The day at the desk: who comes, what is missing, which tier it is, and the cards of the year."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from db.audit import AuditEntry
from services import appointments, attendance, booking
from services.booking_terms import AppointmentStatus, Changed, NotFound, SlotTaken, Tier, TooLate
from services.cycles import Service
from tests.services.booking.office import WEDNESDAY, Office

MORNING = datetime(2026, 11, 25, 1, tzinfo=UTC)
CLERK = "staff:3"


def test_the_code_checks_in_on_its_day_however_it_is_written(office: Office) -> None:
    booked = office.book(office.person(), office.slots()[0])
    shown = appointments.shown_code(booked.code).lower()
    with pytest.raises(Changed):
        office.do(attendance.check_in, CLERK, shown, WEDNESDAY - timedelta(days=1))
    done = office.do(attendance.check_in, CLERK, f" youcai:{shown} ", WEDNESDAY, now=MORNING)
    assert done.status is AppointmentStatus.CHECKED_IN
    assert office.do(attendance.check_in, CLERK, shown, WEDNESDAY, now=MORNING) == done
    with pytest.raises(NotFound):
        office.do(attendance.check_in, CLERK, "AAAA-AAAA", WEDNESDAY, now=MORNING)


def test_yesterday_s_code_is_too_late(office: Office) -> None:
    booked = office.book(office.person(), office.slots()[0])
    with pytest.raises(TooLate):
        office.do(attendance.check_in, CLERK, booked.code, WEDNESDAY + timedelta(days=1), now=MORNING)


def test_a_checked_in_person_can_neither_move_nor_cancel(office: Office) -> None:
    person = office.person()
    booked = office.book(person, office.slots()[0])
    office.do(attendance.check_in, CLERK, booked.code, WEDNESDAY, now=MORNING)
    with pytest.raises(Changed):
        office.do(booking.cancel, person, booked.id, 2)


def test_missing_documents_are_told_and_the_next_appointment_is_free_to_take(office: Office) -> None:
    person = office.person()
    booked = office.book(person, office.slots()[0])
    office.do(attendance.lack, CLERK, booked.id, "近期免冠照片一张", now=MORNING)
    assert office.notices.to(person) == ["booking.documents_missing"]
    assert "近期免冠照片一张" in office.notices.sent[-1][3].text
    assert office.read(lambda session: appointments.lacking_of(session, booked.id)) == "近期免冠照片一张"
    office.book(person, office.slots(date(2026, 12, 1))[0])


def test_issued_cards_count_toward_the_year(office: Office) -> None:
    person = office.person()
    booked = office.book(person, office.slots()[0])
    office.do(attendance.attend, CLERK, booked.id, now=MORNING)
    last_second = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    done = office.do(attendance.issue, CLERK, booked.id, "YC-001", date(2029, 12, 31), now=last_second)
    assert (done.issued_on, done.valid_until) == (date(2026, 12, 31), date(2029, 12, 31))
    assert office.read(lambda session: attendance.issued_in(session, 2026)) == 1
    assert office.read(lambda session: attendance.issued_in(session, 2027)) == 0
    choices = [button.choice for button in office.notices.sent[-1][3].buttons]
    assert choices == ["book.mine", "subscribe:booking"]
    with pytest.raises(Changed):
        office.do(attendance.issue, CLERK, booked.id, "YC-002", date(2029, 12, 31), now=last_second)


def test_nobody_misses_a_time_that_has_not_begun(office: Office) -> None:
    booked = office.book(office.person(), office.slots()[0])
    with pytest.raises(Changed):
        office.do(attendance.miss, CLERK, booked.id, now=booked.starts_at - timedelta(seconds=1))
    done = office.do(attendance.miss, CLERK, booked.id, now=booked.starts_at)
    assert done.status is AppointmentStatus.MISSED
    office.check_seats()


def test_the_office_confirms_the_tier_and_the_seat_stays(office: Office) -> None:
    booked = office.book(office.person(), office.slots(service="visit")[0], Tier.GOLD)
    done = office.do(attendance.confirm_tier, CLERK, booked.id, Tier.DIAMOND)
    assert (done.tier, done.tier_confirmed, done.slot_id) == (Tier.DIAMOND, True, booked.slot_id)
    assert office.notices.sent == []


def test_a_wrong_tier_gets_a_seat_where_it_is_served(office: Office) -> None:
    person = office.person()
    booked = office.book(person, office.slots()[0])
    done = office.do(attendance.confirm_tier, CLERK, booked.id, Tier.GOLD)
    assert (done.service, done.day, done.tier) == (Service.VISIT, WEDNESDAY, Tier.GOLD)
    assert office.booked(booked.slot_id) == 0
    assert office.notices.to(person) == ["booking.moved_by_office"]
    office.check_seats()


def test_a_wrong_tier_without_a_seat_elsewhere_keeps_the_one_it_has(office: Office) -> None:
    for day in (WEDNESDAY, date(2026, 11, 26), *(date(2026, 12, at) for at in (1, 2, 3, 8))):
        for slot in office.slots(day, "visit")[:3]:
            office.book(office.person(), slot, Tier.GOLD)
    booked = office.book(office.person(), office.slots()[0])
    with pytest.raises(SlotTaken):
        office.do(attendance.confirm_tier, CLERK, booked.id, Tier.GOLD)
    assert office.read(lambda session: appointments.find(session, booked.id)) == booked
    office.check_seats()


def test_the_day_s_list_goes_by_counter_and_route_and_reading_it_is_recorded(office: Office) -> None:
    late, early = office.slots()[5], office.slots()[1]
    for slot in (late, early):
        office.book(office.person(), slot)
    office.book(office.person(), office.slots(service="visit")[0], Tier.DIAMOND)
    gone = office.book(office.person(), office.slots()[0])
    office.do(booking.cancel_for, CLERK, gone.id)
    found = office.do(attendance.day_list, CLERK, WEDNESDAY)
    assert list(found) == ["1号窗口", "上门一组"]
    assert [line.booked.slot_id for line in found["1号窗口"]] == [early, late]
    assert found["上门一组"][0].told["address"] == "江海区金瓯路某号"
    trail = office.read(lambda session: session.execute(select(AuditEntry)).scalars().all())
    assert [(one.actor, one.action) for one in trail] == [(CLERK, "booking.day_list")]
