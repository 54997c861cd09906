"""The same person on two channels: one dialogue's data, one set of appointments, and a way apart."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.delivery import Delivery
from db.knowledge import Question
from db.people import Identity, Person, Subscription
from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import audit, delivery, linking, planning, staff
from services.chatlog import history
from services.linking import Redeemed
from services.messaging import Message
from services.staff import Role
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
    (_, first), (identity, _) = await house.read(lambda s: s.execute(people).all())
    code = await house.run(lambda s: linking.issue(s, first, NOON))
    late = NOON + timedelta(minutes=10)
    assert await house.run(lambda s: linking.redeem(s, code, identity, late)) is Redeemed.WRONG
    newer = await house.run(lambda s: linking.issue(s, first, NOON))
    assert await house.run(lambda s: linking.redeem(s, code, identity, NOON)) is Redeemed.WRONG
    assert await house.run(lambda s: linking.redeem(s, newer, identity, NOON)) is Redeemed.LINKED


async def test_whoever_guesses_has_to_wait_even_with_the_right_code(web: Guest, telegram: Guest) -> None:
    code = await code_of(web)
    await telegram.say("关联")
    await telegram.tap("输入绑定码")
    for number in range(5):
        assert "不对" in (await telegram.say(f"AAAA-AAA{number}")).text
    assert "10 分钟" in (await telegram.say(code)).text


async def test_a_question_typed_by_mistake_is_no_guess(web: Guest, telegram: Guest) -> None:
    code = await code_of(web)
    await enter(telegram, "AAAA-AAAA")
    for _ in range(6):
        assert "不对" in (await telegram.say("优才卡每年发多少张呢")).text
    assert "关联好了" in (await telegram.say(code)).text


async def test_the_one_who_gave_the_code_hears_of_it_where_they_were(
    house: Database, at_desk: Dispatch, telegram: Guest
) -> None:
    """Not on the channel that is added, though it was used last: who gave the code away must learn of it."""
    owner = Guest(at_desk, "o7", "wechat")
    await enter(telegram, await code_of(owner))
    told = select(Delivery.reason, Identity.channel).join(Identity, Identity.id == Delivery.identity_id)
    assert [tuple(row) for row in await house.read(lambda s: s.execute(told).all())] == [("linked", "wechat")]


async def test_parting_leaves_the_data_with_the_person(house: Database, web: Guest, telegram: Guest) -> None:
    await web.say("优才卡每年发多少张")
    await enter(telegram, await code_of(web))
    await web.say("关联")
    assert "已经解除" in (await web.tap("解除Telegram")).text
    assert await count(house, Person) == 2
    assert "优才卡每年发多少张" not in (await telegram.say("导出我的数据")).attachments[0].content.decode()
    assert "优才卡每年发多少张" in (await web.say("导出我的数据")).attachments[0].content.decode()


async def test_two_browsers_are_told_apart(web: Guest, li: Guest, telegram: Guest) -> None:
    for browser in (web, li):
        await enter(browser, await code_of(telegram))
    shown = await telegram.say("我的渠道")
    parting = [button.label for button in shown.buttons if button.label.startswith("解除网页（")]
    assert len(parting) == 2
    assert "起）" in shown.text


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


# --- appointments


@pytest.fixture
def opened(house: Database, desk: Desk) -> None:
    house.run_now(lambda session: planning.plan_ahead(session, desk.booking, NOON))


async def hold(guest: Guest, day: str) -> None:
    await guest.say("办卡预约")
    for label in ("银卡", "首次办卡"):
        await guest.tap(label)
    free = [button.label for button in guest.heard[-1].buttons if button.label.startswith(day)]
    await guest.tap(free[0])
    await guest.tap("09:00")


async def book(guest: Guest, day: str = "12月2日") -> None:
    await hold(guest, day)
    await tell(guest)


async def tell(guest: Guest) -> None:
    for told in ("陈一诺", "138 0013 8000", "江门市某材料公司"):
        await guest.say(told)
    await guest.tap("博士")
    assert "预约" in (await guest.tap("确认预约")).text


@pytest.mark.usefixtures("opened")
async def test_an_appointment_follows_and_can_be_cancelled_on_the_other_channel(
    web: Guest, telegram: Guest
) -> None:
    await book(telegram)
    assert "关联好了" in await enter(telegram, await code_of(web))
    assert "12月2日" in (await web.say("我的预约")).text
    await web.tap("取消预约")
    await web.tap("确定取消")
    assert "已取消" in (await telegram.say("我的预约")).text


@pytest.mark.usefixtures("opened")
async def test_two_open_appointments_are_not_joined_until_one_is_cancelled(
    house: Database, web: Guest, telegram: Guest
) -> None:
    await book(web)
    await book(telegram, "12月3日")
    code = await code_of(web)
    assert "各有一个没办完的预约" in await enter(telegram, code)
    assert await count(house, Person) == 2
    await telegram.tap("我的预约")
    await telegram.tap("取消预约")
    await telegram.tap("确定取消")
    assert "关联好了" in await enter(telegram, code)
    assert "12月2日" in (await telegram.say("我的预约")).text


@pytest.mark.usefixtures("opened")
async def test_a_booking_begun_on_one_channel_goes_on_on_the_other(web: Guest, telegram: Guest) -> None:
    await hold(web, "12月2日")
    assert "关联好了" in await enter(web, await code_of(telegram))
    await telegram.say("办卡预约")
    await tell(telegram)
    assert "12月2日" in (await web.say("我的预约")).text


@pytest.mark.usefixtures("opened")
async def test_a_channel_that_was_parted_gets_no_notice_and_sees_no_appointment(
    house: Database, web: Guest, telegram: Guest
) -> None:
    await book(web)
    await enter(telegram, await code_of(web))
    person = select(Identity.person_id).limit(1)
    await house.run(
        lambda s: delivery.announce(
            s,
            reason="booking.moved",
            subject="appointment:1",
            person_id=s.execute(person).scalar_one(),
            message=Message("改到 12月3日"),
            due_at=NOON,
            useful_until=None,
            now=NOON,
        )
    )
    await web.say("关联")
    await web.tap("解除Telegram")
    kept = select(Delivery.channel, Delivery.status).where(Delivery.reason == "booking.moved")
    rows = await house.read(lambda s: {tuple(row) for row in s.execute(kept)})
    assert rows == {("telegram", "skipped"), ("web", "queued")}
    assert "12月2日" not in (await telegram.say("我的预约")).text
    assert "12月2日" in (await web.say("我的预约")).text


@pytest.mark.usefixtures("opened")
async def test_the_chat_of_a_browser_that_was_parted_is_empty(
    house: Database, web: Guest, telegram: Guest
) -> None:
    await enter(web, await code_of(telegram))
    await book(web)
    await telegram.say("关联")
    assert "已经解除" in (await telegram.tap("解除网页")).text
    browser = select(Identity.id).where(Identity.channel == "web")
    assert await house.read(lambda s: history(s, s.execute(browser).scalar_one(), 20)) == []
    assert "陈一诺" not in (await web.say("导出我的数据")).attachments[0].content.decode()
    assert "12月2日" in (await telegram.say("我的预约")).text


async def test_a_code_seen_before_the_parting_does_not_lead_back(web: Guest, telegram: Guest) -> None:
    await enter(telegram, await code_of(web))
    code = await code_of(telegram)
    await web.say("关联")
    await web.tap("解除Telegram")
    assert "不对" in await enter(telegram, code)


async def test_nobody_gets_a_colleagues_rights_by_a_code_that_the_colleague_types(
    house: Database, web: Guest, telegram: Guest
) -> None:
    token = house.run_now(lambda session: staff.invite(session, "王敏", Role.EDITOR, NOON))
    await telegram.say(f"登录 {token}")
    assert "请反过来做" in await enter(telegram, await code_of(web))
    assert await count(house, Person) == 2
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", (await telegram.tap("获取绑定码")).text)
    assert code
    assert "同一份" in await enter(web, code.group())
    assert await count(house, Person) == 1
