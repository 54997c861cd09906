"""`youcai events` as the office types it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bot.test_commands import youcai

__all__ = ["youcai"]

DAY = (datetime.now(UTC) + timedelta(days=30)).date()
FORM = (
    f"标题：龙溪聚贤坊：成果对接\n时间：{DAY} 14:00-16:00\n地点：江海人才岛三楼\n名额：30\n内容：带上名片。\n"
)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def form(tmp_path: Path, text: str = FORM) -> str:
    (tmp_path / "event.txt").write_text(text, encoding="utf-8")
    return str(tmp_path / "event.txt")


def test_an_event_from_its_form_to_its_end(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "p.png").write_bytes(PNG)
    poster = ("--poster", str(tmp_path / "p.png"))
    made = json.loads(youcai("events", "create", form(tmp_path), *poster, "--yes", "--json").stdout)
    assert made == {"id": 1, "status": "published"}
    assert "龙溪聚贤坊：成果对接" in youcai("events", "list").stdout
    changed = youcai("events", "change", "1", form(tmp_path, FORM.replace("名额：30", "名额：50")))
    assert "已发布" in changed.stdout
    assert json.loads(youcai("events", "show", "1", "--json").stdout)["capacity"] == 50
    door = youcai("events", "door", "1", "--out", str(tmp_path / "door.png"))
    assert "/scan/checkin-1-" in door.stdout
    assert (tmp_path / "door.png").read_bytes().startswith(b"\x89PNG")
    assert "已取消" in youcai("events", "cancel", "1", "--yes").stdout
    again = youcai("events", "cancel", "1", "--yes")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


def test_the_empty_form_is_the_one_that_is_read(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    empty = youcai("events", "form").stdout
    filled = (
        empty.replace("标题：", "标题：茶话会")
        .replace("地点：", "地点：三楼")
        .replace("2026-12", f"{DAY:%Y-%m}")
    )
    made = json.loads(youcai("events", "create", form(tmp_path, filled), "--json").stdout)
    assert made["status"] == "draft"
    assert "已发布" in youcai("events", "publish", "1").stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FORM.replace("14:00", "下班后"), "“时间”"),
        (FORM.replace("16:00", "13:00"), "开始要早于结束"),
        (FORM.replace("名额：30", "名额：0"), "名额"),
        (FORM.replace(f"{DAY}", "2025-12-05"), "已经过了"),
        (FORM.replace("名额：30", f"名额：30\n报名截止：{DAY} 15:00"), "报名截止要在今后"),
        (FORM.replace("标题：", "标题：" + "长" * 120), "标题要写，120 字以内"),
        ("", "“标题”"),
    ],
)
def test_a_bad_form_is_refused_in_one_sentence(youcai, tmp_path: Path, text: str, told: str) -> None:  # type: ignore[no-untyped-def]
    done = youcai("events", "create", form(tmp_path, text), "--yes")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert told in done.stderr


def test_what_is_not_there_is_told(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert youcai("events", "show", "9").returncode == 2
    assert youcai("events", "create", str(tmp_path / "none.txt")).returncode == 2
    (tmp_path / "p.gif").write_bytes(b"GIF89a")
    wrong = youcai("events", "create", form(tmp_path), "--poster", str(tmp_path / "p.gif"), "--yes")
    assert "PNG 或 JPEG" in wrong.stderr
