"""Days and times as people say them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_WEEKDAYS = "一二三四五六日"


def spoken_day(day: date) -> str:
    """12月9日（周三）"""
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def full_day(day: date) -> str:
    """2026年12月9日: for what is years away."""
    return f"{day.year}年{day.month}月{day.day}日"


def short_day(day: date) -> str:
    """12月9日 周三: for buttons."""
    return f"{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


def spoken_time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def spoken_moment(moment: datetime, zone: ZoneInfo) -> str:
    """12月9日（周三）09:30"""
    return spoken_day(moment.astimezone(zone).date()) + spoken_time(moment, zone)


def dated_moment(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """2027年1月9日（周六）09:30: the year is said where it is not this one, since it may be a slip of the pen."""
    year = moment.astimezone(zone).year
    said = spoken_moment(moment, zone)
    return said if year == now.astimezone(zone).year else f"{year}年{said}"


def spoken_span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """12月9日（周三）09:30—10:00"""
    return f"{spoken_moment(start, zone)}—{spoken_time(end, zone)}"
