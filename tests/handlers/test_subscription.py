"""订阅 and 退订: in one tap each, in words, and from a broadcast's own buttons."""

import pytest
from sqlalchemy import select

from db.people import Person
from db.session import Database
from services import subscriptions
from services.subscriptions import topics
from tests.cast import Guest


async def person_of(house: Database) -> int:
    return await house.read(lambda s: s.execute(select(Person.id)).scalar_one())


async def test_a_topic_is_taken_and_left_in_one_tap(house: Database, chen: Guest) -> None:
    shown = await chen.say("订阅")
    first = topics()[0]
    assert f"subscribe:{first.name}" in [button.choice for button in shown.buttons]
    assert first.label in (await chen.choose(f"subscribe:{first.name}")).text
    person = await person_of(house)
    assert first.name in await house.read(lambda s: subscriptions.of(s, person))
    assert "退订了" in (await chen.choose(f"unsubscribe:{first.name}")).text
    assert first.name not in await house.read(lambda s: subscriptions.of(s, person))


async def test_after_the_end_of_all_one_topic_brings_back_only_itself(house: Database, chen: Guest) -> None:
    await chen.say("退订")
    assert "就只收它的" in (await chen.say("订阅")).text
    await chen.tap("订阅“政策”")
    person = await person_of(house)
    assert await house.read(lambda s: subscriptions.is_silent(s, person))
    assert "您只收这些：政策" in (await chen.say("订阅")).text
    assert "又会告诉您" in (await chen.tap("也收发给大家的通知")).text
    assert not await house.read(lambda s: subscriptions.is_silent(s, person))
    assert "您订阅了：政策" in (await chen.say("订阅")).text


async def test_a_topic_may_be_named_instead_of_tapped(house: Database, chen: Guest) -> None:
    assert "订好了" in (await chen.say("订阅“博士（后）江海行”")).text
    person = await person_of(house)
    assert await house.read(lambda s: subscriptions.of(s, person)) == {"event.tour"}
    assert "退订了" in (await chen.say("退订 博士(后)江海行。")).text
    assert not await house.read(lambda s: subscriptions.is_silent(s, person))
    assert "退订" not in (await chen.say("退订一场活动要多久")).text


@pytest.mark.parametrize("word", ["退订", "退訂", "TD", "stop", "取消订阅", "不要再发了！"])
async def test_one_word_ends_all_of_it(house: Database, chen: Guest, word: str) -> None:
    await chen.choose(f"subscribe:{topics()[0].name}")
    assert "都退订了" in (await chen.say(word)).text
    person = await person_of(house)
    assert not await house.read(lambda s: subscriptions.of(s, person))
    assert await house.read(lambda s: subscriptions.is_silent(s, person))


async def test_a_broadcasts_buttons_lead_where_they_say(chen: Guest) -> None:
    assert "每 14 天开放一次" in (await chen.choose("go:12:book")).text
    assert "都退订了" in (await chen.choose("unsubscribe:")).text
    for broken in (
        "go",
        "go:",
        "go:x:menu",
        "go:99999999999999999999:menu",
        "go:12:nowhere",
        "subscribe:none",
    ):
        assert (await chen.choose(broken)).buttons
