"""办卡预约 as a person lives it: choose, tell, confirm, look, move, cancel, wait. Read it aloud."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from icalendar import Calendar
from sqlalchemy import select

from db.delivery import Delivery
from db.session import Database
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import holds, offers, planning, reminders
from services.messaging import Message
from tests.cast import NOON, Guest

TOLD = ("陈一诺", "138 0013 8000", "江门市某材料公司")


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=NOON)


@pytest.fixture
def office(house: Database, desk: Desk, clock: SimpleNamespace) -> Dispatch:
    house.run_now(lambda session: planning.plan_ahead(session, desk.booking, NOON))
    return Dispatch(house, desk, clock=lambda: clock.now)


@pytest.fixture
def chen(office: Dispatch) -> Guest:
    return Guest(office, "chen")


@pytest.fixture
def li(office: Dispatch) -> Guest:
    return Guest(office, "li")


async def hold(
    guest: Guest, day: str = "12月2日 周三 · 余 8", time: str = "09:00", tier: str = "银卡"
) -> Message:
    await guest.say("办卡预约")
    for label in (tier, "首次办卡", day):
        await guest.tap(label)
    return await guest.tap(time)


async def book(guest: Guest, **choice: str) -> Message:
    await hold(guest, **choice)
    for answer in TOLD:
        await guest.say(answer)
    await guest.tap("在站博士后")
    return await guest.tap("确认预约")


async def fill(office: Dispatch, day: str) -> list[Guest]:
    """Everybody else takes the day's eight seats."""
    others = [Guest(office, f"other{at}") for at in range(8)]
    for at, other in enumerate(others):
        first = (await choose_day(other, f"{day} · 余 {8 - at}")).buttons[0].label
        await other.tap(first)
        for answer in TOLD:
            await other.say(answer)
        await other.tap("博士")
        await other.tap("确认预约")
    return others


async def choose_day(guest: Guest, label: str) -> Message:
    await guest.say("办卡预约")
    await guest.tap("银卡")
    await guest.tap("首次办卡")
    return await guest.tap(label)


async def test_a_card_is_booked_in_a_dozen_taps_and_words(chen: Guest) -> None:
    which = await chen.say("预约优才卡")
    assert labels(which) == ["钻石卡", "金卡", "银卡", "不确定是哪种", "菜单"]
    assert labels(await chen.tap("银卡")) == ["首次办卡", "续期", "补办", "返回"]
    days = await chen.tap("首次办卡")
    assert labels(days)[:2] == ["11月25日 周三 · 余 8", "11月26日 周四 · 余 8"]
    times = await chen.tap("12月2日 周三 · 余 8")
    assert labels(times)[:2] == ["09:00", "09:30"]
    name = await chen.tap("09:30")
    assert "给您留到 12:10" in name.text
    assert "1/4 请问您的姓名？" in name.text
    assert "2/4" in (await chen.say("陈一诺")).text
    assert "3/4" in (await chen.say("138 0013 8000")).text
    assert labels(await chen.say("江门市某材料公司")) == [
        "博士",
        "在站博士后",
        "出站博士后",
        "返回",
        "不约了",
    ]
    card = await chen.tap("出站博士后")
    for told in ("12月2日（周三）09:30—10:00", "银卡，首次办卡", "陈一诺，138****8000", "出站博士后"):
        assert told in card.text
    done = await chen.tap("确认预约")
    assert "约好了" in done.text
    assert "青禾中心，1号窗口" in done.text
    assert "公开的文件里没有写" in done.text
    assert [file.name for file in done.attachments] == ["预约码.png", "优才卡预约.ics"]
    assert done.attachments[0].content.startswith(b"\x89PNG")


async def test_the_calendar_file_follows_the_appointment(chen: Guest) -> None:
    def event(message: Message) -> tuple[str, int, datetime, str]:
        calendar = Calendar.from_ical(message.attachments[-1].content)
        found = calendar.walk("VEVENT")[0]
        return str(found["UID"]), int(found["SEQUENCE"]), found.decoded("DTSTART"), str(found["STATUS"])

    booked = event(await book(chen))
    await chen.say("我的预约")
    for label in ("改时间", "12月3日 周四 · 余 8", "15:00"):
        await chen.tap(label)
    moved = event(await chen.tap("确认改时间"))
    await chen.say("我的预约")
    await chen.tap("取消预约")
    cancelled = event(await chen.tap("确定取消"))
    assert booked[0] == moved[0] == cancelled[0]
    assert [one[1] for one in (booked, moved, cancelled)] == [0, 1, 2]
    assert moved[2] - booked[2] == timedelta(days=1, hours=6)
    assert (moved[3], cancelled[3]) == ("CONFIRMED", "CANCELLED")


async def test_who_has_nothing_to_book_can_ask_to_be_told_once(at_desk: Dispatch) -> None:
    chen = Guest(at_desk, "chen")
    assert "开放时告诉我" in labels(await chen.say("办卡预约"))
    assert "办卡预约开放" in (await chen.tap("开放时告诉我")).text
    assert "开放时告诉我" not in labels(await chen.say("办卡预约"))


async def test_who_cancels_can_ask_to_be_told_of_the_next_opening(chen: Guest) -> None:
    await book(chen)
    await chen.say("我的预约")
    await chen.tap("取消预约")
    assert labels(await chen.tap("确定取消")) == ["办卡预约", "开放时告诉我", "菜单"]


async def test_a_visit_asks_for_the_address_and_whom_to_call(chen: Guest) -> None:
    await hold(chen, day="12月2日 周三 · 余 3", time="10:30", tier="钻石卡")
    for answer in TOLD:
        await chen.say(answer)
    assert "5/6 我们到哪里上门" in (await chen.tap("博士")).text
    assert "6/6" in (await chen.say("金瓯路 1 号")).text
    card = await chen.say("本人")
    assert "地址：金瓯路 1 号" in card.text
    assert "同事会上门" in (await chen.tap("确认预约")).text


async def test_numbers_work_from_the_first_card_to_the_last(chen: Guest) -> None:
    await chen.say("办卡预约")
    for number in ("3", "1", "3", "1"):
        said = await chen.say(number)
    assert "1/4" in said.text
    for answer in TOLD:
        await chen.say(answer)
    await chen.say("2")
    assert "约好了" in (await chen.say("1")).text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("11010519491231002X", "身份证号、银行卡号请不要发给我"),
        ("6222 0212 3456 7890 128", "身份证号、银行卡号请不要发给我"),
        ("???", "这不像姓名"),
        ("陈" * 41, "请写短一些"),
    ],
)
async def test_what_cannot_be_a_name_is_asked_again(chen: Guest, said: str, told: str) -> None:
    await hold(chen)
    again = await chen.say(said)
    assert told in again.text
    assert "1/4" in again.text
    assert "2/4" in (await chen.say("陈一诺")).text


async def test_no_forbidden_number_is_kept_anywhere(house: Database, chen: Guest) -> None:
    await hold(chen)
    await chen.say("陈一诺")
    await chen.say("11010519491231002X")
    assert all("11010519491231002X" not in message.text for message in chen.heard)


async def test_back_leads_to_the_answer_before(chen: Guest) -> None:
    await hold(chen)
    await chen.say("陈一诺")
    assert "1/4" in (await chen.tap("返回")).text
    await chen.say("陈二诺")
    await chen.say("13800138000")
    assert "2/4" in (await chen.say("返回")).text
    await chen.say("13900139000")
    await chen.say("某公司")
    assert "陈二诺，139****9000" in (await chen.tap("博士")).text


@pytest.mark.parametrize("word", ["取消", "算了"])
async def test_giving_up_frees_the_seat_at_once(chen: Guest, li: Guest, word: str) -> None:
    await hold(chen)
    assert "让出来了" in (await chen.say(word)).text
    assert "1/4" in (await hold(li)).text


async def test_who_comes_back_within_ten_minutes_goes_on_where_they_were(chen: Guest) -> None:
    await hold(chen)
    await chen.say("优才卡是什么，菜单")
    await chen.say("菜单")
    assert "1/4" in (await chen.say("办卡预约")).text


async def test_after_ten_minutes_the_seat_is_gone_and_told(chen: Guest, clock: SimpleNamespace) -> None:
    await hold(chen)
    clock.now += timedelta(minutes=10)
    gone = await chen.say("陈一诺")
    assert "时间到了" in gone.text
    assert labels(gone)[0] == "办卡预约"


async def test_two_who_want_the_same_time(chen: Guest, li: Guest) -> None:
    for guest in (chen, li):
        await choose_day(guest, "12月2日 周三 · 余 8")
    await chen.tap("09:00")
    late = await li.tap("09:00")
    assert "刚刚被别人选走" in late.text
    assert labels(late)[0] == "09:30"


async def test_confirming_twice_is_the_same_appointment(chen: Guest) -> None:
    first = await book(chen)
    again = await chen.tap("确认预约")
    assert again.text == first.text
    assert "已经有一个预约" in (await chen.say("办卡预约")).text


async def test_my_appointment_tells_how_it_stands(chen: Guest) -> None:
    assert "没有预约" in (await chen.say("我的预约")).text
    await book(chen)
    mine = await chen.say("我的预约")
    assert "已约好" in mine.text
    assert "银卡（待核定）" in mine.text
    assert labels(mine) == ["改时间", "取消预约", "菜单"]


async def test_a_stale_card_changes_nothing_and_shows_the_way(chen: Guest) -> None:
    await book(chen)
    await chen.say("我的预约")
    stale = [one.choice for one in chen.heard[-1].buttons]
    await chen.tap("改时间")
    await chen.tap("12月3日 周四 · 余 8")
    await chen.tap("09:00")
    await chen.tap("确认改时间")
    for choice in stale[:2]:
        said = await chen.choose(choice)
        assert "不是最新的" in said.text
        assert labels(said)[0] == "我的预约"


@pytest.mark.parametrize(
    "choice",
    ["book.slot:999:silver:first", "book.slot:x:y:z", "book.day:silver:first:soon", "book.tier:iron", "book.slot",
     "book.confirm:0", "book.confirm:", "book.cancel:1:1", "book.move:9:9", "book.accept:7", "book.leave:7",
     "book.standing:king", "book.day:silver:first:2030-01-01", "book.move.now:1:1:1", "book.cancel.now:1"],
)  # fmt: skip
async def test_no_tap_however_odd_ends_in_a_fault(chen: Guest, choice: str) -> None:
    said = await chen.choose(choice)
    assert "出了点问题" not in said.text
    assert said.buttons


async def test_past_the_cut_off_a_colleague_has_to_help(chen: Guest, clock: SimpleNamespace) -> None:
    await book(chen)
    await chen.say("我的预约")
    choice = chen.heard[-1].buttons[1].choice
    clock.now = datetime(2026, 12, 1, 13, tzinfo=NOON.tzinfo)
    assert "转人工" in (await chen.choose(choice)).text
    mine = await chen.say("我的预约")
    assert labels(mine) == ["转人工", "菜单"]


async def test_a_full_day_is_waited_for_offered_and_taken(
    house: Database, office: Dispatch, desk: Desk, chen: Guest, clock: SimpleNamespace
) -> None:
    others = await fill(office, "12月2日 周三")
    full = await choose_day(chen, "12月2日 周三 · 已满")
    assert "已经约满了" in full.text
    joined = await chen.tap("排队等空位")
    assert "第 1 位" in joined.text
    assert "第 1 位" in (await chen.say("我的预约")).text

    await others[0].say("我的预约")
    await others[0].tap("取消预约")
    await others[0].tap("确定取消")
    mine = await chen.say("我的预约")
    assert "有空位给您留着，到 11月24日（周二）14:00 为止" in mine.text
    assert "1/4" in (await chen.tap("要这个时间")).text
    for answer in TOLD:
        await chen.say(answer)
    await chen.tap("博士")
    assert "约好了" in (await chen.tap("确认预约")).text


async def test_an_offer_that_is_not_answered_passes_on(
    house: Database, office: Dispatch, desk: Desk, chen: Guest, li: Guest, clock: SimpleNamespace
) -> None:
    others = await fill(office, "12月2日 周三")
    for guest in (chen, li):
        await choose_day(guest, "12月2日 周三 · 已满")
        await guest.tap("排队等空位")
    await others[0].say("我的预约")
    await others[0].tap("取消预约")
    await others[0].tap("确定取消")
    await chen.say("我的预约")
    clock.now += timedelta(minutes=120)
    house.run_now(lambda session: offers.expire_offers(session, desk.booking, clock.now))
    assert "已经不在了" in (await chen.tap("要这个时间")).text
    assert "有空位给您留着" in (await li.say("我的预约")).text


async def test_reminders_and_offers_that_no_longer_hold_stay_in(
    house: Database, office: Dispatch, desk: Desk, chen: Guest, li: Guest, clock: SimpleNamespace
) -> None:
    def deliveries() -> list[tuple[str, str]]:
        rows = select(Delivery.reason, Delivery.status).order_by(Delivery.id)
        return [(row[0], row[1]) for row in house.run_now(lambda session: session.execute(rows).all())]

    others = await fill(office, "12月2日 周三")
    await choose_day(li, "12月2日 周三 · 已满")
    await li.tap("排队等空位")
    clock.now = datetime(2026, 12, 1, 12, tzinfo=NOON.tzinfo)  # an hour before the cut-off of 09:00
    house.run_now(lambda session: reminders.queue_due(session, desk.booking, clock.now))
    assert deliveries() == [("booking.remind_day", "queued")] * 8
    await others[0].say("我的预约")
    await others[0].tap("取消预约")
    await others[0].tap("确定取消")
    assert deliveries()[0] == ("booking.remind_day", "skipped")
    assert deliveries()[8] == ("booking.offer", "queued")
    await li.say("我的预约")
    await li.tap("要这个时间")
    assert deliveries()[8] == ("booking.offer", "skipped")


async def test_without_an_opening_the_next_one_is_told(chen: Guest, clock: SimpleNamespace) -> None:
    clock.now = datetime(2026, 12, 5, 4, tzinfo=NOON.tzinfo)
    said = await chen.say("办卡预约")
    assert "每 14 天开放一次，下次 12月7日（周一）09:00 开放" in said.text


async def test_where_details_must_stay_out_of_the_chat_they_are_told_on_our_page(
    house: Database, desk: Desk, office: Dispatch
) -> None:
    closed = replace(
        desk, channels_without_details=frozenset({"telegram"}), base_url="https://youcai.example"
    )
    chen = Guest(Dispatch(house, closed, clock=lambda: NOON), "chen", channel="telegram")
    said = await hold(chen)
    assert "https://youcai.example/details/" in said.text
    assert "姓名？" not in said.text
    typed = await chen.say("陈一诺")
    assert "https://youcai.example/details/" in typed.text

    def fills_in(session):  # type: ignore[no-untyped-def]
        told = {"name": "陈一诺", "phone": "13800138000", "employer": "某公司", "standing": "doctor"}
        holds.fill_in(session, 1, told, NOON)

    assert "https://youcai.example/details/" in (await chen.tap("填好了")).text
    house.run_now(fills_in)
    assert "陈一诺，138****8000" in (await chen.tap("填好了")).text
    assert "约好了" in (await chen.tap("确认预约")).text


async def test_erasing_a_person_frees_their_seat(chen: Guest, li: Guest) -> None:
    await book(chen)
    await chen.say("删除我的数据")
    await chen.tap("确定删除")
    assert "1/4" in (await hold(li)).text


async def test_a_handed_out_file_holds_the_appointment(chen: Guest) -> None:
    await book(chen)
    said = await chen.say("导出我的数据")
    content = said.attachments[0].content.decode()
    assert '"employer": "江门市某材料公司"' in content
    assert '"happened": "booked"' in content
