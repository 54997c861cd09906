"""`youcai backup` and `youcai restore` as an operator types them, with the service running and without."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from typer.testing import CliRunner

from bot.__main__ import app

HOUSE = Path(__file__).resolve().parents[2]
Command = Callable[..., Any]


@pytest.fixture
def youcai(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """In this process: there are many to type here, and starting one takes its time."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("YOUCAI_")]:
        monkeypatch.delenv(name)

    def run(*words: str, said: str = "", **environ: str) -> Any:
        env = {"YOUCAI_DATA": str(tmp_path / "var"), **environ}
        return CliRunner().invoke(app, words, input=said, env=env)

    return run


class Visitor:
    """A browser at the chat, with its cookie."""

    def __init__(self, jar: CookieJar) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def say(self, address: str, text: str) -> str:
        return "\n".join(one["text"] for one in self._messages(address, text))

    def kept(self, address: str) -> str:
        """What the service has kept of them."""
        file = self._messages(address, "导出我的数据")[0]["attachments"][0]
        with self._opener.open(urljoin(address, file["url"]), timeout=30) as handed_out:
            return str(handed_out.read().decode())

    def _messages(self, address: str, text: str) -> list[dict[str, Any]]:
        body = json.dumps({"text": text}).encode()
        request = urllib.request.Request(
            f"{address}chat/messages", body, {"Content-Type": "application/json"}
        )
        with self._opener.open(request, timeout=30) as answered:
            return list(json.load(answered)["messages"])


@contextmanager
def running(data: Path, **environ: str) -> Iterator[str]:
    """The service on a port of its own; its address."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("YOUCAI_")}
    env = {**clean, "PYTHONPATH": str(HOUSE), "YOUCAI_DATA": str(data), "YOUCAI_PORT": "0", **environ}
    command = [sys.executable, "-m", "bot", "run"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=data.parent)
    try:
        assert process.stdout is not None
        said = ""
        while not (found := re.search(r"http://\S+/", said)):
            line = process.stdout.readline()
            assert line, said
            said += line
        yield found.group()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_service_moves_to_another_machine_and_the_chat_goes_on(
    youcai: Command, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    environ, there = {}, tmp_path / "there"
    if engine == "postgres":
        environ = {"YOUCAI_DATABASE__URL": request.getfixturevalue("empty_postgres_url")}
    visitor = Visitor(CookieJar())
    with running(tmp_path / "var") as address:
        assert "100张" in visitor.say(address, "优才卡每年发多少张")
        made = youcai("backup", "kept")
        assert (made.exit_code, made.stderr) == (0, "")
        assert "密钥" in made.stdout
        assert "银卡" in visitor.say(address, "银卡怎么办")
        refused = youcai("restore", "kept", "--yes")
        assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
        assert "先停下" in refused.stderr
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600
    restored = youcai("restore", "kept", YOUCAI_DATA=str(there), **environ)
    assert (restored.exit_code, restored.stderr) == (0, "")
    assert (there / "secret.key").read_bytes() == (tmp_path / "var" / "secret.key").read_bytes()
    with running(there, **environ) as address:
        said = visitor.kept(address)
        assert "优才卡每年发多少张" in said
        assert "银卡怎么办" not in said, "that came later"
        assert "100张" in visitor.say(address, "优才卡每年发多少张")
        refused = youcai("restore", "kept", "--yes", YOUCAI_DATA=str(there), **environ)
        assert refused.exit_code == 1
    trail = json.loads(youcai("audit", "verify", "--json", YOUCAI_DATA=str(there), **environ).stdout)
    assert trail["whole"]


def test_an_old_backup_is_replaced_only_with_a_yes(youcai: Command, tmp_path: Path) -> None:
    youcai("ask", "你好")
    (tmp_path / "kept").write_text("the one before")
    asked = youcai("backup", "kept", said="n\n")
    assert (asked.exit_code, asked.stderr.count("\n")) == (1, 1)
    assert youcai("backup", "kept", "--json").exit_code == 2
    assert (tmp_path / "kept").read_text() == "the one before"
    made = json.loads(youcai("backup", "kept", "--yes", "--json").stdout)
    assert made["file"] == "kept"
    assert made["rows"] > 50


def test_what_is_there_is_replaced_only_with_a_yes_and_kept_aside(youcai: Command, tmp_path: Path) -> None:
    youcai("ask", "你好")
    youcai("backup", "kept")
    other = {"YOUCAI_DATA": str(tmp_path / "other")}
    youcai("ask", "你好", **other)
    key = (tmp_path / "other" / "secret.key").read_bytes()
    for options, said, status in ((["--json"], "", 2), ([], "n\n", 1), ([], "", 1)):
        done = youcai("restore", "kept", *options, said=said, **other)
        assert (done.exit_code, done.stderr.strip().count("\n")) == (status, 0)
    assert (tmp_path / "other" / "secret.key").read_bytes() == key
    restored = json.loads(youcai("restore", "kept", "--yes", "--json", **other).stdout)
    assert Path(restored["aside"]).exists()
    assert [one.read_bytes() for one in (tmp_path / "other").glob("secret.key.before-*")] == [key]
    assert youcai("audit", "verify", **other).exit_code == 0


def test_a_broadcast_under_way_is_named_and_waits_for_a_word(youcai: Command, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("明天开放预约。", encoding="utf-8")
    youcai("campaign", "create", "--title", "开放", "--body-file", "text", "--send-now", "--yes")
    youcai("backup", "kept")
    there = {"YOUCAI_DATA": str(tmp_path / "there")}
    restored = youcai("restore", "kept", "--yes", **there)
    assert "“开放”" in restored.stdout
    shown = json.loads(youcai("campaign", "show", "1", "--json", **there).stdout)
    assert shown["status"] == "approved"


def test_keys_of_the_settings_have_to_fit(youcai: Command, tmp_path: Path) -> None:
    old, new = "an old key of forty characters, or so it is", "a new key of forty characters, as it seems"
    youcai("ask", "你好", YOUCAI_SERVICE__SECRET_KEYS=json.dumps([old]))
    youcai("backup", "kept", YOUCAI_SERVICE__SECRET_KEYS=json.dumps([old]))
    there = {"YOUCAI_DATA": str(tmp_path / "there")}
    for keys in ([new], [old, new]):
        refused = youcai("restore", "kept", YOUCAI_SERVICE__SECRET_KEYS=json.dumps(keys), **there)
        assert refused.exit_code == 2
        assert "secret_keys" in refused.stderr
        assert old not in refused.stderr
    assert not (tmp_path / "there").exists()
    for keys in ([new, old], None):
        more = {"YOUCAI_SERVICE__SECRET_KEYS": json.dumps(keys)} if keys else {}
        assert youcai("restore", "kept", "--yes", **there, **more).exit_code == 0
        assert youcai("audit", "verify", **there, **more).exit_code == 0
        assert (tmp_path / "there" / "secret.key").exists() == (not keys)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["backup", "kept"], "还没有数据"),
        (["backup", "nowhere/kept"], "文件夹"),
        (["backup", "."], "文件夹"),
        (["restore", "none"], "none"),
        (["restore", "."], "打不开"),
        (["restore", "text"], "不是优才的备份"),
    ],
)
def test_bad_input_is_one_sentence_and_touches_nothing(
    youcai: Command, tmp_path: Path, words: list[str], told: str
) -> None:
    (tmp_path / "text").write_text("我不是备份")
    done = youcai(*words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert told in done.stderr
    assert not (tmp_path / "var").exists()
