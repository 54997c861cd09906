"""活动管理 leads on: whoever is next is told, a refusal has a way back, and nobody fills in a form for nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from db.delivery import Delivery
from db.events import Event
from db.session import Database
from handlers.turn import Desk
from services.staff import Role
from tests.cast import Guest
from tests.handlers.test_staff_events import FORM, Office


@pytest.fixture
def office(house: Database, desk: Desk) -> Office:
    return Office(house, replace(desk, base_url=""))


def colleague(office: Office, name: str, role: Role) -> Guest:
    office.town.colleague(name, role)
    return Guest(office.dispatch, name)


def told(office: Office) -> int:
    rows = select(Delivery.id).where(Delivery.reason == "event.to_review")
    return len(office.town.read(lambda s: s.execute(rows).all()))


def labels(guest: Guest) -> list[str]:
    return [button.label for button in guest.heard[-1].buttons]


async def test_a_reviewer_hears_that_an_event_waits_and_is_led_to_it(office: Office) -> None:
    colleague(office, "周审核", Role.REVIEWER)
    await office.lin.say("起草活动")
    await office.lin.say(FORM)
    assert "已经请审核员来看" in (await office.lin.tap("提交审核")).text
    assert told(office) == 2
    assert office.town.words("to_review") == ["有一场活动等您审核：“龙溪聚贤坊：成果对接”。"] * 2


async def test_who_submitted_it_is_not_asked_to_review_it_and_is_told_when_nobody_is(office: Office) -> None:
    await office.he.say("起草活动")
    await office.he.say(FORM)
    assert "没有人收到提醒" in (await office.he.tap("提交审核")).text
    assert told(office) == 0
    assert "等别的审核员来点“审核发布”" in (await office.he.choose("staff.event:1")).text
    assert "审核发布" not in labels(office.he)
    assert "等审核员来点“审核发布”" in (await office.lin.choose("staff.event:1")).text


async def test_who_may_only_draft_is_told_who_goes_on(office: Office) -> None:
    clerk = colleague(office, "王起草", Role.CLERK)
    await clerk.say("起草活动")
    assert "请编辑来点“提交审核”" in (await clerk.say(FORM)).text
    assert "请编辑来点“提交审核”" not in (await office.lin.choose("staff.event:1")).text
    await office.lin.tap("提交审核")
    assert "改了要重新提交" in (await clerk.choose("staff.event.edit:1")).text


async def test_a_refusal_leads_back_to_the_event_as_it_is_now(office: Office) -> None:
    await office.published()
    assert "刚刚有变动" in (await office.he.choose("staff.event.publish:1:1")).text
    assert "已发布" in (await office.he.tap("看看这场活动")).text
    await office.lin.choose("staff.event:99")
    assert "看看这场活动" not in labels(office.lin)


@pytest.mark.parametrize("choice", ["staff.event.edit:1", "staff.event.cancel:1"])
async def test_nobody_begins_what_they_may_not_end(office: Office, choice: str) -> None:
    await office.published()
    assert "要换一位同事" in (await office.lin.choose(choice)).text
    await office.he.choose("staff.event.cancel:1")
    await office.he.tap("确定取消")
    assert "刚刚有变动" in (await office.he.choose(choice)).text


async def test_without_a_picture_the_door_has_its_digits_and_nothing_as_well(office: Office) -> None:
    await office.published()
    shown = await office.lin.choose("staff.event.door:1")
    assert "请大家在聊天里发“签到”" in shown.text
    assert "也一样" not in shown.text
    assert shown.attachments == ()


async def test_a_form_that_nobody_waits_for_is_no_question_about_policy(office: Office) -> None:
    await office.lin.say("起草活动")
    await office.lin.say("活动管理")
    assert "还没有存" in (await office.lin.say(FORM)).text
    assert office.town.read(lambda s: s.execute(select(Event.id)).all()) == []
    await office.lin.tap("起草活动")
    assert "草稿" in (await office.lin.say(FORM)).text
    assert "活动单子" not in (await office.chen.say(FORM)).text


async def test_how_a_line_is_written_is_shown_with_a_day_that_is_still_ahead(office: Office) -> None:
    await office.lin.say("起草活动")
    assert "“2026-12-08 14:00-16:00”" in (await office.lin.say(FORM.replace("2026-12-05 14:00", "周末"))).text
    late = FORM.replace("名额：2", "名额：2\n报名截止：很晚")
    assert "“2026-12-06 18:00”" in (await office.lin.say(late)).text


async def test_one_word_leads_to_broadcasts(office: Office) -> None:
    assert "写一个新的" in [button.label for button in (await office.lin.say("群发")).buttons]
    assert "写一个新的" not in [button.label for button in (await office.chen.say("群发")).buttons]
