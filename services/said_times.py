"""Moments as people type them: 2026-12-01 09:00, 12月1日9点半, 明天下午3点, 下周一 9:30."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = {"今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3}
_WEEKDAYS = "一二三四五六日"
_HOURS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_HOURS |= {"十一": 11, "十二": 12}
_AFTERNOON = frozenset({"下午", "晚上", "晚", "傍晚"})
_DAY = (
    r"(?:(?:(?P<year>\d{4})[-/.年]\s*)?(?P<month>\d{1,2})[-/.月]\s*(?P<day>\d{1,2})(?:[日号]\s*|\s+|T)"
    rf"|(?P<word>{'|'.join(sorted(_DAYS, key=len, reverse=True))})\s*的?"
    r"|(?P<next>下?)(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])\s*)"
)
_CLOCK = (
    r"(?:(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|晚)\s*)?"
    rf"(?<!\d)(?P<hour>\d{{1,2}}|{'|'.join(sorted(_HOURS, key=len, reverse=True))})"
    r"(?::(?P<minute>\d{2})|[点时](?:(?P<minutes>\d{1,2})分?|(?P<thirty>半))?)"
)
_MOMENT = re.compile(rf"{_DAY}?\s*{_CLOCK}")
_CLOCK_THERE = re.compile(rf"{_CLOCK}(?!\d)")


def said_moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """None: not understood. A day without its year is the next one; a time without a day is today's."""
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", text).strip(" 。"))
    if found is None:
        return None
    try:
        at = _clock(found)
        local = datetime.combine(_day(found, now.astimezone(zone).date()), at, zone)
    except ValueError:
        return None
    return local.astimezone(UTC)


def in_figures(line: str) -> str:
    """下午2点半到4点 as 14:30到16:00: a later one without its half of the day is of the same. Raises ValueError."""
    half = ""

    def figures(found: re.Match[str]) -> str:
        nonlocal half
        half = found["half"] or half
        return f"{_time(found, half):%H:%M}"

    return _CLOCK_THERE.sub(figures, unicodedata.normalize("NFKC", line))


def _clock(found: re.Match[str]) -> time:
    return _time(found, found["half"] or ("晚" if found["word"] in ("今晚", "明晚") else ""))


def _time(found: re.Match[str], half: str) -> time:
    written = found["hour"]
    hour = _HOURS[written] if written in _HOURS else int(written)
    if (half in _AFTERNOON and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    minute = 30 if found["thirty"] else int(found["minute"] or found["minutes"] or 0)
    return time(hour, minute)


def _day(found: re.Match[str], today: date) -> date:
    if found["month"]:
        year = int(found["year"] or today.year)
        day = date(year, int(found["month"]), int(found["day"]))
        return day if found["year"] or day >= today else day.replace(year=year + 1)
    if found["weekday"]:
        wanted = _WEEKDAYS.index(found["weekday"].replace("天", "日"))
        monday = today - timedelta(days=today.weekday())
        day = monday + timedelta(days=wanted + (7 if found["next"] else 0))
        return day if day >= today else day + timedelta(days=7)
    return today + timedelta(days=_DAYS.get(found["word"] or "", 0))
