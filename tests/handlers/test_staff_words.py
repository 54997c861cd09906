"""To whom a campaign goes, and what holds it up, is told to colleagues in words of the office."""

from dataclasses import replace

import pytest

from db.session import Database
from handlers.dispatch import Dispatch
from handlers.staff_campaign_cards import whom
from handlers.turn import Desk
from services import segments
from services.delivery import DeliveryStatus
from services.segments import Criteria
from services.texts import Texts
from tests.cast import NOON
from tests.handlers.test_staff_campaigns import Office, approved

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
    assert said_of(segments.parse("language=zh-hans,en-gb,fr")) == "语言：英文、fr、中文"


async def test_who_waits_for_a_channel_without_an_account_is_told(house: Database, desk: Desk) -> None:
    only_web = replace(desk, channels_that_send=frozenset({"web"}))
    office = Office(house, Dispatch(house, only_web, clock=lambda: NOON), desk)
    await office.open()
    zhao = await approved(office, people=2)
    shown = (await zhao.choose("staff.campaign:1")).text
    assert "有 2 人等着：Telegram还没有接上" in shown
    assert "网页还没有接上" not in shown


async def test_what_goes_again_is_told_without_the_numbers_from_before(
    house: Database, at_desk: Dispatch, desk: Desk
) -> None:
    office = Office(house, at_desk, desk)
    await office.open()
    zhao = await approved(office, people=2)
    office.send(DeliveryStatus.FAILED)
    await zhao.choose("staff.campaign:1")
    said = await zhao.tap("没发成的再发一次")
    assert "没发成" not in said.text
    assert [button.label for button in said.buttons] == ["看进度", "看看这次群发"]
    office.send(DeliveryStatus.FAILED)
    await zhao.choose("staff.campaign.pause:1")
    said = await zhao.choose("staff.campaign.retry:1")
    assert [button.label for button in said.buttons] == ["接着发", "看看这次群发"]
