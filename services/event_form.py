"""An event as staff write it: one line for each thing, in a chat message or a file, read back word for word.

标题：青年博士沙龙 / 系列：经纶江海 / 时间：2026-12-05 14:00-16:00 / 地点：… / 名额：40 / 报名截止：2026-12-03 18:00 /
面向：… / 地图：https://… / 内容：… (to the end)
"""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db.events import Event
from services.events import Draft
from services.said_times import in_figures
from services.subscriptions import Topic, topic, topics

FIELDS = ("标题", "系列", "时间", "地点", "名额", "报名截止", "面向", "地图", "内容")
_LINE = re.compile(rf"\s*({'|'.join(FIELDS)})\s*[：:]\s*(.*)")
_SPAN = re.compile(r"(.+?\d{1,2}:\d{2})\s*(?:-|—|–|~|至|到)\s*(.+)")
_MOMENT = re.compile(
    r"(?<![\d\-/.年月—–~至到])(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*(?:[(（]?周.[)）]?)?\s*(\d{1,2}):(\d{2})"
)
_CLOCK = re.compile(r"\s*(\d{1,2}):(\d{2})\s*")
_NUMBER = re.compile(r"(?<![\d.-])\d{1,6}(?!\d)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]")  # nothing that a person wrote
_YEARS = range(2000, 2101)
_MUST_HAVE = ("标题", "时间", "地点", "名额")
_LOOKING_BACK = timedelta(days=90)  # a date without its year is the next one, or one that was just now


class BadForm(Exception):
    """`field` is the line that cannot be read, or that is missing."""

    def __init__(self, field: str):
        super().__init__(field)
        self.field = field


def read(text: str, zone: ZoneInfo, now: datetime) -> Draft:
    """Raises BadForm. Without a deadline, one can sign up until it begins; without a series, its title tells."""
    said = _lines(text)
    for needed in _MUST_HAVE:
        if not said.get(needed):
            raise BadForm(needed)
    starts_at, ends_at = _span(said["时间"], zone, now)
    number = _NUMBER.search(unicodedata.normalize("NFKC", said["名额"]))
    if number is None:
        raise BadForm("名额")
    deadline = said.get("报名截止", "")
    return Draft(
        series=_series(said.get("系列", ""), said["标题"]).name,
        title=said["标题"],
        place=said["地点"],
        starts_at=starts_at,
        ends_at=ends_at,
        sign_up_until=_moment(deadline, zone, now, "报名截止") if deadline else starts_at,
        capacity=int(number[0]),
        text=said.get("内容", ""),
        map_url=said.get("地图", ""),
        audience=said.get("面向", ""),
    )


def is_form(text: str) -> bool:
    """Whether somebody filled in one, whatever is wrong with it."""
    return len(_lines(text).keys() & _MUST_HAVE) >= 3


def written(event: Event | Draft, zone: ZoneInfo) -> str:
    """What `read` reads as the same event."""
    local = [one.astimezone(zone) for one in (event.starts_at, event.ends_at, event.sign_up_until)]
    starts, ends, until = (f"{one:%Y-%m-%d %H:%M}" for one in local)
    same_day = local[0].date() == local[1].date()
    values = {
        "标题": event.title,
        "系列": topic(event.series).label,
        "时间": f"{starts}-{ends[11:] if same_day else ends}",
        "地点": event.place,
        "名额": str(event.capacity),
        "报名截止": until,
        "面向": event.audience,
        "地图": event.map_url,
        "内容": event.text,
    }
    return "\n".join(f"{name}：{value}" for name, value in values.items() if value)


def _lines(text: str) -> dict[str, str]:
    """内容 goes on to the end; lines that begin otherwise, before it, say nothing."""
    said: dict[str, str] = {}
    lines = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    for at, line in enumerate(lines):
        found = _LINE.match(line)
        if found is None:
            continue
        if found[1] == "内容":
            said["内容"] = "\n".join([found[2], *lines[at + 1 :]]).strip()
            break
        said[found[1]] = found[2].strip()
    return said


def _span(written: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    found = _SPAN.fullmatch(_in_figures(written, "时间"))
    if found is None:
        raise BadForm("时间")
    starts = _moment(found[1], zone, now, "时间")
    clock = _CLOCK.fullmatch(found[2])
    if clock is None:
        return starts, _moment(found[2], zone, now, "时间")
    day = starts.astimezone(zone).date()
    return starts, datetime.combine(day, _time(clock[1], clock[2], "时间"), zone).astimezone(UTC)


def _moment(written: str, zone: ZoneInfo, now: datetime, field: str) -> datetime:
    found = _MOMENT.search(_in_figures(written, field))
    if found is None:
        raise BadForm(field)
    local = now.astimezone(zone)
    year = int(found[1] or local.year)
    if year not in _YEARS:
        raise BadForm(field)
    try:
        moment = datetime(year, int(found[2]), int(found[3]), tzinfo=zone)
        moment = datetime.combine(moment.date(), _time(found[4], found[5], field), zone)
        if not found[1] and moment < local - _LOOKING_BACK:
            moment = moment.replace(year=year + 1)
    except ValueError as error:
        raise BadForm(field) from error
    return moment.astimezone(UTC)


def _in_figures(written: str, field: str) -> str:
    """Between words one blank: a pattern with many places for blanks takes hours over a thousand of them."""
    try:
        return " ".join(in_figures(written).split())
    except ValueError as error:
        raise BadForm(field) from error


def _time(hour: str, minute: str, field: str) -> time:
    try:
        return time(int(hour), int(minute))
    except ValueError as error:
        raise BadForm(field) from error


def _series(written: str, title: str) -> Topic:
    series = [one for one in topics() if one.series]
    named = next((one for one in series if written and _plain(written) == _plain(one.label)), None)
    if named is None and written:
        raise BadForm("系列")
    return named or next((one for one in series if _plain(one.label) in _plain(title)), series[-1])


def _plain(label: str) -> str:
    return re.sub(r"[（）()“”\"\s]", "", label)
