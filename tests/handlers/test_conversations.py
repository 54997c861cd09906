"""What people meet in a conversation: read it aloud."""

import json

import pytest
from sqlalchemy import func, select

from db.audit import AuditEntry
from db.conversation import SeenUpdate
from db.knowledge import Question
from db.people import Person
from db.session import Database
from handlers.dispatch import Dispatch
from services import audit, campaign_reports, handoffs, questions, roster, subscriptions
from services.messaging import UpdateKind
from services.roster import Entry
from tests.cast import Guest
from tests.services.campaigns.public import Public

MENU = ["问政策", "办卡预约", "近期活动", "转人工", "我的数据", "帮助"]


def labels(message: object) -> list[str]:
    return [button.label for button in message.buttons]  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["菜单", "菜單", " 菜单。", "MENU", "/menu"])
async def test_the_menu_comes_by_word_in_any_writing(chen: Guest, word: str) -> None:
    assert labels(await chen.say(word)) == MENU


async def test_the_greeting_tells_in_one_screen_what_this_is_and_what_it_keeps(chen: Guest) -> None:
    reply = await chen.come(UpdateKind.JOIN)
    said = reply.messages[0]
    assert len(reply.messages) == 1
    assert labels(said) == MENU
    assert "青禾区人才服务窗口" in said.text
    assert "180 天后自动删除" in said.text
    assert len(said.text) < 250


async def test_every_button_of_the_menu_leads_somewhere(chen: Guest) -> None:
    await chen.say("菜单")
    for label in MENU:
        said = await chen.tap(label)
        assert "过期" not in said.text
        assert said.buttons, "every answer has a next step"


async def test_a_question_is_answered_with_its_clause_and_can_be_rated(house: Database, chen: Guest) -> None:
    said = await chen.say("优才卡每年发多少张")
    assert "100张" in said.text
    assert said.citations[0].label.startswith("附件·14")
    assert "已届满" in said.citations[0].validity
    assert labels(said) == ["👍 有用", "👎 没用", "转人工"]
    assert "谢谢" in (await chen.tap("👍 有用")).text
    assert await house.read(lambda s: s.execute(select(Question.rating)).scalar_one()) == "useful"


async def test_an_answer_that_was_no_help_asks_why(house: Database, chen: Guest) -> None:
    await chen.say("优才卡每年发多少张")
    why = await chen.tap("👎 没用")
    assert labels(why) == ["没答到点上", "内容不对", "看不明白", "转人工"]
    await chen.tap("内容不对")
    rated = select(Question.rating, Question.rating_reason)
    assert await house.read(lambda s: tuple(s.execute(rated).one())) == ("useless", "wrong")


async def test_nobody_rates_for_somebody_else(house: Database, chen: Guest, li: Guest) -> None:
    said = await chen.say("优才卡每年发多少张")
    assert "不在记录里" in (await li.choose(said.buttons[0].choice)).text
    assert await house.read(lambda s: s.execute(select(Question.rating)).scalar_one()) == ""


async def test_what_stands_nowhere_is_refused_kept_and_offered_to_a_person(
    house: Database, chen: Guest
) -> None:
    said = await chen.say("食堂几点开饭")
    assert "转人工" in labels(said)
    assert said.citations == ()
    listed = await house.read(questions.unanswered)
    assert [text for _, _, text in listed] == ["食堂几点开饭"]


async def test_a_topic_of_a_refusal_leads_to_its_clauses(chen: Guest) -> None:
    said = await chen.say("今天天气怎么样呀")
    topic = labels(said)[0]
    assert (await chen.tap(topic)).citations


async def test_a_follow_up_follows_the_question_before(chen: Guest) -> None:
    await chen.say("钻石卡能不能上门办")
    assert "上门" in (await chen.say("那金卡呢")).text


async def test_somebody_who_comes_in_between_changes_nothing_for_the_first(chen: Guest, li: Guest) -> None:
    await chen.say("钻石卡能不能上门办")
    await li.say("人才驿站多久评估一次")
    assert "上门" in (await chen.say("那金卡呢")).text


async def test_several_questions_are_answered_one_by_one(at_desk: Dispatch, chen: Guest) -> None:
    await chen.say("你好")
    before = len(chen.heard)
    await chen.say("优才卡每年发多少张？银卡去哪里办？")
    answers = chen.heard[before:]
    assert ["100张" in one.text for one in answers] == [True, False]
    assert "现场" in answers[1].text
    assert "转人工" in labels(answers[-1])


async def test_a_number_is_the_button_in_that_place(chen: Guest) -> None:
    await chen.say("菜单")
    assert (await chen.say("4")).text == (await chen.tap("转人工")).text
    await chen.say("菜单")
    assert "直接打字" in (await chen.say("１．")).text
    await chen.say("菜单")
    assert (await chen.say("9")).text not in [one.text for one in chen.heard[:-1]], "no ninth button"


async def test_a_button_that_is_gone_brings_the_menu(chen: Guest) -> None:
    for choice in (
        "nothing:1",
        "useful",
        "useful:x",
        "useful:99999999999999999999",
        "why:1",
        "topic:0",
        "::",
    ):
        said = await chen.choose(choice)
        assert said.buttons


async def test_the_wish_for_a_person_is_kept_with_the_question_before_and_what_is_added(
    house: Database, chen: Guest
) -> None:
    await chen.say("食堂几点开饭")
    noted = await chen.tap("转人工")
    assert "工作日 9:00–17:00" in noted.text
    assert "食堂几点开饭" in noted.text
    await chen.tap("补充一句")
    await chen.say("我在火炬大厦上班")
    listed = await house.read(handoffs.waiting)
    assert [about for _, _, about in listed] == ["食堂几点开饭\n我在火炬大厦上班"]


async def test_cancel_stops_what_was_begun(house: Database, chen: Guest) -> None:
    await chen.say("转人工")
    await chen.tap("补充一句")
    assert "已经停下" in (await chen.say("取消")).text
    await chen.say("优才卡每年发多少张")
    assert [about for _, _, about in await house.read(handoffs.waiting)] == [""]


async def test_what_cannot_be_read_is_said_openly_and_the_step_stays(chen: Guest) -> None:
    await chen.say("转人工")
    await chen.tap("补充一句")
    assert "看不了" in (await chen.come(UpdateKind.MEDIA, "voice")).messages[0].text
    assert "补充给同事" in (await chen.say("就是这样")).text


async def test_in_a_group_nothing_personal_is_said(chen: Guest) -> None:
    assert "私下" in (await chen.say("导出我的数据", public=True)).text
    assert "100张" in (await chen.say("优才卡每年发多少张", public=True)).text


async def test_data_is_handed_out_whole(house: Database, chen: Guest) -> None:
    await chen.say("优才卡每年发多少张")
    await chen.say("转人工")
    file = (await chen.say("导出我的数据")).attachments[0]
    kept = json.loads(file.content)
    assert file.name == "我的数据.json"
    assert kept["identities"][0]["address"] == "chen"
    assert [one["text"] for one in kept["questions"]] == ["优才卡每年发多少张"]
    assert kept["handoffs"][0]["status"] == "open"
    assert len(kept["identities"][0]["said"]) == 2


async def test_what_the_office_knows_and_sent_is_handed_out_too(house: Database, chen: Guest) -> None:
    public = Public(house)
    public.do(lambda s, now: roster.take_over(s, [Entry("web", "chen", "陈一诺", ("博士后",))], now))
    person = public.person("chen", "web")
    number = public.approved()
    public.tick()
    assert public.send(channel="web") == ["chen"]
    public.do(lambda s, now: campaign_reports.tapped(s, number, person, now))
    public.do(lambda s, now: subscriptions.stop(s, person, "web", now))
    kept = json.loads((await chen.say("导出我的数据")).attachments[0].content)
    assert (kept["name"], kept["tags"]) == ("陈一诺", ["博士后"])
    assert [(one["channel"], one["status"]) for one in kept["notices"]] == [("web", "sent")]
    assert "明天上午开放预约。" in kept["notices"][0]["text"]
    assert [one["title"] for one in kept["tapped"]] == ["通知"]
    assert kept["no_broadcasts"]["channel"] == "web"


async def test_data_is_erased_whole_after_being_asked_once_more(
    house: Database, chen: Guest, li: Guest
) -> None:
    await li.say("你好")
    await chen.say("优才卡每年发多少张")
    await chen.say("转人工")
    assert "不能恢复" in (await chen.say("删除我的数据")).text
    assert "全部删除" in (await chen.tap("确定删除")).text
    left = [select(func.count()).select_from(table) for table in (Person, SeenUpdate, Question)]
    assert await house.read(lambda s: [s.execute(one).scalar_one() for one in left]) == [1, 1, 0]
    trail = select(AuditEntry.action)
    assert await house.read(lambda s: s.execute(trail).scalars().all()) == ["privacy.erase"]
    assert await house.read(audit.verify) == (1, None)
    assert "第一次见面" in (await chen.say("优才卡每年发多少张") and chen.heard[-1].text)


async def test_too_long_a_text_is_told_its_limit(chen: Guest) -> None:
    assert "2000 个字" in (await chen.say("长" * 2001)).text
