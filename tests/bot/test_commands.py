"""The `youcai` command as its users type it: plain sentences, JSON for programs, two kinds of failing."""

import json
import socket
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def youcai(tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(*words: str, said: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        import os

        clean = {name: value for name, value in os.environ.items() if not name.startswith("YOUCAI_")}
        env = {**clean, "PYTHONPATH": str(HOUSE), "YOUCAI_DATA": str(tmp_path / "var"), **environ}
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.run(
            command, input=said, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=env
        )

    return run


def test_a_question_is_answered_for_people_and_for_programs(youcai) -> None:  # type: ignore[no-untyped-def]
    assert "100张" in youcai("ask", "优才卡每年发多少张").stdout
    answered = json.loads(youcai("ask", "优才卡每年发多少张", "--json").stdout)
    assert answered["outcome"] == "answer"
    assert answered["citations"][0]["label"].startswith("附件·14")


def test_lines_of_questions_are_answered_in_their_order(youcai) -> None:  # type: ignore[no-untyped-def]
    lines = [{"id": 7, "question": "优才卡每年发多少张"}, {"id": "b", "question": "管理员密码是多少"}]
    done = youcai("ask", "--jsonl", said="\n".join(map(json.dumps, lines)) + "\n\n")
    answered = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["id"], one["outcome"]) for one in answered] == [(7, "answer"), ("b", "refuse")]
    assert set(answered[0]) == {"id", "outcome", "text", "citations"}
    assert set(answered[0]["citations"][0]) == {"document", "number", "label", "text", "in_force"}


@pytest.mark.parametrize(
    ("words", "said", "told"),
    [
        (["ask"], "", "只选一样"),
        (["ask", "问", "--jsonl"], "", "只选一样"),
        (["ask", "--jsonl"], "{", "第 1 行"),
        (["ask", "--jsonl"], '{"id": 1}', "第 1 行"),
        (["rank", "--corpus", "none.jsonl"], "", "none.jsonl"),
        (["knowledge", "import", "none.md"], "", "none.md"),
        (["--config", "none.toml", "ask", "问"], "", "none.toml"),
        (["knowledge", "import", "empty.md", "--yes"], "", "没有正文"),
        (["knowledge", "import", "plan.md", "--effective", "soon"], "", "--effective"),
        (
            ["knowledge", "import", "plan.md", "--effective", "2026-02-02", "--expires", "2026-01-01"],
            "",
            "早于",
        ),
        (["people", "import", "none.csv"], "", "none.csv 打不开或写不了：没有这个文件"),
        (["people", "import", "."], "", "它是一个文件夹"),
        (["campaign", "create", "--title", "搬家", "--body-file", "ansi.txt"], "", "不是 UTF-8 文本"),
        (["cycles", "import", "ansi.txt"], "", "不是 UTF-8 文本"),
        (["staff", "add", "王"], "", "还要写 --role，可以是 clerk、editor、reviewer、admin。"),
        (["staff", "add", "王", "--role", "boss"], "", "--role 写得不对，可以是 clerk、editor"),
        (["people", "import"], "", "还要写 file。用法：youcai people import --help"),
        (["campaign", "show", "abc"], "", "number 写得不对"),
        (["run", "--prot", "1"], "", "没有 --prot 这个选项，是不是 --role。"),
        (["campaign", "create", "--title"], "", "--title 后面要写内容"),
        (["campain"], "", "没有这样的写法。用法：youcai --help"),
        (["run", "more"], "", "没有这样的写法。用法：youcai run --help"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(youcai, tmp_path: Path, words, said, told) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "empty.md").write_text("\n")
    (tmp_path / "ansi.txt").write_bytes("我们搬到二楼了。".encode("gb18030"))
    (tmp_path / "plan.md").write_text("# 办法\n\n第一条 给予补贴。\n")
    done = youcai(*words, said=said)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_words_a_command_tells_what_it_can_do(youcai) -> None:  # type: ignore[no-untyped-def]
    for words in ((), ("campaign",), ("--help",)):
        done = youcai(*words)
        assert "Usage: youcai" in done.stdout + done.stderr
        assert done.returncode == (0 if words == ("--help",) else 2)


def test_foreign_passages_are_ranked(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    corpus = tmp_path / "corpus.jsonl"
    passages = [{"id": 1, "text": "猫在睡觉。"}, {"id": 2, "text": "狗在跑步。"}]
    corpus.write_text("\n".join(map(json.dumps, passages)))
    done = youcai("rank", "--corpus", str(corpus), said='{"id": "q", "question": "谁在跑步"}')
    assert json.loads(done.stdout)["ranked"][0] == 2


def test_a_document_is_shown_first_and_answers_once_published(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "housing.md"
    file.write_text(
        "# 青禾区博士后安家办法\n\n第一条 出站留区的博士后，给予安家费10万元。\n", encoding="utf-8"
    )
    shown = youcai("knowledge", "import", str(file), "--number", "青禾〔2026〕1号", said="n\n")
    assert "第一条" in shown.stdout
    assert "没有发布" in shown.stdout
    assert "10万" not in youcai("ask", "出站留区的博士后安家费多少").stdout
    done = youcai("knowledge", "import", str(file), "--number", "青禾〔2026〕1号", "--yes", "--json")
    assert json.loads(done.stdout)["published"] is True
    assert "10万元" in youcai("ask", "出站留区的博士后安家费多少").stdout


def test_a_newer_database_stops_the_start_with_one_sentence(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    youcai("ask", "你好")
    with sqlite3.connect(tmp_path / "var" / "youcai.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    done = youcai("run")
    assert done.returncode == 1
    assert "更新的版本" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_down_stops_the_start_with_one_sentence(youcai) -> None:  # type: ignore[no-untyped-def]
    done = youcai("run", YOUCAI_DATABASE__URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 1
    assert "连不上" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told(youcai) -> None:  # type: ignore[no-untyped-def]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = youcai("run", YOUCAI_PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "已被占用" in done.stderr


def test_a_folder_that_cannot_be_written_is_told(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("")
    done = youcai("ask", "你好", YOUCAI_DATA=str(tmp_path / "file"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_key_file_is_its_owners_only(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    youcai("ask", "你好")
    key = tmp_path / "var" / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0


def test_openings_are_planned_once_and_a_notice_makes_them_firm(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    def shown(*words: str) -> list[dict[str, object]]:
        return list(
            json.loads(youcai("cycles", *words, "--json", YOUCAI_BOOKING__FIRST_OPENING=first).stdout)
        )

    first = (
        f"{date.today() + timedelta(days=400)} 09:00"  # in a year that nobody has published anything about
    )
    planned = shown("plan", "--weeks", "60")
    assert all(one["provisional"] for one in planned)
    assert shown("plan", "--weeks", "60") == shown() == planned
    notice = tmp_path / "notice.toml"
    notice.write_text(f"years = {[date.today().year + more for more in range(3)]}")
    firm = shown("import", str(notice))
    assert [one["nominal_on"] for one in firm] == [one["nominal_on"] for one in planned]
    assert not any(one["provisional"] or one["provisional_days"] for one in firm)


def test_a_notice_that_cannot_be_read_is_told(youcai, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "notice.toml").write_text("holidays = []")
    done = youcai("cycles", "import", str(tmp_path / "notice.toml"))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "holidays" in done.stderr
