"""Nobody's time to answer runs out while nobody would be asked."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.quiet_hours import NIGHT, QuietHours, answer_until

FAR = datetime(2027, 1, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("asked", "minutes", "until"),
    [
        (at(24, 9), 120, at(24, 11)),
        (at(24, 20), 120, at(24, 22)),
        (at(24, 21), 120, at(25, 9)),
        (at(24, 21, 59, 59), 120, at(25, 9, 59, 59)),
        (at(24, 22), 120, at(25, 10)),
        (at(25, 2), 120, at(25, 10)),
        (at(25, 7, 59, 59), 120, at(25, 10)),
        (at(25, 8), 120, at(25, 10)),
        (at(24, 9), 24 * 60, at(25, 19)),
        (at(24, 9), 3 * 14 * 60, at(27, 9)),
    ],
)
def test_hours_in_which_people_sleep_do_not_count(asked: datetime, minutes: int, until: datetime) -> None:
    assert answer_until(NIGHT, asked, minutes, FAR) == until


def test_quiet_hours_may_lie_in_one_day_or_not_be_at_all() -> None:
    noon = QuietHours(time(12), time(14), SHANGHAI)
    assert noon.after(at(24, 11), timedelta(hours=2)) == at(24, 15)
    assert [noon.at(at(24, hour)) for hour in (11, 12, 13, 14)] == [False, True, True, False]
    assert answer_until(None, at(24, 23), 120, FAR) == at(25, 1)


def test_nothing_is_kept_for_longer_than_it_can_be_taken() -> None:
    assert answer_until(NIGHT, at(24, 9), 120, at(24, 10)) == at(24, 10)
