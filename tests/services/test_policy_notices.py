"""A published document is told to those who subscribed to policy: once, what it is about, while it holds."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.campaigns import Campaign
from db.session import Database
from services import campaign_runs, conversations, outgoing, policy_notices, subscriptions
from services.campaign_terms import CampaignDesk
from services.knowledge import shelf
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import Source
from services.messaging import Update
from tests.cast import NOON

DESK = CampaignDesk()
PLAN = Path(__file__).resolve().parents[2] / "db" / "seed" / "plan-2022-36.md"
TEXT = "# 安家办法\n\n第一章 总则\n\n第一条 制定本办法。\n\n第二章 申请\n\n第二条 向区人社局申请。\n"
Publish = Callable[..., int]


@pytest.fixture
def publish(house: Database) -> Publish:
    def work(text: str = TEXT, number: str = "青禾〔2026〕1号", **days: date) -> int:
        read = read_document("办法.md", text.encode())

        def add(session: Any) -> int:
            source = Source(read.title, number, **days)
            made = shelf.add(session, source, read.passages, text.encode(), NOON)
            shelf.publish(session, made, NOON)
            return made

        return house.run_now(add)

    return work


def tell(house: Database, document: int) -> int | None:
    return house.run_now(lambda session: policy_notices.tell_published(session, DESK, document, NOON))


def campaign(house: Database) -> Campaign:
    return house.run_now(lambda session: session.execute(select(Campaign)).scalar_one())


def test_it_names_the_document_what_it_is_about_and_until_when(house: Database, publish: Publish) -> None:
    number = publish(effective_on=date(2027, 1, 1), expires_on=date(2029, 12, 31))
    assert tell(house, number)
    made = campaign(house)
    assert "青禾〔2026〕1号《安家办法》" in made.text
    assert "讲到：总则、申请" in made.text
    assert "2027年1月1日起施行，有效期至 2029年12月31日" in made.text
    assert (made.title, made.buttons) == ("新政策：安家办法", [["问政策", "ask"]])
    assert (made.topic, made.origin, made.status) == ("policy", f"document:{number}", "scheduled")


def test_only_what_is_printed_is_said(house: Database, publish: Publish) -> None:
    tell(house, publish("# 公告\n\n本公告没有小标题。\n", number=""))
    assert campaign(house).text == "新政策发布了：\n《公告》\n\n想知道和您有关的是哪一条，直接问就行。"


def test_a_long_document_is_told_by_its_sections() -> None:
    read = read_document(PLAN.name, PLAN.read_bytes())
    named = policy_notices.about(Source(read.title, read.number), read.passages)
    assert named[:2] == ["健全市场引才体系", "推动分中心升级改造"]
    assert len(named) == 4


def test_it_is_told_once(house: Database, publish: Publish) -> None:
    number = publish()
    assert [tell(house, number) is None, tell(house, number)] == [False, None]


def test_nobody_is_told_of_what_is_over_and_not_for_longer_than_it_holds(
    house: Database, publish: Publish
) -> None:
    assert tell(house, publish(expires_on=date(2026, 11, 23))) is None
    assert tell(house, publish(expires_on=date(2026, 11, 24)))
    assert campaign(house).useful_until == datetime(2026, 11, 24, 16, tzinfo=UTC)


def test_only_subscribers_get_it(house: Database, publish: Publish) -> None:
    def come(session: Any) -> None:
        for address in ("chen", "li"):
            person = conversations.stand(session, Update("telegram", address, "1", NOON)).person_id
            if address == "chen":
                subscriptions.subscribe(session, person, "policy", "telegram", NOON)

    house.run_now(come)
    assert house.run_now(lambda session: policy_notices.subscribers(session, NOON)) == 1
    tell(house, publish())
    while house.run_now(lambda session: campaign_runs.advance(session, DESK, NOON)):
        pass
    sent = house.run_now(lambda session: outgoing.claim(session, "telegram", NOON, 10, "w"))
    assert [one.address for one in sent] == ["chen"]
    assert sent[0].message.buttons[0].choice.endswith(":ask")
