"""群发 in the chat: drafted in a dialogue, looked at by different accounts, started, stopped, and watched."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from db.audit import AuditEntry
from db.base import table
from db.campaigns import Campaign, CampaignTap
from db.delivery import Delivery, Notice
from db.people import Person, PersonTag
from db.session import Database, vault_in
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import campaign_runs, campaigns, conversations, outgoing, staff
from services.delivery import DeliveryStatus
from services.messaging import Message, Update
from services.outgoing import Settled
from services.staff import Role
from tests.cast import NOON, Guest

ROLES = {"wang": Role.CLERK, "zhao": Role.EDITOR, "qian": Role.REVIEWER, "sun": Role.ADMIN}


class Office:
    """Colleagues at the desk, and people who are written to."""

    def __init__(self, house: Database, dispatch: Dispatch, desk: Desk):
        self.house, self.desk = house, desk
        self.guests = {name: Guest(dispatch, name) for name in ROLES}
        self.now = NOON

    async def open(self) -> None:
        for name, guest in self.guests.items():
            token = self.house.run_now(lambda s, n=name: staff.invite(s, n, ROLES[n], NOON))
            await guest.say(f"登录 {token}")
            guest.heard.clear()

    def person(self, address: str, name: str = "", tag: str = "") -> None:
        def work(session):  # type: ignore[no-untyped-def]
            stand = conversations.stand(session, Update("telegram", address, "1", NOON))
            if name:
                sealed = vault_in(session).seal(name)
                session.execute(update(Person).where(Person.id == stand.person_id).values(sealed_name=sealed))
            if tag:
                session.add(PersonTag(person_id=stand.person_id, tag=tag))

        self.house.run_now(work)

    def tick(self) -> None:
        def work(session):  # type: ignore[no-untyped-def]
            return campaign_runs.advance(session, self.desk.campaigns, self.now)

        while self.house.run_now(work):
            pass

    def send(self, status: DeliveryStatus = DeliveryStatus.SENT, limit: int = 100) -> list[Message]:
        def work(session):  # type: ignore[no-untyped-def]
            claimed = outgoing.claim(session, "telegram", self.now, limit, "w")
            outgoing.settle(session, "w", [Settled(one.id, status, "", "7") for one in claimed], self.now)
            return [one.message for one in claimed]

        return self.house.run_now(work)

    def status(self, number: int = 1) -> str:
        return self.house.run_now(lambda s: campaigns.find(s, number).status)


@pytest.fixture
async def office(house: Database, at_desk: Dispatch, desk: Desk) -> Office:
    office = Office(house, at_desk, desk)
    await office.open()
    return office


async def drafted(guest: Guest, *answers: str) -> Message:
    """Through the whole dialogue; an answer in 「」 is a button."""
    await guest.say("工作台")
    await guest.tap("群发")
    said = await guest.tap("写一个新的")
    for answer in answers or ("搬家", "我们搬到二楼了。", "「所有人」", "「审核通过就发」", "「一直有用」"):
        said = await (guest.tap(answer[1:-1]) if answer.startswith("「") else guest.say(answer))
    return said


async def test_a_campaign_goes_from_the_first_word_to_the_last_recipient(office: Office) -> None:
    office.person("71", "陈一诺")
    office.person("72")
    wang, zhao, qian, sun = office.guests.values()
    assert (await drafted(wang)).text.startswith("我们搬到二楼了。")
    card = wang.heard[-1]
    assert "所有人，现在是 6 人" in card.text
    assert "提交审核" not in [button.label for button in card.buttons]
    await zhao.choose("staff.campaign:1")
    assert "提交好了" in (await zhao.tap("提交审核")).text
    look = await qian.choose("staff.campaign:1")
    assert "我们搬到二楼了。" in look.text
    assert look.buttons == ()
    assert "陈**（Telegram）" in qian.heard[-1].text
    rows = select(AuditEntry.actor).where(AuditEntry.action == "campaign.read_some")
    assert office.house.run_now(lambda s: s.execute(rows).scalars().all()) == ["staff:3"]
    assert "陈一诺" not in qian.heard[-1].text
    assert "已复审，待终审" in (await tapped(qian, "同意发出")).text
    await sun.choose("staff.campaign:1")
    assert "审核都通过了" in (await sun.tap("同意发出")).text
    assert "终审：sun" in sun.heard[-1].text
    office.tick()
    assert office.status() == "running"
    assert len(office.send()) == 2


async def tapped(guest: Guest, label: str) -> Message:
    """The last of several messages."""
    await guest.tap(label)
    return guest.heard[-1]


async def submitted(office: Office) -> tuple[Guest, Guest, Guest]:
    _, zhao, qian, sun = office.guests.values()
    await drafted(zhao)
    await zhao.tap("提交审核")
    return zhao, qian, sun


async def test_nobody_approves_twice_or_their_own(office: Office) -> None:
    zhao, qian, _ = await submitted(office)
    await qian.choose("staff.campaign:1")
    approve = next(one.choice for one in qian.heard[-1].buttons if one.label == "同意发出")
    assert len(approve.rpartition(":")[2]) >= 24, "nobody finds other words whose hash begins like that"
    assert len(approve) < 60, "and it fits into a button, whatever the number"
    await qian.choose(approve)
    assert "同一个账号" in (await qian.choose(approve)).text
    await qian.tap("看看这次群发")
    assert "您已经经手过" in qian.heard[-1].text
    assert "同意发出" not in [one.label for one in qian.heard[-1].buttons]
    assert "审核要审核员" in (await zhao.choose(approve)).text
    assert office.status() == "reviewed"


async def test_an_edit_voids_every_approval_and_what_was_seen(office: Office) -> None:
    zhao, qian, sun = await submitted(office)
    await qian.choose("staff.campaign:1")
    await qian.tap("同意发出")
    await sun.choose("staff.campaign:1")
    await zhao.choose("staff.campaign:1")
    await zhao.tap("改一改")
    assert "都作废" in zhao.heard[-1].text
    await zhao.tap("正文")
    assert "搬到三楼" in (await zhao.say("我们搬到三楼了。")).text
    assert office.status() == "draft"
    await zhao.tap("提交审核")
    assert "内容又改了" in (await sun.tap("同意发出")).text
    await sun.tap("看看这次群发")
    assert "复审，待终审" in (await tapped(sun, "同意发出")).text


async def test_sent_back_it_is_a_draft_again(office: Office) -> None:
    _, qian, _ = await submitted(office)
    await qian.choose("staff.campaign:1")
    assert "退回去了" in (await qian.tap("退回")).text
    assert "状态不能这样做" in (await qian.choose("staff.campaign.back:1")).text


async def test_reviewers_hear_that_something_waits_and_the_submitter_does_not(office: Office) -> None:
    await submitted(office)
    with_news = select(Delivery.identity_id).where(Delivery.reason == "campaign.waits")
    told = office.house.run_now(lambda s: list(s.execute(with_news).scalars()))
    assert len(told) == 2


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (("x" * 121,), "120 字以内"),
        (("搬家", "x" * 1501), "1500 字以内"),
        (("搬家", "搬了", "博土后"), "没有人有这个标签"),
        (("搬家", "搬了", "pigeon=1"), "看不懂"),
        (("搬家", "搬了", "所有人", "尽快"), "看不懂"),
        (("搬家", "搬了", "所有人", "2026-11-24 11:59"), "已经过了"),
        (("搬家", "搬了", "所有人", "明天9点", "明天8点"), "比发送的时间还早"),
    ],
)
async def test_an_answer_that_does_not_fit_is_asked_for_again(
    office: Office, answers: tuple[str, ...], told: str
) -> None:
    wang = office.guests["wang"]
    assert told in (await drafted(wang, *answers)).text
    assert "已经停下" in (await wang.tap("取消")).text
    assert office.house.run_now(lambda s: campaigns.latest(s)) == []


@pytest.mark.parametrize(
    ("whom", "means"),
    [
        ("博士后、企业", "标签：企业、博士后，现在是 2 人"),
        ("tag=博士后 channel=telegram", "渠道：Telegram，标签：博士后，现在是 1 人"),
        ("「政策」", "订阅了“政策”的人，现在是 0 人"),
    ],
)
async def test_people_are_chosen_by_tags_criteria_and_topics(office: Office, whom: str, means: str) -> None:
    office.person("71", tag="博士后")
    office.person("72", tag="企业")
    wang = office.guests["wang"]
    await drafted(wang, "搬家", "搬了", whom, "12月1日9点", "「一直有用」")
    assert means in wang.heard[-1].text
    assert "12月1日（周二）09:00" in wang.heard[-1].text


async def test_a_look_shows_every_channel_and_a_try_comes_to_oneself_alone(office: Office) -> None:
    wang = office.guests["wang"]
    await drafted(wang)
    look = await wang.tap("预览")
    assert (look.text, look.buttons) == ("我们搬到二楼了。\n\n不想再收到群发通知，点“退订”。", ())
    assert "按钮「退订」" in wang.heard[-1].text
    await wang.tap("发给我自己试试")
    rows = select(Delivery.reason, func.count()).group_by(Delivery.reason)
    assert office.house.run_now(lambda s: s.execute(rows).all()) == [("campaign.test", 1)]
    await wang.choose("go:1:menu")
    taps = select(func.count()).select_from(table(CampaignTap))
    assert office.house.run_now(lambda s: s.execute(taps).scalar_one()) == 0


async def approved(office: Office, people: int = 4) -> Guest:
    for number in range(people):
        office.person(f"7{number}", f"陈{number}")
    zhao, qian, sun = await submitted(office)
    for reviewer in (qian, sun):
        await reviewer.choose("staff.campaign:1")
        await reviewer.tap("同意发出")
    office.tick()
    return zhao


async def test_one_that_runs_is_paused_resumed_watched_and_cancelled(office: Office) -> None:
    zhao = await approved(office)
    office.send(limit=2)
    await zhao.choose("staff.campaign:1")
    watched = await zhao.tap("看进度")
    assert "2 / 8 人" in watched.text
    assert "███░░░░░░░░░ 25%" in watched.text
    assert "每秒" in watched.text
    assert watched.in_place
    await zhao.tap("看看这次群发")
    assert "已经暂停" in (await zhao.tap("暂停")).text
    assert office.send() == []
    assert "接着发" in (await zhao.tap("接着发")).text
    assert "收不回来" in (await zhao.tap("取消群发")).text
    assert "状态：正在发" in (await zhao.tap("不取消")).text
    await zhao.tap("取消群发")
    assert "没发的不发了" in (await zhao.tap("确定取消")).text
    office.tick()
    assert office.send() == []


async def test_one_that_stopped_by_itself_says_why_in_words(office: Office) -> None:
    zhao = await approved(office)
    office.house.run_now(
        lambda s: campaign_runs.halt(s, office.desk.campaigns, "1", "daily_limit", office.now)
    )
    await zhao.choose("staff.campaign:1")
    assert "停下的原因：当天的接口次数用完\n发给：" in zhao.heard[-1].text
    told = select(Delivery.notice_id).where(Delivery.reason == "campaign.halted").limit(1)
    notice = table(Notice)
    sealed = select(notice.c.sealed_message).where(notice.c.id == told.scalar_subquery())
    said = office.house.run_now(lambda s: str(vault_in(s).open_json(s.execute(sealed).scalar_one())))
    assert "（当天的接口次数用完）" in said


async def test_failed_ones_go_again_and_unsure_ones_only_by_name(office: Office) -> None:
    zhao = await approved(office, people=3)
    office.send(DeliveryStatus.FAILED, limit=1)
    office.send(DeliveryStatus.UNCONFIRMED, limit=1)
    office.send()
    await zhao.choose("staff.campaign:1")
    assert "重新排上" in (await zhao.tap("没发成的再发一次")).text
    assert len(office.send()) == 1
    assert "没有要再发的" in (await zhao.choose("staff.campaign.retry:1")).text
    asked = await zhao.tap("不确定送到的")
    assert "收到两遍" in asked.text
    assert "陈1" in asked.text
    assert "重新排上" in (await zhao.tap("再发一次")).text
    assert len(office.send()) == 1
    report = await zhao.tap("结果")
    assert "收件人：7" in report.text
    assert "已送出：3" in report.text


async def test_one_without_a_time_waits_for_somebody_to_start_it(office: Office) -> None:
    _, zhao, qian, sun = office.guests.values()
    await drafted(zhao, "搬家", "搬了", "所有人", "「到时候手动开始」", "12月5日18点")
    assert "12月5日（周六）18:00 就不再发" in zhao.heard[-1].text
    await zhao.tap("提交审核")
    for reviewer in (qian, sun):
        await reviewer.choose("staff.campaign:1")
        await reviewer.tap("同意发出")
    office.tick()
    assert office.status() == "approved"
    assert "马上开始" in (await zhao.choose("staff.campaign.start:1")).text
    office.tick()
    assert office.status() == "running"


async def test_a_clerk_only_drafts(office: Office) -> None:
    wang = office.guests["wang"]
    await approved(office)
    for way in ("pause", "cancel", "stop", "retry", "unsure", "edit", "submit"):
        assert "您的账号不能" in (await wang.choose(f"staff.campaign.{way}:1")).text, way
    assert office.status() == "running"


async def test_odd_choices_are_told_to_be_none(office: Office) -> None:
    zhao = office.guests["zhao"]
    for odd in ("staff.campaign:9", "staff.campaign:x", "staff.campaign", "staff.campaign.change:1:colour"):
        assert "没有这次群发" in (await zhao.choose(odd)).text, odd
    assert "过期" in (await zhao.choose("staff.campaign.fill:all")).text
    assert "过期" in (await Guest(zhao.dispatch, "li").choose("staff.campaign:1")).text


async def test_one_that_nobody_may_have_any_more_says_when_it_was_due(office: Office) -> None:
    """A list of colleagues' latest, with what stands out."""
    await drafted(office.guests["wang"])
    listed = await office.guests["zhao"].choose("staff.campaigns")
    assert "1 号《搬家》：草稿" in listed.text
    assert [one.choice for one in listed.buttons][1] == "staff.campaign:1"
    later = update(table(Campaign)).values(send_at=NOON + timedelta(days=1))
    office.house.run_now(lambda s: s.execute(later))
    assert "11月25日（周三）12:00" in (await office.guests["zhao"].choose("staff.campaign:1")).text


async def test_a_year_that_is_another_is_said_and_so_is_who_joins_later(office: Office) -> None:
    wang = office.guests["wang"]
    await drafted(wang, "搬家", "搬了", "「所有人」", "2062-12-01 09:00", "2063-12-01 09:00")
    assert "时间：2062年12月1日（周五）09:00" in wang.heard[-1].text
    assert "过了 2063年12月1日（周六）09:00" in wang.heard[-1].text
    draft = campaigns.Draft("开放了", "开放。", send_at=NOON, join_until=NOON + timedelta(days=2))
    number = office.house.run_now(lambda s: campaigns.create(s, draft, campaigns.TICK, NOON))
    office.house.run_now(
        lambda s: campaigns.approve_at_once(s, office.desk.campaigns, number, campaigns.TICK, NOON)
    )
    office.tick()
    said = (await wang.choose(f"staff.campaign:{number}")).text
    assert "新符合条件的人也会收到，直到 11月26日（周四）12:00" in said


async def test_what_is_over_is_not_asked_about(office: Office) -> None:
    zhao = office.guests["zhao"]
    await drafted(zhao)
    await zhao.choose("staff.campaign.stop:1")
    assert "现在的状态不能这样做" in (await zhao.choose("staff.campaign.cancel:1")).text
    said = await zhao.choose("staff.campaign.unsure:1")
    assert [button.label for button in said.buttons] == ["看看这次群发"]


async def test_what_goes_out_by_itself_is_not_ascribed_to_somebody_at_the_machine(office: Office) -> None:
    draft = campaigns.Draft("开放了", "明天开放。", send_at=NOON)
    office.house.run_now(lambda s: campaigns.create(s, draft, campaigns.TICK, NOON, origin="cycle:1"))
    office.house.run_now(lambda s: campaigns.create(s, draft, campaigns.COMMAND, NOON))
    assert "起草：优才（按定好的话自动发）" in (await office.guests["zhao"].choose("staff.campaign:1")).text
    assert "起草：命令行" in (await office.guests["zhao"].choose("staff.campaign:2")).text


async def test_that_nobody_could_be_told_of_a_campaign_is_said(office: Office) -> None:
    _, zhao, _, sun = office.guests.values()
    await drafted(zhao)
    office.house.run_now(lambda s: staff.leave(s, 3, NOON))  # qian, the only reviewer beside sun
    assert "已经请审核员来看" in (await zhao.tap("提交审核")).text
    await sun.choose("staff.campaign:1")
    assert "没有人收到提醒" in (await sun.tap("同意发出")).text
