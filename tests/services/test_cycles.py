"""A year of openings against lists written by hand from the published holiday arrangements of 2026."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.calendar import Calendar, Notice
from services.cycles import BookingPlan, Opening, Service, opening, openings, seats

MONDAYS = BookingPlan(first_opening=date(2026, 1, 5))
FRIDAYS = BookingPlan(first_opening=date(2026, 1, 9), weekdays=(1, 2))
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
CALENDAR = Calendar()


def days(text: str) -> list[date]:
    """`1/5 1/19` as days of 2026."""
    return [date(2026, *map(int, one.split("/"))) for one in text.split()]


def test_a_year_of_openings_on_mondays() -> None:
    found = openings(MONDAYS, CALENDAR, *YEAR)
    # 16 February lies in the Spring Festival (15 to 23 off): the 24th is the first day back.
    assert [one.opens_on for one in found] == days(
        "1/5 1/19 2/2 2/24 3/2 3/16 3/30 4/13 4/27 5/11 5/25 6/8 6/22"
        " 7/6 7/20 8/3 8/17 8/31 9/14 9/28 10/12 10/26 11/9 11/23 12/7 12/21"
    )
    assert not any(one.provisional for one in found)


def test_a_year_of_openings_on_fridays_moves_off_every_holiday_without_drifting() -> None:
    found = openings(FRIDAYS, CALENDAR, *YEAR)
    # Moved: 20 February (Spring Festival), 1 May (off to the 5th), 2 October (off to the 7th).
    assert [one.opens_on for one in found] == days(
        "1/9 1/23 2/6 2/24 3/6 3/20 4/3 4/17 5/6 5/15 5/29 6/12 6/26"
        " 7/10 7/24 8/7 8/21 9/4 9/18 10/8 10/16 10/30 11/13 11/27 12/11 12/25"
    )


def test_service_days_keep_off_weekends_and_holidays_and_never_fall_together() -> None:
    found = {one.opens_on: one.days for one in openings(MONDAYS, CALENDAR, *YEAR)}
    assert list(found[date(2026, 1, 5)]) == days("1/8 1/13 1/15 1/20")
    # The opening moved to 24 February pushes Thursday the 19th and Tuesday the 24th behind it, one a day.
    assert list(found[date(2026, 2, 24)]) == days("2/25 2/26 2/27 3/3")
    # The Labour Day holidays, 1 to 5 May: Tuesday the 5th becomes the 6th.
    assert list(found[date(2026, 4, 27)]) == days("4/30 5/6 5/7 5/12")
    # The National Day holidays, 1 to 7 October: the 1st becomes the 8th, the 6th the 9th, and the 8th, a regular
    # Thursday, gives way to the working Saturday.
    assert list(found[date(2026, 9, 28)]) == days("10/8 10/9 10/10 10/13")
    served = [day for one in openings(MONDAYS, CALENDAR, *YEAR) for day in one.days]
    assert len(served) == len(set(served)) == 26 * 4


@pytest.mark.parametrize("day", days("1/4 2/14 2/28 5/9 9/20 10/10"))
def test_working_weekends_serve(day: date) -> None:
    assert CALENDAR.works(day)
    assert opening(replace(MONDAYS, first_opening=day), CALENDAR, 0).opens_on == day


def test_2027_is_provisional_until_its_notice_comes() -> None:
    found = openings(MONDAYS, CALENDAR, date(2027, 1, 1), date(2027, 3, 31))
    assert [one.nominal_on for one in found][:2] == [date(2027, 1, 4), date(2027, 1, 18)]
    assert all(one.provisional for one in found)

    # An invented notice: nobody knows yet what 2027 brings.
    notice = Notice(frozenset({2027}), {date(2027, 1, 4): False, date(2027, 1, 9): True})
    settled = openings(MONDAYS, Calendar(notice), date(2027, 1, 1), date(2027, 3, 31))
    assert settled[0].opens_on == date(2027, 1, 5)
    assert not any(one.provisional for one in settled)


def test_an_opening_that_reaches_into_an_unknown_year_leaves_only_those_days_open() -> None:
    last = opening(MONDAYS, CALENDAR, 25)
    assert (last.opens_on, last.provisional) == (date(2026, 12, 21), False)
    assert last.days == (*days("12/24 12/29 12/31"), date(2027, 1, 5))
    assert last.unsettled == (date(2027, 1, 5),)
    assert opening(MONDAYS, CALENDAR, 24).unsettled == ()


def test_days_pushed_into_the_next_opening_push_its_days_on() -> None:
    # Invented: everything from 14 to 22 January is off.
    off = Notice(days={date(2026, 1, day): False for day in range(14, 23)})
    first, second = openings(MONDAYS, Calendar(off), date(2026, 1, 5), date(2026, 1, 19))
    assert list(first.days) == days("1/8 1/13 1/23 1/26")
    assert second.opens_on == date(2026, 1, 23)
    assert list(second.days) == days("1/27 1/28 1/29 2/3")


def test_a_leap_day_is_a_day_like_others() -> None:
    plan = replace(MONDAYS, first_opening=date(2024, 2, 26), weekdays=(4, 5))  # Thursday the 29th
    found = opening(plan, CALENDAR, 0)
    assert found.days == (date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 7), date(2024, 3, 8))
    assert openings(plan, CALENDAR, date(2024, 2, 27), date(2024, 3, 11))[0].nominal_on == date(2024, 3, 11)


def test_openings_on_the_border_of_the_asked_days_are_in() -> None:
    def numbers(since: date, until: date) -> list[int]:
        return [one.number for one in openings(MONDAYS, CALENDAR, since, until)]

    assert numbers(date(2026, 1, 5), date(2026, 1, 19)) == [0, 1]
    assert numbers(date(2026, 1, 6), date(2026, 1, 18)) == []
    assert numbers(date(2025, 1, 1), date(2026, 1, 4)) == []
    assert numbers(date(2025, 1, 1), date(2026, 1, 5)) == [0]


@given(some.dates(date(2025, 1, 1), date(2026, 12, 1)), some.integers(1, 30), some.integers(0, 40))
def test_whatever_is_set_openings_and_service_days_work_and_keep_their_rhythm(
    first: date, every: int, number: int
) -> None:
    plan = replace(MONDAYS, first_opening=first, every_days=every)
    found: Opening = opening(plan, CALENDAR, number)
    assert (found.nominal_on - first).days == number * every
    assert CALENDAR.works(found.opens_on)
    assert found.opens_on >= found.nominal_on
    assert all(CALENDAR.works(day) and day > found.opens_on for day in found.days)
    assert len(set(found.days)) == len(found.days)


def starts(plan: BookingPlan, service: Service) -> list[str]:
    return [f"{one.starts_at:%H:%M}" for one in seats(plan, date(2026, 1, 7)) if one.service == service]


def test_a_time_that_begins_before_the_one_ahead_is_through_is_left_out() -> None:
    assert starts(MONDAYS, Service.COUNTER) == [f"{at:%H:%M}" for at in MONDAYS.times]
    assert starts(replace(MONDAYS, counter_minutes=50), Service.COUNTER) == [
        "09:00",
        "10:00",
        "15:00",
        "16:00",
    ]


def test_visits_of_one_team_leave_time_to_travel() -> None:
    assert starts(MONDAYS, Service.VISIT) == ["09:00", "10:30", "15:00", "16:30"]
    assert starts(replace(MONDAYS, travel_minutes=60), Service.VISIT) == ["09:00", "15:00"]
    found = [one for one in seats(MONDAYS, date(2026, 1, 7)) if one.service == Service.VISIT]
    assert {(one.capacity, one.daily) for one in found} == {(1, 3)}


def test_every_counter_and_every_team_has_its_own_seats() -> None:
    plan = replace(MONDAYS, counters=("1号窗口", "2号窗口"), counter_capacity=2, teams=())
    found = seats(plan, date(2026, 1, 7))
    assert [one.place for one in found[:2]] == ["1号窗口", "2号窗口"]
    assert sum(one.capacity for one in found) == 8 * 2 * 2


def test_times_are_the_office_s_whatever_the_server_s_clock_says() -> None:
    first = seats(MONDAYS, date(2026, 1, 7))[0]
    assert first.starts_at == datetime(2026, 1, 7, 1, tzinfo=UTC)
    assert MONDAYS.local_day(datetime(2026, 1, 6, 16, tzinfo=UTC)) == date(2026, 1, 7)
    assert MONDAYS.local_day(datetime(2026, 1, 6, 15, 59, 59, tzinfo=UTC)) == date(2026, 1, 6)
