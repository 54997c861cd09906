"""Moments as people type them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.said_times import said_moment
from tests.cast import NOON

ZONE = ZoneInfo("Asia/Shanghai")  # NOON is Tuesday, 24 November 2026, 12:00 there


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("2026-12-01 09:00", "12-01 09:00"),
        ("2026/12/1 9:05", "12-01 09:05"),
        ("2026年12月1日 上午9点", "12-01 09:00"),
        ("12月1日9点半", "12-01 09:30"),
        ("12-1 19:00", "12-01 19:00"),
        ("１２月１号 ９：００", "12-01 09:00"),
        ("明天9点", "11-25 09:00"),
        ("明天的 9点", "11-25 09:00"),
        ("明天下午3点20分", "11-25 15:20"),
        ("明早八点", "11-25 08:00"),
        ("今晚8点", "11-24 20:00"),
        ("今天中午1点", "11-24 13:00"),
        ("大后天十点半", "11-27 10:30"),
        ("周五 9:30", "11-27 09:30"),
        ("周一9点", "11-30 09:00"),
        ("下周一9点", "11-30 09:00"),
        ("星期天 10点", "11-29 10:00"),
        ("15:00。", "11-24 15:00"),
    ],
)
def test_what_people_type_is_a_moment(said: str, means: str) -> None:
    found = said_moment(said, NOON, ZONE)
    assert found is not None
    assert f"{found.astimezone(ZONE):%m-%d %H:%M}" == means


def test_a_day_that_is_over_is_next_years() -> None:
    assert said_moment("3月2日9点", NOON, ZONE) == datetime(2027, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "said", ["", "明天", "尽快", "25:00", "2月30日9点", "9", "12-1", "明天9点12点", "9点75分"]
)
def test_what_is_no_moment_is_told_so(said: str) -> None:
    assert said_moment(said, NOON, ZONE) is None
