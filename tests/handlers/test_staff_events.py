"""活动管理: two colleagues bring an event to people, from the form to the picture at the door."""

from dataclasses import replace

import pytest

from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import events, subscriptions
from services.staff import Role
from tests.cast import Guest
from tests.services.events.town import Town

FORM = """标题：龙溪聚贤坊：成果对接
时间：2026-12-05 14:00-16:00
地点：江海人才岛三楼
名额：2
内容：三位青年博士分享。"""


class Office:
    def __init__(self, house: Database, desk: Desk):
        self.house, self.town = house, Town(house)
        self.dispatch = Dispatch(house, desk, clock=lambda: self.town.now)
        self.lin, self.he, self.chen = (Guest(self.dispatch, name) for name in ("林编辑", "何审核", "chen"))
        self.town.colleague("林编辑", Role.EDITOR)
        self.town.colleague("何审核", Role.REVIEWER)

    async def published(self) -> None:
        await self.lin.say("起草活动")
        await self.lin.say(FORM)
        await self.lin.tap("提交审核")
        await self.he.choose("staff.event:1")
        await self.he.tap("审核发布")


@pytest.fixture
def office(house: Database, desk: Desk) -> Office:
    return Office(house, replace(desk, base_url="https://rc.example"))


async def test_from_the_form_to_people(office: Office) -> None:
    assert "时间：2026-12-08 14:00-16:00" in (await office.lin.say("起草活动")).text
    card = await office.lin.say(FORM)
    assert "草稿" in card.text
    assert "名额：2" in card.text
    assert "等另一位同事" in (await office.lin.tap("提交审核")).text
    await office.lin.choose("staff.event:1")
    assert "要换一位同事" in (await office.lin.choose("staff.event.publish:1:1")).text
    assert "提交：林编辑" in (await office.he.choose("staff.event:1")).text
    assert "发布了" in (await office.he.tap("审核发布")).text
    assert "龙溪聚贤坊：成果对接" in (await office.chen.say("活动")).text
    assert "已发布，0/2 人" in (await office.lin.say("活动管理")).text
    assert "已办 0 场，目标 12 场" in office.lin.heard[-1].text


async def test_a_line_that_is_not_understood_is_named_and_asked_for_again(office: Office) -> None:
    await office.lin.say("起草活动")
    assert "“时间”这一行要改一下" in (await office.lin.say(FORM.replace("2026-12-05 14:00", "周末"))).text
    for line, named in (("名额：0", "名额"), ("名额：2\n报名截止：2026-12-05 15:00", "报名截止")):
        assert f"“{named}”这一行" in (await office.lin.say(FORM.replace("名额：2", line))).text
    long = FORM.replace("标题：", "标题：" + "长" * 120)
    assert "“标题”这一行" in (await office.lin.say(long)).text
    assert "草稿" in (await office.lin.say(FORM)).text


async def test_what_changed_after_it_was_looked_at_cannot_be_published(office: Office) -> None:
    await office.lin.say("起草活动")
    await office.lin.say(FORM)
    await office.lin.tap("提交审核")
    await office.he.choose("staff.event:1")
    await office.lin.choose("staff.event.edit:1")
    await office.lin.say(FORM.replace("名额：2", "名额：200"))
    await office.lin.tap("提交审核")
    assert "刚刚有变动" in (await office.he.tap("审核发布")).text
    assert "名额：200" in (await office.he.choose("staff.event:1")).text
    assert "发布了" in (await office.he.tap("审核发布")).text


async def test_a_published_one_is_changed_by_its_own_text_sent_back(office: Office) -> None:
    await office.published()
    await office.chen.choose("event.join:1")
    await office.he.choose("staff.event:1")
    await office.he.tap("改一改")
    own = office.he.heard[-1].text
    assert "标题：龙溪聚贤坊：成果对接" in own
    assert "改好了" in (await office.he.say(own.replace("三楼", "五楼"))).text
    assert [status for _, status in office.town.told("changed")] == ["queued"]
    assert "五楼" in (await office.chen.say("我的活动")).text
    await office.he.choose("staff.event.edit:1")
    assert "“名额”这一行" in (await office.he.say(own.replace("名额：2", "名额：0"))).text


async def test_subscribers_who_have_not_heard_of_it_yet_hear_of_it_as_it_was_changed(office: Office) -> None:
    office.town.subscribe("li", "wang", topic="event.longxi")
    await office.published()
    office.town.broadcast()
    ((heard, _),) = office.town.deliver(limit=1)
    await office.he.choose("staff.event.edit:1")
    own = office.he.heard[-1].text
    changed = own.replace("三楼", "五楼").replace("报名截止：2026-12-05 14:00", "报名截止：2026-12-04 18:00")
    assert "还没收到通知的，会收到改好的" in (await office.he.say(changed)).text
    office.town.broadcast()
    ((address, told),) = office.town.deliver()
    assert {heard, address} == {"li", "wang"}
    assert "五楼" in told.text
    assert "12月4日（周五）18:00前可以报名" in told.text


async def test_what_a_colleague_changed_meanwhile_is_not_undone_unseen(office: Office) -> None:
    await office.published()
    await office.he.choose("staff.event.edit:1")
    own = office.he.heard[-1].text
    office.town.do(
        events.change,
        office.town.desk,
        1,
        office.town.draft(title="同事改的"),
        office.town.colleague("主任", Role.REVIEWER),
    )
    assert "刚刚有变动" in (await office.he.say(own.replace("三楼", "五楼"))).text
    assert office.town.event(1).title == "同事改的"


async def test_cancelling_is_asked_once_more_and_told_to_who_comes(office: Office) -> None:
    await office.published()
    await office.chen.choose("event.join:1")
    await office.he.choose("staff.event:1")
    assert "报了名的 1 人" in (await office.he.tap("取消活动")).text
    assert "马上会收到通知" in (await office.he.tap("确定取消")).text
    assert [status for _, status in office.town.told("cancelled")] == ["queued"]


async def test_the_door_has_its_picture(office: Office) -> None:
    await office.published()
    await office.lin.choose("staff.event:1")
    shown = await office.lin.tap("签到码")
    assert [file.type for file in shown.attachments] == ["image/png"]
    assert "签到码：" in shown.text


@pytest.mark.parametrize("word", ["活动管理", "起草活动"])
async def test_nobody_else_learns_that_it_is_there(office: Office, word: str) -> None:
    said = await office.chen.say(word)
    assert "转人工" in [button.label for button in said.buttons], "answered as any question"
    assert not any(button.choice.startswith("staff") for button in said.buttons)
    for choice in (
        "staff.events",
        "staff.event:1",
        "staff.event.new",
        "staff.event.publish:1:1",
        "staff.event.door:1",
    ):
        assert "起草" not in (await office.chen.choose(choice)).text
    assert not await office.house.read(lambda s: events.latest(s))


async def test_in_a_group_even_a_colleague_is_anybody(office: Office) -> None:
    assert "已办" not in (await office.lin.say("活动管理", public=True)).text


async def test_subscribers_hear_of_it_once_it_is_published(office: Office) -> None:
    li = office.town.person("li")
    await office.house.run(
        lambda s: subscriptions.subscribe(s, li, "event.longxi", "telegram", office.town.now)
    )
    await office.lin.say("起草活动")
    await office.lin.say(FORM)
    await office.lin.tap("提交审核")
    assert "订阅“龙溪聚贤坊”的 1 人会收到通知" in (await office.he.choose("staff.event:1")).text
    await office.he.tap("审核发布")
    await office.he.choose("staff.event:1")
    assert "通知发得怎样" in [button.label for button in office.he.heard[-1].buttons]


@pytest.mark.parametrize(
    "choice", ["staff.event", "staff.event:x", "staff.event:9", "staff.event.publish:1", "staff.event.edit:"]
)
async def test_an_odd_choice_is_answered_with_a_way_on(office: Office, choice: str) -> None:
    said = await office.lin.choose(choice)
    assert "没有找到这场活动" in said.text
    assert said.buttons
