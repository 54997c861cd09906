"""`youcai people`, `staff` and `campaign` as the office types them."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.bot.test_commands import youcai

__all__ = ["youcai"]

HEAD = "channel,address,name,tags\n"


def rows(tmp_path: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(tmp_path / "var" / "youcai.db") as database:
        return database.execute(statement).fetchall()


def people(tmp_path: Path, lines: str, encoding: str = "utf-8") -> str:
    file = tmp_path / "people.csv"
    file.write_bytes((HEAD + lines).encode(encoding))
    return str(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_taken_over_once_however_often_it_comes(youcai, tmp_path: Path, encoding: str) -> None:  # type: ignore[no-untyped-def]
    file = people(tmp_path, "telegram,71,陈一诺,博士后;在站\ntelegram,72,,\nwechat,oLi,李二,博士\n", encoding)
    first = json.loads(youcai("people", "import", file, "--json").stdout)
    assert first == {"lines": 3, "new": 3, "known": 0}
    file = people(tmp_path, "telegram,71,陈诺,企业\n")
    assert json.loads(youcai("people", "import", file, "--json").stdout)["known"] == 1
    assert rows(tmp_path, "SELECT count(*) FROM identity") == [(3,)]
    tags = rows(tmp_path, "SELECT tag FROM person_tag WHERE person_id = 1 ORDER BY tag")
    assert {one[0] for one in tags} == {"博士后", "在站", "企业"}
    kept = (tmp_path / "var" / "youcai.db").read_bytes()
    assert "陈一诺".encode() not in kept
    assert b"oLi" not in kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("channel,name\nweb,x\n", "表头"),
        (HEAD + "pigeon,1,,\n", "第 2 行"),
        (HEAD + "telegram,71,,\ntelegram,not-a-number,,\n", "第 3 行"),
        (HEAD + "telegram,,x,\n", "第 2 行"),
        (HEAD + "telegram,²,x,\n", "第 2 行"),
        (HEAD + "telegram,７１,x,\n", "第 2 行"),
        (HEAD + "telegram,1,x,y,z\n", "第 2 行"),
    ],
)
def test_a_bad_list_is_refused_as_a_whole_by_its_line(youcai, tmp_path: Path, text: str, told: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    done = youcai("people", "import", str(tmp_path / "p.csv"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert told in done.stderr


def test_a_colleague_gets_a_link_for_once(youcai) -> None:  # type: ignore[no-untyped-def]
    first = json.loads(youcai("staff", "add", "王", "--role", "editor", "--json").stdout)
    again = json.loads(youcai("staff", "add", "王", "--role", "admin", "--json").stdout)
    assert "/console/sign-in/" in first["link"]
    assert first["link"] != again["link"]
    assert youcai("staff", "add", "王", "--role", "king").returncode == 2


def test_a_colleague_who_leaves_may_do_nothing_more(youcai) -> None:  # type: ignore[no-untyped-def]
    youcai("staff", "add", "王", "--role", "editor")
    assert "王（编辑），还没登录" in youcai("staff", "list").stdout
    assert "王不再是工作人员" in youcai("staff", "leave", "王").stdout
    assert json.loads(youcai("staff", "list", "--json").stdout) == []
    gone = youcai("staff", "leave", "王")
    assert (gone.returncode, gone.stderr) == (2, "没有叫王的工作人员。\n")


def campaign(youcai, tmp_path: Path, *more: str):  # type: ignore[no-untyped-def]
    body = tmp_path / "body.txt"
    body.write_text("明天上午开放预约。\n", encoding="utf-8")
    return youcai("campaign", "create", "--title", "开放", "--body-file", str(body), *more)


def test_a_campaign_is_made_shown_paused_and_cancelled(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    youcai("people", "import", people(tmp_path, "telegram,71,,博士\ntelegram,72,,\n"))
    made = json.loads(
        campaign(youcai, tmp_path, "--segment", "tag=博士", "--send-now", "--yes", "--json").stdout
    )
    assert made == {"id": 1, "status": "scheduled", "targeted": 1, "excluded": {}}
    shown = json.loads(youcai("campaign", "show", "1", "--json").stdout)
    assert shown["total"] == 1
    assert {"queued", "sending", "sent", "failed", "skipped", "expired", "unconfirmed"} <= set(shown)
    assert youcai("campaign", "pause", "1").returncode == 1, "it does not run yet"
    assert "已取消" in youcai("campaign", "cancel", "1").stdout
    assert json.loads(youcai("campaign", "show", "1", "--json").stdout)["status"] == "cancelled"
    assert youcai("campaign", "show", "9", "--json").returncode == 2


def test_that_nothing_is_to_be_sent_again_is_said(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    campaign(youcai, tmp_path, "--yes")
    youcai("campaign", "start", "1")
    rows(tmp_path, "UPDATE campaign SET status = 'finished' RETURNING id")
    assert youcai("campaign", "retry", "1").stdout == "第 1 号：已发完\n没有要再发的。\n"


def test_a_campaign_bears_buttons_and_files(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "海报.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    more = ["--button", "events", "--button", "book", "--attach", str(tmp_path / "海报.png")]
    assert campaign(youcai, tmp_path, *more, "--yes").returncode == 0
    [(buttons, attachments)] = rows(tmp_path, "SELECT buttons, attachments FROM campaign")
    assert [choice for _, choice in json.loads(buttons)] == ["events", "book"]
    assert [one[:2] for one in json.loads(attachments)] == [["海报.png", "image/png"]]


def test_without_a_yes_it_is_shown_first_and_stays_a_draft(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    youcai("people", "import", people(tmp_path, "telegram,71,,\n"))
    asked = campaign(youcai, tmp_path, "--send-now")
    assert "发给 1 人" in asked.stdout
    assert json.loads(campaign(youcai, tmp_path, "--send-now", "--json").stdout)["status"] == "draft"
    later = campaign(youcai, tmp_path, "--send-at", "2099-12-01 09:00", "--yes")
    assert "发给 1 人，2099年12月1日（周二）09:00 发" in later.stdout
    assert "按时发出" in later.stdout
    sent = rows(tmp_path, "SELECT send_at FROM campaign ORDER BY id DESC LIMIT 1")
    assert str(sent[0][0]).startswith("2099-12-01 01:00")


@pytest.mark.parametrize(
    "more",
    [["--segment", "name=x", "--yes"], ["--send-now", "--send-at", "2099-01-01"], ["--send-at", "soon"],
     ["--send-at", "2025-12-01 09:00", "--yes"], ["--useful-until", "2025-12-01 09:00"],
     ["--topic", "weather"], ["--useful-until", "2001-01-01", "--send-now"],
     ["--button", "staff"], ["--attach", "none.png"]],
)  # fmt: skip
def test_bad_input_makes_no_campaign(youcai, tmp_path: Path, more: list[str]) -> None:  # type: ignore[no-untyped-def]
    done = campaign(youcai, tmp_path, *more)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_the_audit_trail_is_checked(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for _ in range(3):
        youcai("people", "import", people(tmp_path, "telegram,71,,\n"))
    assert "3 条" in youcai("audit", "verify").stdout
    whole = json.loads(youcai("audit", "verify", "--json").stdout)
    assert whole == {"entries": 3, "whole": True, "broken_at": None}
    with sqlite3.connect(tmp_path / "var" / "youcai.db") as database:
        database.execute("UPDATE audit_entry SET actor = 'staff:9' WHERE number = 2")
    broken = youcai("audit", "verify")
    assert (broken.returncode, broken.stdout, broken.stderr.count("\n")) == (1, "", 1)
    assert "第 2 条" in broken.stderr
    broken = youcai("audit", "verify", "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout) == {"entries": 1, "whole": False, "broken_at": 2}


def test_whoever_takes_out_the_rows_of_a_campaign_is_written_down(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    campaign(youcai, tmp_path, "--yes")
    youcai("campaign", "show", "1", "--csv", str(tmp_path / "rows.csv"))
    assert (tmp_path / "rows.csv").exists()
    last = "SELECT actor, action, subject FROM audit_entry ORDER BY number DESC LIMIT 1"
    assert rows(tmp_path, last) == [("command", "campaign.read_rows", "campaign:1")]


def test_a_title_is_shown_as_it_was_written_whatever_its_brackets(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    body = tmp_path / "body.txt"
    body.write_text("好", encoding="utf-8")
    title = "[new] 讲座 [/b]"
    youcai("campaign", "create", "--title", title, "--body-file", str(body), "--json")
    for shown in (youcai("campaign", "list"), youcai("campaign", "show", "1")):
        assert (shown.returncode, title in shown.stdout) == (0, True), shown.stderr


def document(tmp_path: Path, title: str) -> str:
    file = tmp_path / "document.md"
    file.write_text(f"# {title}\n\n第一条 给予补贴。\n", encoding="utf-8")
    return str(file)


def subscribe_everybody(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "var" / "youcai.db") as database:
        database.execute(
            "INSERT INTO subscription (person_id, topic, channel, given_at) "
            "SELECT id, 'policy', 'telegram', created_at FROM person"
        )


def test_a_document_is_told_only_when_somebody_says_so(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    youcai("people", "import", people(tmp_path, "telegram,71,陈一诺,\n"))
    subscribe_everybody(tmp_path)
    silent = json.loads(youcai("knowledge", "import", document(tmp_path, "办法一"), "--yes", "--json").stdout)
    assert (silent["published"], silent["campaign"]) == (True, None)
    no = youcai("knowledge", "import", document(tmp_path, "办法二"), said="y\nn\n").stdout
    assert "订阅“政策”的 1 人吗" in no
    assert rows(tmp_path, "SELECT count(*) FROM campaign") == [(0,)]
    told = youcai("knowledge", "import", document(tmp_path, "办法三"), "--yes", "--tell").stdout
    assert "通知订阅“政策”的 1 人" in told
    assert "人吗" not in told
    asked = youcai("knowledge", "import", document(tmp_path, "办法四"), said="y\ny\n").stdout
    assert "第 2 号群发" in asked
    over = ("--expires", "2024-12-31", "--yes", "--tell")
    assert "已经过期" in youcai("knowledge", "import", document(tmp_path, "办法五"), *over).stdout
    assert rows(tmp_path, "SELECT title, status FROM campaign ORDER BY id") == [
        ("新政策：办法三", "scheduled"),
        ("新政策：办法四", "scheduled"),
    ]
