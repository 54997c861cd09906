"""What the settings make of the channels."""

from pathlib import Path
from typing import Any

import pytest

from bot.wiring import reaching, sending, spreading
from tests.bot.conftest import settings

FORM = {"notice": "T-1:thing1"}


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        ({}, set()),
        ({"telegram": {"token": "1:a"}}, {"telegram"}),
        ({"wechat": {"token": "t", "secret": "s", "template_ids": FORM}}, {"wechat"}),
        ({"wechat": {"token": "t", "secret": "s"}}, set()),
        ({"wechat": {"token": "t", "template_ids": FORM}}, set()),
        ({"wechat": {"token": "t", "secret": "s", "subscribe_ids": FORM}}, set()),
    ],
)
def test_a_channel_reaches_people_if_it_can_write_to_them_at_any_time(
    tmp_path: Path, sections: dict[str, Any], found: set[str]
) -> None:
    assert reaching(settings(tmp_path, **sections)) == found
    assert spreading(settings(tmp_path, **sections)) == found - {"wechat"}


def test_a_channel_sends_once_it_has_an_account(tmp_path: Path) -> None:
    assert sending(settings(tmp_path)) == {"web"}
    both = settings(tmp_path, telegram={"token": "1:a"}, wechat={"token": "t"})
    assert sending(both) == {"web", "telegram", "wechat"}
