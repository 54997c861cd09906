"""The office's own word goes before the published one, and a bad notice is refused with its reason."""

from datetime import date

import pytest

from services.calendar import BadNotice, Calendar, Notice, office_notice, read_notice


def test_the_office_s_own_days_go_before_the_published_ones() -> None:
    own = read_notice('off = [2026-11-25]\nwork = ["2026-10-01..2026-10-02"]')
    calendar = Calendar(own)
    assert Calendar().works(date(2026, 11, 25))
    assert not calendar.works(date(2026, 11, 25))
    assert not Calendar().works(date(2026, 10, 2))
    assert calendar.works(date(2026, 10, 2))
    assert calendar.working_day_from(date(2026, 11, 25)) == date(2026, 11, 26)


def test_a_later_notice_goes_before_an_earlier_one() -> None:
    day = date(2027, 2, 6)
    earlier, later = Notice(frozenset({2027}), {day: False}), Notice(days={day: True})
    assert Calendar(later.over(earlier)).works(day)
    assert Calendar(later.over(earlier)).is_firm(date(2027, 5, 1))


def test_one_announced_day_does_not_make_its_year_firm() -> None:
    calendar = Calendar(read_notice("off = [2027-02-05]"))
    assert calendar.is_firm(date(2027, 2, 5))
    assert not calendar.is_firm(date(2027, 2, 4))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("years = 2027", "years"),
        ("off = [2027-13-01]", "line 1"),
        ('off = ["2027-02-09..2027-02-01"]', "off: 2027-02-09"),
        ('off = ["2027-01-01..2027-12-31"]', "off"),
        ("off = [2027-01-01]\nwork = [2027-01-01]", "off and work: 2027-01-01"),
        ("holidays = []", "unknown: holidays"),
        ("off = 3", "off"),
        ("off = [2027-01-01T08:00:00]", "off"),
    ],
)
def test_a_notice_that_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadNotice, match=reason):
        read_notice(text)


def test_the_calendar_that_comes_with_the_service_can_be_read() -> None:
    assert office_notice() == Notice()
