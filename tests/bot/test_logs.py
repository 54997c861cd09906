"""Ours and the libraries' events are written the same way, with traces, and masked."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from bot.logs import set_up_logs

SAID = {"said": "陈某"}
FAILING = text("SELECT :said, 13800138000 FROM nowhere")  # not on the line that a trace shows
Capture = pytest.CaptureFixture[str]
STYLES = pytest.mark.parametrize("style", ["json", "console"])


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    yield
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


@STYLES
def test_traces_and_other_libraries_go_the_same_way(style: str, capsys: Capture) -> None:
    set_up_logs(style)
    try:
        raise ValueError("电话 13800138000")
    except ValueError:
        structlog.get_logger("ours").exception("failed", reference="A1B2C3")
    logging.getLogger("theirs").warning("call %s", "13800138000")
    lines = capsys.readouterr().err
    assert "13800138000" not in lines
    assert "A1B2C3" in lines
    assert "ValueError" in lines
    if style == "json":
        assert [json.loads(line)["level"] for line in lines.splitlines()] == ["error", "warning"]


@STYLES
@pytest.mark.parametrize("library", ["aiohttp.server", "telegram.ext", "sqlalchemy.pool", "asyncio"])
def test_the_trace_of_a_library_is_kept_and_masked(style: str, library: str, capsys: Capture) -> None:
    set_up_logs(style)
    try:
        with create_engine("sqlite://").connect() as connection:
            connection.execute(FAILING, SAID)
    except OperationalError:
        logging.getLogger(library).exception("no luck")
    lines = capsys.readouterr().err
    assert "no such table: nowhere" in lines
    assert "OperationalError" in lines
    assert library in lines
    assert "陈某" not in lines
    assert "13800138000" not in lines


@STYLES
def test_every_request_and_every_tick_are_no_news(style: str, capsys: Capture) -> None:
    set_up_logs(style)
    for library in ("aiohttp.access", "apscheduler.executors.default", "httpx"):
        logging.getLogger(library).info("again")
    logging.getLogger("ours").debug("again")
    assert capsys.readouterr().err == ""


@STYLES
def test_a_line_that_cannot_be_written_shows_nothing_of_what_it_held(style: str, capsys: Capture) -> None:
    set_up_logs(style)
    logging.getLogger("theirs").error("%d", "13800138000")
    lines = capsys.readouterr().err
    assert "13800138000" not in lines
    assert "theirs" in lines
    assert "TypeError" in lines
