"""Whatever is logged, nobody's data can be read there, and what the office needs still can."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import MASK, mask_event, masked
from services.messaging import Update

PRIVATE = [
    "13800138000",
    "138 0013 8000",
    "138-0013-8000",
    "+8613800138000",
    "0086 13800138000",
    "１３８００１３８０００",
    "0750-3861234",
    "11010519491231002X",
    "110105 19491231 002X",
    "440704900101123",
    "6222021234567890123",
    "6222 0212 3456 7890 123",
    "chen.li+card@mail.example.com",
    "123456789:AAF-abcdefghijklmnopqrstuvwxyz012345",
    "oABCDEFGHIJKLMNOPQRSTUVWXYZ1",
    "oABCDEFGHIJKLMNOPQRSTUVWXY1-",
]
KINDS = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"(\+86|86|0086)[ -]?1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{14,18}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{3}( [0-9]{4}){3}( [0-9]{3})?", fullmatch=True),
    st.from_regex(r"[a-z0-9]{1,20}@[a-z0-9]{1,20}\.(com|cn|gov\.cn)", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{7,9}:[A-Za-z0-9_-]{35}", fullmatch=True),
    st.from_regex(r"o[A-Z][A-Za-z0-9_-]{26}", fullmatch=True),
)
AROUND = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=10).filter(
    lambda text: not re.search(r"[A-Za-z0-9_-]", text[:1] + text[-1:])  # that would make another word of it
)


@pytest.mark.parametrize("value", PRIVATE)
def test_personal_data_is_masked_by_its_looks(value: str) -> None:
    assert masked(f"收到 {value}，请查") == f"收到 {MASK}，请查"
    assert value not in masked(f"号码是{value}啊")
    assert value not in masked(
        f"{json.dumps('是十')[1:-1]}{value}"
    )  # \\u5341, of which the 1 is no part of it
    assert value not in masked(f"{quote('拉')}{value}")  # %89
    assert value not in masked(repr(f"\n{value}"))


@given(KINDS, AROUND, AROUND)
def test_it_is_masked_wherever_it_stands(value: str, before: str, after: str) -> None:
    text = f"{before}{value}{after}"
    event = {"event": text, "more": [{"deep": (text,)}], "raw": value.encode(), "fault": ValueError(text)}
    assert value not in repr(mask_event(None, "info", event))


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("appid=wx1&secret=abc&x=1", "appid=wx1&secret=***&x=1"),
        ("/token?access_token=abc", "/token?access_token=***"),
        ('{"secret": "a b c", "n": 1}', '{"secret": ***, "n": 1}'),
        ("Authorization: Basic YTpi", "Authorization: ***"),
        ("sent bearer abc.def", "sent bearer ***"),
        ("Cookie: chat=abc; more=def", "Cookie: ***"),
        ("postgresql://desk:pass@localhost/youcai", "postgresql://***@localhost/youcai"),
        ("x\n[parameters: ('陈某', 1)]\ny", "x\n[parameters: ***\ny"),
        ("x\nDETAIL: Key (name)=(陈某) exists.\ny", "x\nDETAIL: ***\ny"),
    ],
)
def test_secrets_and_the_values_of_statements_are_masked(written: str, left: str) -> None:
    assert masked(written) == left


def test_values_are_masked_by_their_names() -> None:
    event = {"event": "said", "text": "我想问", "phone": "1", "list": {"openid": "x"}, "number": 36}
    event |= {"app_secret": "x", "person_names": ["陈"], "Authorization": "x", "context": "c", "monkey": 1}
    assert mask_event(None, "info", event) == {
        "event": "said",
        "text": MASK,
        "phone": MASK,
        "list": {"openid": MASK},
        "number": 36,
        "app_secret": MASK,
        "person_names": MASK,
        "Authorization": MASK,
        "context": "c",
        "monkey": 1,
    }


def test_numbers_and_names_of_entries_are_masked_too() -> None:
    event = {"event": "x", "caller": 13800138000, "seen": {13800138000: 1, "13900139000": 2}}
    written = repr(mask_event(None, "info", event))
    assert "138" not in written
    assert "139" not in written


def test_an_update_shows_where_it_came_from_but_not_what_it_says() -> None:
    update = Update("web", "secret-address", "u1", datetime(2026, 11, 24, tzinfo=UTC), text="我叫陈某")
    written = repr(mask_event(None, "info", {"event": "x", "update": update}))
    assert "web" in written
    assert "陈某" not in written
    assert "secret-address" not in written


def test_other_objects_are_masked_as_they_would_be_written() -> None:
    @dataclass
    class Cell:
        inside: object

    class Written:
        def __repr__(self) -> str:
            return "Written(13800138000)"

    event = {"event": "x", "one": Written(), "two": Cell(Cell(Written()))}
    assert "138" not in repr(mask_event(None, "info", event))


def test_what_holds_itself_is_cut_off() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert MASK in repr(mask_event(None, "info", {"event": "x", "endless": endless}))


@pytest.mark.parametrize(
    "readable",
    [
        "江海府办函〔2022〕36号 reference=A1B2C3 2026-11-24T09:00:00.123456Z",
        "2026-11-24 13:30:00 to 2026-11-24 14:00:00",
        'File "services/booking.py", line 138, in serve_lines_of_the_opening_x',
        "organise_everything_in_order",  # 28 letters with an o at the front, and no openid
        "update 123456789, 20 seats, 127.0.0.1:8080",
        "KeyError: 'booking'",
    ],
)
def test_what_the_office_needs_stays_readable(readable: str) -> None:
    assert masked(readable) == readable


@pytest.mark.parametrize("piece", ["a", "1", "1 ", "a.", "token=", "token='", "[parameters: ", "://", "1:"])
def test_long_texts_are_no_burden(piece: str) -> None:
    """Time that grew with the square of the length would keep this from ever coming back."""
    text = piece * 100_000
    assert len(masked(text)) <= len(text) + len(MASK)


@pytest.mark.parametrize(
    "link",
    [
        "/console/sign-in/abcdefghijklmnopqrstuvwxyz012345",
        "https://rc.example/console/sign-in/abcdef-hijklmnop_rstuvwxyz012345",
        "登录 abcdefghijklmnopqrstuvwxyz012345",
        "staff-abcdefghijklmnopqrstuvwxyz012345",
        "/file/12-abcdefabcdef.1790000000.0123456789abcdef0123456789abcdef01234567",
        "/details/55.1790000000.0123456789abcdef0123456789abcdef01234567",
        "/calendar/5-gold-first.1790000000.0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_links_that_let_somebody_in_are_not_read_in_logs(link: str) -> None:
    event = mask_event(None, "error", {"event": f"a request failed: {link}", "path": link})
    assert not re.search(r"[a-z0-9_.-]{16,}$", str(event["path"]).removeprefix("https://rc.example"))
    assert MASK in str(event["event"])


def test_where_events_and_pages_are_asked_for_can_still_be_read() -> None:
    for path in ("/events/12/calendar.ics", "/static/chat.js", "/console/sign-in/short", "/scan/event-12"):
        assert masked(path) == path
