"""The same person on two channels: one dialogue's data, one set of appointments, and a way apart."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.knowledge import Question
from db.people import Identity, Person, Subscription
from db.session import Database
from handlers.dispatch import Dispatch
from services import audit, linking
from services.linking import Redeemed
from tests.cast import NOON, Guest


@pytest.fixture
def web(at_desk: Dispatch) -> Guest:
    return Guest(at_desk, "chen on the web")


@pytest.fixture
def telegram(at_desk: Dispatch) -> Guest:
    return Guest(at_desk, "7", "telegram")


async def code_of(guest: Guest) -> str:
    await guest.say("我的数据")
    await guest.tap("关联其他渠道")
    found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", (await guest.tap("获取绑定码")).text)
    assert found
    return found.group()


async def enter(guest: Guest, code: str) -> str:
    await guest.say("关联")
    await guest.tap("输入绑定码")
    return (await guest.say(code)).text


async def count(database: Database, table: type) -> int:
    return await database.read(lambda s: s.execute(select(func.count()).select_from(table)).scalar_one())


async def test_two_channels_become_one_person_and_the_data_follows(
    house: Database, web: Guest, telegram: Guest
) -> None:
    await web.say("优才卡每年发多少张")
    await telegram.say("银卡去哪里办")
    assert "同一份" in await enter(telegram, await code_of(web))
    assert await count(house, Person) == 1
    owners = select(func.count(func.distinct(Question.person_id)))
    assert await house.read(lambda s: s.execute(owners).scalar_one()) == 1
    assert "Telegram" in (await web.say("我的渠道")).text
    kept = (await web.say("导出我的数据")).attachments[0].content.decode()
    assert "银卡去哪里办" in kept
    assert "优才卡每年发多少张" in kept
    assert await house.read(audit.verify) == (2, None)


async def test_a_code_is_good_once_in_any_writing_and_not_for_oneself(
    web: Guest, telegram: Guest, li: Guest
) -> None:
    code = await code_of(web)
    assert "已经关联过" in await enter(web, code)
    assert "关联好了" in await enter(telegram, f" {code.lower().replace('-', ' － ')}。")
    assert "不对" in await enter(li, code)


async def test_an_old_code_is_worth_nothing(house: Database, web: Guest, telegram: Guest) -> None:
    await web.say("你好")
    await telegram.say("你好")
    people = select(Identity.id, Identity.person_id).order_by(Identity.id)
    (_, first), (identity, second) = await house.read(lambda s: s.execute(people).all())
    code = await house.run(lambda s: linking.issue(s, first, NOON))
    late = NOON + timedelta(minutes=10)
    assert await house.run(lambda s: linking.redeem(s, code, identity, second, late)) is Redeemed.WRONG
    newer = await house.run(lambda s: linking.issue(s, first, NOON))
    assert await house.run(lambda s: linking.redeem(s, code, identity, second, NOON)) is Redeemed.WRONG
    assert await house.run(lambda s: linking.redeem(s, newer, identity, second, NOON)) is Redeemed.LINKED


async def test_whoever_guesses_has_to_wait_even_with_the_right_code(web: Guest, telegram: Guest) -> None:
    code = await code_of(web)
    await telegram.say("关联")
    await telegram.tap("输入绑定码")
    for number in range(5):
        assert "不对" in (await telegram.say(f"AAAA-AAA{number}")).text
    assert "10 分钟" in (await telegram.say(code)).text


async def test_the_one_who_gave_the_code_hears_of_it(house: Database, web: Guest, telegram: Guest) -> None:
    from db.delivery import Delivery

    await enter(telegram, await code_of(web))
    reasons = select(Delivery.reason, Delivery.channel).order_by(Delivery.channel)
    assert [tuple(row) for row in await house.read(lambda s: s.execute(reasons).all())] == [
        ("linked", "telegram"),
        ("linked", "web"),
    ]


async def test_parting_leaves_the_data_with_the_person(house: Database, web: Guest, telegram: Guest) -> None:
    await web.say("优才卡每年发多少张")
    await enter(telegram, await code_of(web))
    await web.say("关联")
    assert "已经解除" in (await web.tap("解除Telegram")).text
    assert await count(house, Person) == 2
    assert "优才卡每年发多少张" not in (await telegram.say("导出我的数据")).attachments[0].content.decode()
    assert "优才卡每年发多少张" in (await web.say("导出我的数据")).attachments[0].content.decode()


async def test_nobody_parts_what_is_not_theirs(
    house: Database, web: Guest, telegram: Guest, li: Guest
) -> None:
    await enter(telegram, await code_of(web))
    await li.say("你好")
    ids = select(Identity.id)
    for number in await house.read(lambda s: s.execute(ids).scalars().all()):
        assert "没有可以解除" in (await li.choose(f"link.off:{number}")).text
    for wrong in ("link.off", "link.off:x", "link.off:-1", "link.off:99999999999999999999"):
        assert "没有可以解除" in (await web.choose(wrong)).text


async def test_a_topic_subscribed_on_both_is_kept_once(house: Database, web: Guest, telegram: Guest) -> None:
    await web.say("你好")
    await telegram.say("你好")
    people = select(Person.id).order_by(Person.id)
    first, second = await house.read(lambda s: s.execute(people).scalars().all())
    for person in (first, second):
        row = Subscription(person_id=person, topic="news", channel="web", given_at=NOON)
        await house.run(lambda s, row=row: s.add(row))
    assert "关联好了" in await enter(telegram, await code_of(web))
    live = select(func.count()).select_from(Subscription).where(Subscription.withdrawn_at.is_(None))
    assert await house.read(lambda s: s.execute(live).scalar_one()) == 1


async def test_in_a_group_no_code_is_shown(telegram: Guest) -> None:
    assert "私下" in (await telegram.say("关联", public=True)).text
