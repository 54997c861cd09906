"""A seat belongs to one person at a time, from the choice of its time until it is given up."""

from datetime import UTC, date, datetime, timedelta

import pytest

from db.booking import Appointment
from services import appointments, availability, booking, holds
from services.booking_details import BadDetail
from services.booking_terms import (
    AlreadyBooked,
    AppointmentStatus,
    Changed,
    HoldGone,
    Kind,
    NotFound,
    NotOpen,
    SlotTaken,
    Tier,
    TooLate,
)
from services.cycles import Service
from tests.services.booking.office import NOW, THURSDAY, TOLD, TUESDAY, WEDNESDAY, Office

SECOND = timedelta(seconds=1)


def test_a_held_seat_becomes_an_appointment(office: Office) -> None:
    slot = office.slots()[0]
    person = office.person()
    booked = office.book(person, slot)
    assert (booked.slot_id, booked.status, booked.version) == (slot, AppointmentStatus.BOOKED, 1)
    assert office.booked(slot) == 1
    assert office.read(lambda session: appointments.open_of(session, person)) == booked
    office.check_seats()


def test_details_are_sealed_and_leave_the_hold(office: Office) -> None:
    booked = office.book(office.person(), office.slots()[0])
    sealed = office.read(lambda session: session.get_one(Appointment, booked.id).sealed_details)
    assert TOLD["name"].encode() not in (sealed or b"")
    told = office.read(lambda session: appointments.details_of(session, booked.id))
    assert told == {field: TOLD[field] for field in ("name", "phone", "employer", "standing")}


def test_a_seat_that_is_held_is_nobody_else_s(office: Office) -> None:
    slot = office.slots()[0]
    office.hold(office.person(), slot)
    with pytest.raises(SlotTaken):
        office.hold(office.person(), slot)
    office.check_seats()


def test_the_same_choice_again_is_the_same_hold(office: Office) -> None:
    person, slot = office.person(), office.slots()[0]
    assert office.hold(person, slot) == office.hold(person, slot, now=NOW + timedelta(minutes=5))
    assert office.booked(slot) == 1


def test_another_choice_gives_the_first_seat_back_and_keeps_what_was_filled_in(office: Office) -> None:
    person, (first, second, *_) = office.person(), office.slots()
    office.hold(person, first)
    held = office.do(holds.hold, person, second, Tier.SILVER, Kind.FIRST)
    assert (office.booked(first), office.booked(second)) == (0, 1)
    assert office.do(booking.book, person, held).slot_id == second
    office.check_seats()


def test_a_choice_that_fails_keeps_the_seat_that_is_held(office: Office) -> None:
    person, (first, second, *_) = office.person(), office.slots()
    held = office.hold(person, first)
    office.book(office.person(), second)
    with pytest.raises(SlotTaken):
        office.hold(person, second)
    assert office.do(booking.book, person, held).slot_id == first


def test_a_hold_lasts_ten_minutes_to_the_second(office: Office) -> None:
    person, slot = office.person(), office.slots()[0]
    held = office.hold(person, slot)
    end = NOW + timedelta(minutes=10)
    assert office.do(holds.expire_holds, now=end - SECOND) == 0
    with pytest.raises(HoldGone):
        office.do(booking.book, person, held, now=end)
    assert office.do(holds.expire_holds, now=end) == 1
    assert office.do(holds.expire_holds, now=end) == 0
    assert office.booked(slot) == 0
    office.check_seats()


def test_a_hold_can_be_confirmed_in_its_last_second(office: Office) -> None:
    person = office.person()
    held = office.hold(person, office.slots()[0])
    assert office.do(booking.book, person, held, now=NOW + timedelta(minutes=10) - SECOND)


def test_one_open_appointment_per_person(office: Office) -> None:
    person, (first, second, *_) = office.person(), office.slots()
    office.book(person, first)
    held = office.hold(person, second)
    with pytest.raises(AlreadyBooked):
        office.do(booking.book, person, held)
    office.check_seats()


def test_nobody_confirms_somebody_else_s_hold(office: Office) -> None:
    held = office.hold(office.person(), office.slots()[0])
    with pytest.raises(HoldGone):
        office.do(booking.book, office.person(), held)


def test_nothing_is_booked_with_details_missing(office: Office) -> None:
    person = office.person()
    held = office.do(holds.hold, person, office.slots()[0], Tier.SILVER, Kind.FIRST)
    with pytest.raises(BadDetail, match="name"):
        office.do(booking.book, person, held)
    office.check_seats()


def test_moving_takes_the_new_seat_and_then_frees_the_old_one(office: Office) -> None:
    person, (first, second, *_) = office.person(), office.slots()
    booked = office.book(person, first)
    held = office.hold(person, second)
    assert office.booked(first) == 1
    moved = office.do(booking.move, person, booked.id, booked.version, held)
    assert (moved.slot_id, moved.version, moved.code) == (second, 2, booked.code)
    assert (office.booked(first), office.booked(second)) == (0, 1)
    office.check_seats()


def test_a_stale_card_moves_and_cancels_nothing(office: Office) -> None:
    person, (first, second, *_) = office.person(), office.slots()
    booked = office.book(person, first)
    office.do(booking.move, person, booked.id, 1, office.hold(person, second))
    with pytest.raises(Changed):
        office.do(booking.cancel, person, booked.id, 1)
    with pytest.raises(Changed):
        office.do(booking.move, person, booked.id, 1, office.hold(person, first))
    office.check_seats()


def test_a_move_whose_hold_ran_out_leaves_everything_as_it_was(office: Office) -> None:
    person, (first, second, *_) = office.person(), office.slots()
    booked = office.book(person, first)
    held = office.hold(person, second)
    with pytest.raises(HoldGone):
        office.do(booking.move, person, booked.id, 1, held, now=NOW + timedelta(minutes=10))
    assert office.booked(first) == 1
    office.check_seats()


def test_cancelling_gives_the_seat_back_and_keeps_the_row(office: Office) -> None:
    person, slot = office.person(), office.slots()[0]
    booked = office.book(person, slot)
    cancelled = office.do(booking.cancel, person, booked.id, booked.version)
    assert cancelled.status is AppointmentStatus.CANCELLED
    assert office.booked(slot) == 0
    assert office.book(person, slot).id != booked.id


def test_the_cut_off_holds_to_the_second(office: Office) -> None:
    person, slot = office.person(), office.slots(TUESDAY)[0]
    booked = office.book(person, slot)
    cut_off = datetime(2026, 11, 30, 13, tzinfo=UTC)  # 21:00 on the evening before 09:00
    assert booked.change_until == cut_off
    with pytest.raises(TooLate):
        office.do(booking.cancel, person, booked.id, 1, now=cut_off)
    office.do(booking.cancel, person, booked.id, 1, now=cut_off - SECOND)


def test_booking_opens_and_closes_to_the_second(office: Office) -> None:
    slot, person = office.slots()[0], office.person()
    opens = datetime(2026, 11, 23, 1, tzinfo=UTC)
    with pytest.raises(NotOpen):
        office.hold(person, slot, now=opens - SECOND)
    office.hold(person, slot, now=opens)
    last = datetime(2026, 11, 24, 13, tzinfo=UTC)
    with pytest.raises(TooLate):
        office.hold(office.person(), office.slots()[1], now=last + timedelta(minutes=30))
    with pytest.raises(TooLate):
        office.hold(office.person(), slot, now=last)


def test_the_next_opening_opens_on_its_own_day(office: Office) -> None:
    later = office.slots(date(2026, 12, 9))[0]  # of the opening of 7 December, 09:00 in Shanghai
    with pytest.raises(NotOpen):
        office.hold(office.person(), later, now=datetime(2026, 12, 7, 0, 59, 59, tzinfo=UTC))
    office.hold(office.person(), later, now=datetime(2026, 12, 7, 1, tzinfo=UTC))


def test_a_silver_holder_cannot_take_a_visit(office: Office) -> None:
    with pytest.raises(Changed):
        office.hold(office.person(), office.slots(service="visit")[0])


def test_a_team_s_day_ends_with_its_daily_limit(office: Office) -> None:
    visits = office.slots(service="visit")
    for slot in visits[:3]:
        office.book(office.person(), slot, Tier.GOLD)
    with pytest.raises(SlotTaken):
        office.book(office.person(), visits[3], Tier.DIAMOND)
    days = office.read(lambda session: availability.days(session, Service.VISIT, NOW))
    assert {one.day: one.free for one in days}[WEDNESDAY] == 0
    assert office.read(lambda session: availability.times(session, Service.VISIT, WEDNESDAY, NOW)) == []
    assert {one.day: one.free for one in days}[THURSDAY] == 3
    office.check_seats()


def test_somebody_else_s_appointment_is_not_found(office: Office) -> None:
    booked = office.book(office.person(), office.slots()[0])
    with pytest.raises(NotFound):
        office.do(booking.cancel, office.person(), booked.id, 1)


def test_history_tells_who_did_what_when(office: Office) -> None:
    person, (first, second, *_) = office.person(), office.slots()
    booked = office.book(person, first)
    office.do(booking.move, person, booked.id, 1, office.hold(person, second), now=NOW + SECOND)
    office.do(booking.cancel_for, "staff:1", booked.id, now=NOW + 2 * SECOND)
    lines = office.read(lambda session: appointments.history(session, booked.id))
    assert [(one.version, one.happened, one.actor, one.slot_id) for one in lines] == [
        (1, "booked", f"person:{person}", first),
        (2, "moved", f"person:{person}", second),
        (3, "cancelled", "staff:1", second),
    ]
    assert office.notices.to(person) == ["booking.cancelled_by_office"]


def test_staff_book_move_and_cancel_past_the_hours_but_never_over_a_seat(office: Office) -> None:
    late = datetime(2026, 11, 25, 0, 59, tzinfo=UTC)
    first, second, *_ = office.slots()
    booked = office.do(booking.book_for, "staff:1", None, first, Tier.SILVER, Kind.RENEWAL, TOLD, now=late)
    with pytest.raises(SlotTaken):
        office.do(booking.book_for, "staff:1", None, first, Tier.SILVER, Kind.FIRST, TOLD, now=late)
    moved = office.do(booking.move_for, "staff:1", booked.id, second, now=late)
    assert moved.slot_id == second
    office.do(booking.cancel_for, "staff:1", booked.id, now=late)
    office.check_seats()


def test_nothing_is_left_of_an_erased_person_but_the_fact(office: Office) -> None:
    person, slot = office.person(), office.slots()[0]
    booked = office.book(person, slot)
    office.hold(person, office.slots()[1])
    office.do(booking.forget, person)
    assert office.read(lambda session: appointments.details_of(session, booked.id)) == {}
    assert office.booked(slot) == 0
    office.check_seats()
    lines = office.read(lambda session: appointments.history(session, booked.id))
    assert [one.happened for one in lines] == ["booked", "cancelled", "erased"]


def test_details_are_forgotten_when_their_time_is_over_and_the_history_stays(office: Office) -> None:
    old = office.book(office.person(), office.slots()[0])
    newer = office.book(office.person(), office.slots(TUESDAY)[0])
    assert office.do(booking.expire_details, WEDNESDAY) == 1
    assert office.do(booking.expire_details, WEDNESDAY) == 0
    assert office.read(lambda session: appointments.details_of(session, old.id)) == {}
    assert office.read(lambda session: appointments.details_of(session, newer.id)) != {}
    lines = office.read(lambda session: appointments.history(session, old.id))
    assert [(one.happened, one.actor) for one in lines][1:] == [("erased", "clock")]
