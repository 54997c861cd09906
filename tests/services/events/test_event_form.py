"""An event as staff write it down, read as it was meant, and every odd line named."""

from contextlib import suppress
from datetime import datetime
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from services.event_form import BadForm, read, written
from tests.cast import NOON

ZONE = ZoneInfo("Asia/Shanghai")
FORM = """标题：经纶江海：青年博士沙龙
系列：经纶江海
时间：2026-12-05 14:00-16:00
地点：江海人才岛三楼
名额：40
报名截止：2026-12-03 18:00
面向：博士、博士后
地图：https://map.example/1
内容：三位青年博士分享。
时间：不必早到
带上名片。"""


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[arg-type, misc]


def test_a_form_is_read_and_written_back_the_same() -> None:
    draft = read(FORM, ZONE, NOON)
    assert draft.title == "经纶江海：青年博士沙龙"
    assert draft.series == "event.jinglun"
    assert (draft.starts_at, draft.ends_at) == (local(2026, 12, 5, 14), local(2026, 12, 5, 16))
    assert draft.sign_up_until == local(2026, 12, 3, 18)
    assert draft.text == "三位青年博士分享。\n时间：不必早到\n带上名片。"
    assert written(draft, ZONE) == FORM
    assert read(written(draft, ZONE), ZONE, NOON) == draft


@pytest.mark.parametrize(
    ("said", "begins", "ends"),
    [
        ("12月5日 14:00—16:00", local(2026, 12, 5, 14), local(2026, 12, 5, 16)),
        ("１２月５日（周六）14：00至16：30", local(2026, 12, 5, 14), local(2026, 12, 5, 16, 30)),
        ("1月9日 9:00-11:00", local(2027, 1, 9, 9), local(2027, 1, 9, 11)),
        ("2026/12/5 14:00 到 2026/12/6 12:00", local(2026, 12, 5, 14), local(2026, 12, 6, 12)),
        ("11月1日 9:00-11:00", local(2026, 11, 1, 9), local(2026, 11, 1, 11)),
        ("12月5日下午2点到4点半", local(2026, 12, 5, 14), local(2026, 12, 5, 16, 30)),
        ("12月5日（周六）上午9点-下午5点", local(2026, 12, 5, 9), local(2026, 12, 5, 17)),
        ("2026年12月5日 14点至16点30分", local(2026, 12, 5, 14), local(2026, 12, 5, 16, 30)),
        ("12月5日 下午2:00-4:00", local(2026, 12, 5, 14), local(2026, 12, 5, 16)),
        ("12月5日 下午两点—12月6日 上午十一点", local(2026, 12, 5, 14), local(2026, 12, 6, 11)),
    ],
)
def test_times_are_read_as_people_write_them(said: str, begins: datetime, ends: datetime) -> None:
    draft = read(FORM.replace("2026-12-05 14:00-16:00", said), ZONE, NOON)
    assert (draft.starts_at, draft.ends_at) == (begins, ends)


def test_what_is_not_said_is_what_people_would_expect() -> None:
    draft = read("标题:博士（后）江海行\n时间:12月5日 9:00-17:00\n地点:高新区\n名额:30人", ZONE, NOON)
    assert (draft.series, draft.capacity) == ("event.tour", 30)
    assert draft.sign_up_until == draft.starts_at
    assert (
        read("标题：茶话会\n时间：12月5日 9:00-17:00\n地点：x\n名额：3", ZONE, NOON).series == "event.other"
    )


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("标题：", "标题"),
        ("时间：下周", "时间"),
        ("时间：2026-13-05 14:00-16:00", "时间"),
        ("时间：2026-12-05 25:00-26:00", "时间"),
        ("时间：2026-12-05 14:00", "时间"),
        ("名额：很多", "名额"),
        ("名额：1000000", "名额"),
        ("名额：-5", "名额"),
        ("时间：0001-01-01 00:00-01:00", "时间"),
        ("时间：12月5-6日 9:00-17:00", "时间"),
        ("时间：12月5日 25点-26点", "时间"),
        ("时间：12月5日 二十点-二十二点", "时间"),
        ("报名截止：明天", "报名截止"),
        ("系列：没有的系列", "系列"),
        ("地点：", "地点"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, field: str) -> None:
    name = line.partition("：")[0]
    form = "\n".join(line if one.startswith(f"{name}：") else one for one in FORM.split("\n")[:8])
    with pytest.raises(BadForm) as bad:
        read(form, ZONE, NOON)
    assert bad.value.field == field


def test_a_deadline_is_read_as_people_say_it() -> None:
    draft = read(FORM.replace("2026-12-03 18:00", "12月3日下午6点"), ZONE, NOON)
    assert draft.sign_up_until == local(2026, 12, 3, 18)


def test_what_nobody_wrote_is_not_in_it() -> None:
    draft = read(FORM.replace("沙龙", "沙\x00龙\u2028").replace("\n", "\r"), ZONE, NOON)
    assert draft.title == "经纶江海：青年博士沙龙"
    assert draft.text == "三位青年博士分享。\n时间：不必早到\n带上名片。"


@pytest.mark.parametrize("field", ["时间", "名额", "报名截止"])
def test_a_thousand_blanks_do_not_keep_the_service_busy(field: str) -> None:
    lines = [f"{field}：1月1{' ' * 1_500}x" if one.startswith(field) else one for one in FORM.splitlines()]
    begun = perf_counter()
    with suppress(BadForm):
        read("\n".join(lines), ZONE, NOON)
    assert perf_counter() - begun < 2
