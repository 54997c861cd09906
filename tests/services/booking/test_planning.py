"""Planning again changes nothing; a day that turns out to be off moves its people, and nobody is lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from db.booking import BookingCycle, Slot
from services import appointments, booking, holds, offers, planning, waitlist
from services.booking_terms import AppointmentStatus, Kind, NotOpen, Tier
from services.calendar import Notice
from services.planning import Planned
from tests.services.booking.office import NOW, PLAN, TUESDAY, WEDNESDAY, Office

FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)


def count(office: Office, what: type[BookingCycle] | type[Slot]) -> int:
    return office.read(lambda session: session.execute(select(func.count()).select_from(what)).scalar_one())


def close(office: Office, *days: date, now: datetime = NOW) -> Planned:
    office.do(planning.import_notice, Notice(days=dict.fromkeys(days, False)), "staff:1", now=now)
    return office.do(planning.plan_ahead, now=now)


def test_planning_again_changes_nothing(office: Office) -> None:
    before = count(office, BookingCycle), count(office, Slot)
    assert office.do(planning.plan_ahead) == Planned()
    assert (count(office, BookingCycle), count(office, Slot)) == before


def test_planning_starts_with_the_opening_that_is_under_way(office: Office) -> None:
    found = office.read(lambda session: planning.cycles(session, PLAN, NOW))
    assert [one.opens_on for one in found][:2] == [date(2026, 11, 23), date(2026, 12, 7)]
    assert found[0].days == [
        "2026-11-25",
        "2026-11-26",
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
        "2026-12-08",
    ]


def test_more_weeks_add_openings_and_provisional_ones_cannot_be_booked(office: Office) -> None:
    planned = office.do(planning.plan_ahead, weeks=12)
    assert planned == Planned(made=2)
    found = office.read(lambda session: planning.cycles(session, PLAN, NOW))
    assert [one.provisional for one in found] == [False, False, False, *[True] * 4]
    new_year = select(Slot).where(Slot.day >= date(2027, 1, 1))
    slots = office.read(lambda session: session.execute(new_year).scalars().all())
    assert slots
    assert all(slot.opens_at is None for slot in slots)


def test_a_notice_makes_provisional_openings_firm(office: Office) -> None:
    office.do(planning.import_notice, Notice(frozenset({2027})), "staff:1")
    assert office.do(planning.plan_ahead).drawn_anew == 3
    found = office.read(lambda session: planning.cycles(session, PLAN, NOW))
    assert not any(one.provisional for one in found)


def test_an_open_opening_gets_its_unsettled_days_when_the_notice_comes(office: Office) -> None:
    """Opened on 21 December; of its days, 5 January waits for the new year's arrangements."""
    now = datetime(2026, 12, 21, 2, tzinfo=UTC)
    booked = office.book(office.person(), office.slots(date(2026, 12, 24))[0], now=now)
    with pytest.raises(NotOpen):
        office.hold(office.person(), office.slots(date(2027, 1, 5))[0], now=now)
    # An invented notice: nobody knows yet what 2027 brings.
    notice = Notice(frozenset({2027}), {date(2027, 1, 5): False})
    office.do(planning.import_notice, notice, "staff:1", now=now)
    office.do(planning.plan_ahead, now=now)
    assert office.slots(date(2027, 1, 5)) == []
    # The regular Wednesday of the next opening makes room for it.
    office.hold(office.person(), office.slots(date(2027, 1, 6))[0], now=now)
    assert office.read(lambda session: appointments.find(session, booked.id)) == booked
    office.check_seats()


def test_other_settings_draw_what_is_still_ahead_anew_and_leave_what_is_open(office: Office) -> None:
    open_slots = office.slots()
    desk = replace(office.desk, plan=replace(PLAN, counters=("1号窗口", "2号窗口")))
    planned = office.database.run_now(lambda session: planning.plan_ahead(session, desk, NOW))
    assert planned.drawn_anew == 4
    assert office.slots() == open_slots
    assert len(office.slots(date(2026, 12, 9))) == 2 * len(open_slots)


def test_another_rhythm_replaces_the_openings_ahead(office: Office) -> None:
    desk = replace(office.desk, plan=replace(PLAN, first_opening=date(2026, 11, 24)))
    office.database.run_now(lambda session: planning.plan_ahead(session, desk, NOW))
    found = office.read(lambda session: planning.cycles(session, desk.plan, NOW))
    assert [one.nominal_on for one in found][:3] == [
        date(2026, 11, 23),
        date(2026, 11, 24),
        date(2026, 12, 8),
    ]


def test_people_of_a_day_off_move_to_the_next_working_day_at_the_same_time(office: Office) -> None:
    person, visited = office.person(), office.person()
    before = office.book(person, office.slots()[3])
    visit = office.book(visited, office.slots(service="visit")[1], Tier.DIAMOND)
    assert close(office, WEDNESDAY) == Planned(days_closed=1)
    after = office.read(lambda session: appointments.find(session, before.id))
    # Thursday already serves, so Wednesday's people come on Friday.
    assert (after.day, after.starts_at - before.starts_at) == (FRIDAY, timedelta(days=2))
    assert office.read(lambda session: appointments.find(session, visit.id)).day == FRIDAY
    assert office.notices.to(person) == ["booking.moved_by_office"]
    choices = [button.choice for button in office.notices.sent[0][3].buttons]
    assert choices == ["book.mine", f"book.move:{before.id}:2", f"book.cancel:{before.id}:2"]
    office.check_seats()
    assert close(office, WEDNESDAY) == Planned()


def test_holds_and_lines_of_a_day_off_are_not_lost(office: Office) -> None:
    *rest, last = office.slots()
    people = [office.person() for _ in rest]
    for person, slot in zip(people, rest, strict=True):
        office.book(person, slot)
    office.hold(office.person(), last)
    waits = office.person()
    office.do(waitlist.join, waits, WEDNESDAY, Tier.SILVER, Kind.FIRST)
    close(office, WEDNESDAY)
    office.check_seats()
    entry = office.read(lambda session: waitlist.entries_of(session, waits)[0])
    assert entry.day == FRIDAY
    office.do(offers.serve_lines)
    assert office.notices.to(waits) == ["booking.offer"]
    office.check_seats()


def test_who_finds_no_other_seat_is_cancelled_with_notice(office: Office) -> None:
    """All later days are off as well, and the days that replace them bring only so many seats."""
    full = office.fill()
    for slot in office.slots(FRIDAY):
        office.book(office.person(), slot)
    desk = replace(office.desk, plan=replace(PLAN, times=PLAN.times[:4]))  # mornings only from now on
    office.do(planning.import_notice, Notice(days={WEDNESDAY: False}), "staff:1")
    for day in (date(2026, 11, 26), TUESDAY, *(date(2026, 12, at) for at in (2, 3, 8))):
        for slot in office.slots(day):
            office.book(office.person(), slot)
    office.database.run_now(lambda session: planning.plan_ahead(session, desk, NOW))
    after = [office.read(lambda session, one=one: appointments.find(session, one.id)) for one in full]  # type: ignore[misc]
    statuses = [one.status for one in after]
    assert statuses.count(AppointmentStatus.BOOKED) == 4
    assert statuses.count(AppointmentStatus.CANCELLED) == 4
    told = [office.notices.to(one.person_id or 0) for one in full]
    assert sum(one[-1:] == ["booking.cancelled_by_office"] for one in told) == 4
    office.check_seats()


def test_a_move_by_the_office_can_be_answered_with_another_time(office: Office) -> None:
    person = office.person()
    before = office.book(person, office.slots()[0])
    close(office, WEDNESDAY)
    held = office.hold(person, office.slots(TUESDAY)[0])
    assert office.do(booking.move, person, before.id, 2, held).day == TUESDAY
    assert office.read(lambda session: holds.live_of(session, person)) is None
    office.check_seats()


def test_two_days_off_in_a_row_do_not_fall_together(office: Office) -> None:
    close(office, WEDNESDAY, date(2026, 11, 26))
    found = office.read(lambda session: planning.cycles(session, PLAN, NOW)[0].days)
    assert found == ["2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-08"]


def test_a_day_off_at_the_end_of_an_opening_pushes_the_next_one_on(office: Office) -> None:
    person = office.person()
    booked = office.book(person, office.slots(date(2026, 12, 8))[0])
    close(office, date(2026, 12, 8))
    assert office.read(lambda session: appointments.find(session, booked.id)).day == date(2026, 12, 9)
    first, second = office.read(lambda session: planning.cycles(session, PLAN, NOW)[:2])
    assert first.days[-1] == "2026-12-09"
    assert second.days[:3] == ["2026-12-10", "2026-12-11", "2026-12-15"]
    assert len(office.slots(date(2026, 12, 9))) == len(office.slots(date(2026, 12, 10))) == 8
    office.check_seats()


def test_a_day_that_has_passed_is_left_alone(office: Office) -> None:
    office.book(office.person(), office.slots()[0])
    later = datetime(2026, 11, 25, 16, tzinfo=UTC)  # midnight in Shanghai: the 26th has begun
    assert close(office, WEDNESDAY, now=later) == Planned()
