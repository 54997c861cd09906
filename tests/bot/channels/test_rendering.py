"""Long texts lose nothing but the blanks at their cuts; choices get the numbers that people answer with."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import numbered, split
from services.messaging import Button, Message


def test_choices_stand_under_the_text_with_their_numbers() -> None:
    message = Message("要改约吗？", (Button("改约", "move"), Button("不改", "keep")))
    assert numbered(message) == "要改约吗？\n\n1. 改约\n2. 不改"
    assert numbered(message, 4).endswith("4. 改约\n5. 不改")
    assert numbered(Message("没有选项")) == "没有选项"
    assert numbered(Message("", (Button("好", "ok"),))) == "1. 好"


def test_a_text_that_fits_stays_whole() -> None:
    assert split("一二三", 3) == ["一二三"]
    assert split("一二三", 9, bytes=True) == ["一二三"]
    assert split("", 5) == [""]


def test_cuts_fall_at_paragraphs_then_lines_then_sentences() -> None:
    assert split("一二三四。\n五六\n\n七八九", 11) == ["一二三四。\n五六", "七八九"]
    assert split("一二三四五\n六七八九。十", 9) == ["一二三四五", "六七八九。十"]
    assert split("一二三四五。六七八九十", 9) == ["一二三四五。", "六七八九十"]
    assert split("一二三四五六七八九十", 4) == ["一二三四", "五六七八", "九十"]


@given(st.text(), st.integers(4, 60))
def test_every_part_fits_and_nothing_is_lost(text: str, limit: int) -> None:
    text = text.encode(errors="ignore").decode()
    for parts, size in (
        (split(text, limit), max(map(len, split(text, limit)))),
        (split(text, limit, bytes=True), max(len(p.encode()) for p in split(text, limit, bytes=True))),
    ):
        assert size <= limit
        assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


def test_an_accent_or_an_emoji_is_never_cut_in_two() -> None:
    assert split("abce\u0301f", 4) == ["abc", "e\u0301f"]
    family = "👨\u200d👩\u200d👧"
    assert split("字字字" + family, 8) == ["字字字", family]
    assert split("字字👍🏽字", 5) == ["字字", "👍🏽字"]
