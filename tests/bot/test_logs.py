"""Whatever is logged, nobody's data can be read there."""

import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import MASK, mask_event, masked, set_up_logs

PRIVATE = [
    "13800138000",
    "138 0013 8000",
    "11010519491231002X",
    "6222021234567890123",
    "chen@example.com",
    "123456789:AAF-abcdefghijklmnopqrstuvwxyz012345",
    "oABCDEFGHIJKLMNOPQRSTUVWXYZ1",
]


@pytest.mark.parametrize("value", PRIVATE)
def test_personal_data_is_masked_by_its_looks(value: str) -> None:
    assert masked(f"收到 {value}，请查") == f"收到 {MASK}，请查"


@given(st.sampled_from(PRIVATE), st.text(), st.text())
def test_it_is_masked_wherever_it_stands(value: str, before: str, after: str) -> None:
    event = {"event": f"{before} {value} {after}", "more": [{"deep": f" {value} "}], "raw": value.encode()}
    assert value not in repr(mask_event(None, "info", event))


def test_values_are_masked_by_their_names() -> None:
    event = {"event": "said", "text": "我想问", "phone": "1", "list": {"openid": "x"}, "number": 36}
    assert mask_event(None, "info", event) == {
        "event": "said",
        "text": MASK,
        "phone": MASK,
        "list": {"openid": MASK},
        "number": 36,
    }


def test_references_and_document_numbers_stay_readable() -> None:
    assert masked("江海府办函〔2022〕36号 reference=A1B2C3 2026-11-24") == (
        "江海府办函〔2022〕36号 reference=A1B2C3 2026-11-24"
    )


@pytest.mark.parametrize("style", ["json", "console"])
def test_traces_and_other_libraries_go_the_same_way(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers
    try:
        set_up_logs(style)
        try:
            raise ValueError("电话 13800138000")
        except ValueError:
            structlog.get_logger("ours").exception("failed", reference="A1B2C3")
        logging.getLogger("theirs").warning("call %s", "13800138000")
    finally:
        logging.getLogger().handlers = before
        structlog.reset_defaults()
    written = capsys.readouterr().err
    assert "13800138000" not in written
    assert "A1B2C3" in written
    assert "ValueError" in written
    if style == "json":
        assert [json.loads(line)["level"] for line in written.splitlines()] == ["error", "warning"]
