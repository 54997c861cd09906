"""近期活动 in the chat: read, signed up for, waited for, given up, checked in at, and told how it was."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import checkins, events, signups, tries
from services.messaging import UpdateKind
from services.staff import Role
from tests.cast import NOON, Guest
from tests.services.events.town import START, Town

ODD_PLACES = ["event.leave:1:2:x", "event.rate:1", "event.rate:1:x", "event.accept:²", "event.leave.now:5"]


class Hall:
    """An event of two places, and the people in front of the chat."""

    def __init__(self, house: Database, desk: Desk):
        self.house, self.town = house, Town(house)
        self.dispatch = Dispatch(house, desk, clock=lambda: self.town.now)
        self.number = self.town.published(text="带上名片。", audience="博士、博士后")
        self.chen, self.li, self.zhao = (Guest(self.dispatch, name) for name in ("chen", "li", "zhao"))

    async def fill(self) -> None:
        for guest in (self.chen, self.li):
            await guest.choose(f"event.join:{self.number}")

    def at(self, moment: datetime) -> None:
        self.town.now = moment

    def code(self) -> str:
        return checkins.code_of(self.house.vault, self.number)

    async def place_of(self, address: str) -> Any:
        person = self.town.person(address, "web")
        return await self.house.read(lambda s: signups.of(s, self.number, person))


def wide(code: str) -> str:
    """As some keyboards write digits."""
    return code.translate({ord(str(one)): 0xFF10 + one for one in range(10)})


@pytest.fixture
def hall(house: Database, desk: Desk) -> Hall:
    return Hall(house, desk)


async def test_the_way_from_the_menu_to_a_place(hall: Hall) -> None:
    await hall.chen.say("菜单")
    shown = await hall.chen.tap("近期活动")
    assert "还有 2 个名额" in shown.text
    card = await hall.chen.choose(shown.buttons[0].choice)
    assert "经纶江海" in card.text
    assert "面向：博士、博士后" in card.text
    done = await hall.chen.tap("报名")
    assert done.text.startswith("报好了")
    assert [file.type for file in done.attachments] == ["text/calendar"]
    assert "您已经报名" in (await hall.chen.say("我的活动")).text
    assert "您已经报名" in (await hall.chen.say("活动")).text


async def test_who_wants_to_sign_up_or_to_leave_may_say_so(hall: Hall) -> None:
    await hall.fill()
    assert "近期活动" in (await hall.zhao.say("报名")).text
    shown = await hall.chen.say("取消报名")
    assert "您的活动" in shown.text
    assert "不去了" in [button.label for button in (await hall.chen.choose(shown.buttons[0].choice)).buttons]


async def test_leaving_is_asked_about_once_more_and_gives_the_place_to_who_waits(hall: Hall) -> None:
    await hall.fill()
    assert "名额满了" in (await hall.zhao.choose(f"event:{hall.number}")).text
    assert "下一个就是您" in (await hall.zhao.tap("排队等名额")).text
    await hall.chen.choose(f"event:{hall.number}")
    assert "确定不去了吗" in (await hall.chen.tap("不去了")).text
    assert "替您退出" in (await hall.chen.tap("确定不去")).text
    assert "为您留到" in (await hall.zhao.choose(f"event:{hall.number}")).text
    assert (await hall.zhao.tap("要这个名额")).text.startswith("报好了")
    assert hall.town.event(hall.number).taken == 2


async def test_an_offer_may_be_let_go_and_a_line_left_in_one_tap(hall: Hall) -> None:
    await hall.fill()
    await hall.zhao.choose(f"event.wait:{hall.number}")
    await hall.li.choose(f"event.leave.now:{hall.number}")
    await hall.zhao.choose(f"event:{hall.number}")
    assert "替您退出" in (await hall.zhao.tap("让给别人")).text
    assert hall.town.event(hall.number).taken == 1
    await hall.li.choose(f"event.join:{hall.number}")
    await hall.zhao.choose(f"event.wait:{hall.number}")
    assert "替您退出" in (await hall.zhao.tap("不等了")).text


async def test_who_comes_too_late_is_led_into_the_line(hall: Hall) -> None:
    await hall.zhao.choose(f"event:{hall.number}")
    await hall.fill()
    assert "名额刚刚满了" in (await hall.zhao.tap("报名")).text
    assert "排上了" in (await hall.zhao.tap("排队等名额")).text


@pytest.mark.parametrize("said", ["签到 {code}", "签到{code}", "签到码：{code}。"])
async def test_at_the_door_the_word_and_the_code_may_come_together(hall: Hall, said: str) -> None:
    await hall.fill()
    hall.at(START)
    assert "欢迎参加" in (await hall.chen.say(said.format(code=hall.code()))).text
    assert "没对上" in (await hall.li.say(said.format(code="00000x"[:5] + "1"))).text


async def test_a_question_at_the_door_is_answered_and_the_code_still_waited_for(hall: Hall) -> None:
    await hall.fill()
    hall.at(START)
    await hall.chen.say("签到")
    for question in ("博士后在站期间有什么补贴", "2026年还有什么活动"):
        assert "没对上" not in (await hall.chen.say(question)).text
    assert "没对上" in (await hall.chen.say("12345")).text
    assert "欢迎参加" in (await hall.chen.say(hall.code())).text


async def test_an_offer_taken_twice_is_theirs_both_times(hall: Hall) -> None:
    await hall.fill()
    await hall.zhao.choose(f"event.wait:{hall.number}")
    await hall.chen.choose(f"event.leave.now:{hall.number}")
    for _ in range(2):
        assert (await hall.zhao.choose(f"event.accept:{hall.number}")).text.startswith("报好了")
    assert hall.town.event(hall.number).taken == 2


async def test_a_place_that_was_not_taken_in_time_leads_back_while_one_can_sign_up(hall: Hall) -> None:
    await hall.fill()
    await hall.zhao.choose(f"event.wait:{hall.number}")
    await hall.chen.choose(f"event.leave.now:{hall.number}")
    hall.at(START - timedelta(days=1, hours=1))
    late = await hall.zhao.choose(f"event.accept:{hall.number}")
    assert "排队等名额" in [button.label for button in late.buttons]
    hall.at(START - timedelta(hours=23))
    late = await hall.zhao.choose(f"event.accept:{hall.number}")
    assert [button.label for button in late.buttons] == ["近期活动", "菜单"]


@pytest.mark.parametrize("typed", ["{code}", "签到码 {code}", " {code}。", "{wide}"])
async def test_at_the_door_the_code_is_typed(hall: Hall, typed: str) -> None:
    await hall.fill()
    hall.at(START - timedelta(minutes=20))
    assert "6 位签到码" in (await hall.chen.say("签到")).text
    assert "欢迎参加" in (await hall.chen.say(typed.format(code=hall.code(), wide=wide(hall.code())))).text
    assert (await hall.place_of("chen")).status == "attended"


async def test_at_the_door_the_picture_is_scanned(hall: Hall) -> None:
    await hall.fill()
    hall.at(START + timedelta(minutes=20))
    payload = checkins.payload_of(hall.house.vault, hall.number)
    await hall.li.come(UpdateKind.SCAN, payload)
    assert "欢迎参加" in hall.li.heard[-1].text
    await hall.li.come(UpdateKind.SCAN, payload)
    assert "欢迎参加" in hall.li.heard[-1].text
    assert hall.town.event(hall.number).taken == 2


async def test_a_wrong_code_or_a_closed_door_is_told_and_asked_again(hall: Hall) -> None:
    await hall.fill()
    await hall.chen.say("签到")
    assert "没对上，或者还没到" in (await hall.chen.say(hall.code())).text
    payload = checkins.payload_of(hall.house.vault, hall.number)
    await hall.chen.come(UpdateKind.SCAN, payload)
    assert "开始前一小时" in hall.chen.heard[-1].text, "the picture is right, and early"
    await hall.chen.say("签到")
    hall.at(START)
    wrong = f"{(int(hall.code()) + 1) % 1_000_000:06d}"
    assert "没对上" in (await hall.chen.say(wrong)).text
    await hall.chen.come(UpdateKind.SCAN, f"checkin-{hall.number}-{wrong}")
    assert "没对上" in hall.chen.heard[-1].text
    assert "欢迎参加" in (await hall.chen.say(hall.code())).text


@pytest.mark.parametrize("how", ["say", "scan", "choose"])
async def test_whoever_tries_codes_one_after_another_has_to_wait(hall: Hall, how: str) -> None:
    async def try_it(code: str) -> str:
        if how == "say":
            return (await hall.zhao.say(f"签到 {code}")).text
        if how == "choose":
            return (await hall.zhao.choose(f"checkin:{hall.number}:{code}")).text
        return (await hall.zhao.come(UpdateKind.SCAN, f"checkin-{hall.number}-{code}")).messages[0].text

    hall.at(START)
    wrong = f"{(int(hall.code()) + 1) % 1_000_000:06d}"
    assert ["没对上" in await try_it(wrong) for _ in range(5)] == [True] * 5
    assert "试的次数太多了" in await try_it(hall.code())
    hall.at(START + timedelta(minutes=11))
    assert "欢迎参加" in await try_it(hall.code())


async def test_nobody_guesses_from_one_new_chat_after_another(hall: Hall) -> None:
    """Whoever has a place comes in all the while."""
    await hall.chen.choose(f"event.join:{hall.number}")
    hall.at(START)
    wrong = f"{(int(hall.code()) + 1) % 1_000_000:06d}"
    for at in range(tries.MOST_OF_ALL):
        await Guest(hall.dispatch, f"new{at}").say(f"签到 {wrong}")
    assert "试的次数太多了" in (await hall.zhao.say(f"签到 {hall.code()}")).text
    assert "欢迎参加" in (await hall.chen.say(f"签到 {hall.code()}")).text
    hall.at(START + timedelta(minutes=11))
    assert "欢迎参加" in (await hall.zhao.say(f"签到 {hall.code()}")).text


async def test_before_the_doors_open_nobody_learns_whether_a_code_is_right(hall: Hall) -> None:
    wrong = f"{(int(hall.code()) + 1) % 1_000_000:06d}"
    told = {
        (await hall.zhao.come(UpdateKind.SCAN, f"checkin-{hall.number}-{code}")).messages[0].text
        for code in (hall.code(), wrong)
    }
    assert len(told) == 1


async def test_afterwards_they_say_how_it_was(hall: Hall) -> None:
    await hall.fill()
    hall.at(START)
    await hall.chen.come(UpdateKind.SCAN, checkins.payload_of(hall.house.vault, hall.number))
    hall.at(START + timedelta(hours=3))
    hall.town.tick()
    assert "谢谢您！" in (await hall.chen.choose(f"event.rate:{hall.number}:5")).text
    said = await hall.chen.choose(f"event.rate:{hall.number}:2")
    assert "转人工" in [button.label for button in said.buttons]
    assert (await hall.place_of("chen")).rating == 2
    assert "没有您的名额" in (await hall.li.choose(f"event.rate:{hall.number}:5")).text
    assert "您已经签到" in (await hall.chen.choose(f"event.rate:{hall.number}:9")).text


async def test_who_is_there_or_waits_is_not_told_that_nothing_is_theirs(hall: Hall) -> None:
    await hall.fill()
    await hall.zhao.choose(f"event.wait:{hall.number}")
    assert "您在排队" in (await hall.zhao.choose(f"event.accept:{hall.number}")).text
    hall.at(START)
    assert "您在排队" in (await hall.zhao.say(f"签到 {hall.code()}")).text
    await hall.chen.say(f"签到 {hall.code()}")
    assert "您已经签到" in (await hall.chen.choose(f"event.leave:{hall.number}")).text
    assert "您已经签到" in (await hall.chen.choose(f"event.accept:{hall.number}")).text


async def test_at_the_door_who_is_not_on_the_list_is_told_whom_to_ask(hall: Hall) -> None:
    await hall.fill()
    hall.at(START)
    said = await hall.zhao.say(f"签到 {hall.code()}")
    assert "和现场的同事说一声" in said.text
    assert "报名" not in [button.label for button in said.buttons]


async def test_where_others_read_along_nothing_of_ones_own_is_told(hall: Hall) -> None:
    await hall.fill()
    shown = await hall.chen.say("活动", public=True)
    assert "您已经报名" not in shown.text
    assert "名额满了" in shown.text


async def test_after_it_is_cancelled_the_card_says_so(hall: Hall) -> None:
    await hall.fill()
    boss = hall.town.colleague("何审核", Role.REVIEWER)
    hall.town.do(events.cancel, hall.town.desk, hall.number, boss)
    card = await hall.chen.choose(f"event:{hall.number}")
    assert "取消了" in card.text
    assert [button.label for button in card.buttons] == ["近期活动", "菜单"]
    for late in ("join", "wait", "accept"):
        assert "取消了" in (await hall.zhao.choose(f"event.{late}:{hall.number}")).text
    assert "取消了" in (await hall.chen.choose(f"event.join:{hall.number}")).text


@pytest.mark.parametrize(
    "broken",
    ["event", "event:", "event:x", "event:999", "event:99999999999999999999", "event.join:-1", *ODD_PLACES],
)
async def test_an_odd_choice_is_answered_with_a_way_on(chen: Guest, broken: str) -> None:
    assert (await chen.choose(broken)).buttons


async def test_without_events_there_is_a_way_on(chen: Guest) -> None:
    shown = await chen.say("活动")
    assert "订阅一下" in shown.text
    assert [button.label for button in shown.buttons] == ["订阅", "菜单"]


async def test_more_than_a_screen_is_left_to_the_page(house: Database, desk: Desk) -> None:
    town = Town(house)
    for at in range(10):
        town.published(
            title=f"龙溪聚贤坊 {at}", starts_at=START + timedelta(hours=at), ends_at=START + timedelta(days=1)
        )
    guest = Guest(Dispatch(house, replace(desk, base_url="https://rc.example"), clock=lambda: NOON), "chen")
    shown = await guest.say("活动")
    assert len(shown.buttons) == 10
    assert "还有 2 场，都在 https://rc.example/events" in shown.text
