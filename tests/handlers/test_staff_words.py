"""To whom a campaign goes is told to colleagues in words of the office."""

import pytest

from handlers.staff_campaign_cards import whom
from services import segments
from services.segments import Criteria
from services.texts import Texts

STORED = [(name, value) for name, allowed in segments._WORDS.items() for value in allowed or ()]


def said_of(criteria: Criteria, topic: str = "") -> str:
    return Texts().say("staff_campaign/_whom", whom=whom(topic, dict(criteria)))


@pytest.mark.parametrize(("name", "value"), sorted(STORED))
def test_no_criterion_is_shown_as_it_is_stored(name: str, value: str) -> None:
    assert value not in said_of({name: [value]})


def test_whom_it_goes_to_is_read_as_a_sentence() -> None:
    said = said_of(segments.parse("tag=web,博士后 channel=wechat,telegram topic=policy tier=gold"))
    assert said == "渠道：Telegram、微信，标签：web、博士后，卡种：金卡，订阅：政策"
    assert said_of({}, "policy") == "订阅了“政策”的人"
    assert said_of({}) == "所有人"
