"""A person writes to the account: answered in time, once, and nothing is lost when it is late."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.orm import Session

from bot.channels.wechat_pieces import Place
from bot.channels.wechat_updates import Outcome
from db.session import Database, Unavailable
from services.arrivals import Arrival
from services.messaging import Attachment, DeliveryError, Message, Reply, UpdateKind
from tests.bot.channels.platform import PERSON
from tests.bot.channels.platform_api import PlatformApi
from tests.bot.channels.wechat_chat import Chat, choices, until

PICTURE = Attachment("签到.png", "image/png", b"\x89PNG")
CALENDAR = Attachment("预约.ics", "text/calendar", b"BEGIN:VCALENDAR")


@pytest.fixture
async def api() -> AsyncIterator[PlatformApi]:
    async with PlatformApi() as api:
        yield api


@pytest.fixture
async def chat(house: Database, api: PlatformApi) -> AsyncIterator[Chat]:
    async with Chat(house, api) as chat:
        yield chat


@pytest.fixture
async def late(house: Database, api: PlatformApi) -> AsyncIterator[Chat]:
    """Whoever is held is late at once."""
    async with Chat(house, api, late_after=0.2) as chat:
        yield chat


@pytest.fixture
async def silent(house: Database) -> AsyncIterator[Chat]:
    """An account that may only answer."""
    async with Chat(house, late_after=0.2) as chat:
        yield chat


@pytest.mark.parametrize("safe", [False, True])
async def test_the_account_is_verified_and_answers(house: Database, safe: bool) -> None:
    async with Chat(house, safe=safe) as chat:
        query = chat.platform.query(echostr="5927")
        async with chat.client.get("/wechat", params=query) as response:
            assert await response.text() == "5927"
        assert await chat.say("一 <二> 😀") == "答一 <二> 😀"


async def test_whoever_does_not_know_the_token_hears_nothing(chat: Chat) -> None:
    query = chat.platform.query(echostr="5927") | {"signature": "0" * 40}
    async with chat.client.get("/wechat", params=query) as response:
        assert (response.status, await response.text()) == (403, "")
    async with chat.client.post("/wechat", params=query, data=chat.platform.message()) as response:
        assert (response.status, await response.text()) == (403, "")
    assert chat.office.updates == []


async def test_choices_are_numbered_through_the_whole_reply(chat: Chat) -> None:
    chat.office.replies["选"] = Reply((choices("甲", "乙"), choices("丙", text="或者：")))
    assert await chat.say("选") == "请选：\n\n1. 甲\n2. 乙\n\n或者：\n\n3. 丙"


async def test_repeats_at_once_and_later_are_one_piece_of_work_with_one_answer(chat: Chat) -> None:
    chat.office.hold("一")
    xml = chat.platform.message(Content="一")
    waiting = [asyncio.create_task(chat.push(xml)) for _ in range(3)]
    await until(lambda: bool(chat.office.updates))
    chat.office.let_go("一")
    assert await asyncio.gather(*waiting) == ["答一"] * 3
    assert len(chat.office.updates) == 1
    assert await chat.push(xml) == "答一"


async def test_events_are_heard_and_some_only_acknowledged(chat: Chat) -> None:
    assert await chat.push(chat.platform.event("subscribe", EventKey="qrscene_event-1")) == "答event-1"
    assert await chat.push(chat.platform.event("CLICK", EventKey="menu")) == "答menu"
    assert await chat.push(chat.platform.event("VIEW", EventKey="https://x")) == ""
    chat.office.replies[""] = Reply()
    assert await chat.push(chat.platform.event("unsubscribe")) == ""
    kinds = [update.kind for update in chat.office.updates]
    assert kinds == [UpdateKind.JOIN, UpdateKind.CHOICE, UpdateKind.LEAVE]


async def test_a_late_reply_follows_by_customer_service(late: Chat, api: PlatformApi) -> None:
    late.office.hold("慢")
    late.office.replies["慢"] = Reply((choices("好", text="想好了"),))
    assert await late.say("慢") == ""
    assert api.said() == []
    late.office.let_go("慢")
    await until(lambda: bool(api.said()))
    assert api.said()[0]["msgmenu"]["head_content"] == "想好了"
    assert api.said()[0]["msgmenu"]["list"] == [{"id": "choice:好", "content": "好"}]
    assert len(late.office.updates) == 1


async def test_a_repeat_that_comes_in_time_takes_the_late_reply(late: Chat, api: PlatformApi) -> None:
    late.office.hold("慢")
    xml = late.platform.message(Content="慢")
    assert await late.push(xml) == ""
    repeat = asyncio.create_task(late.push(xml))
    await asyncio.sleep(0.05)
    late.office.let_go("慢")
    assert await repeat == "答慢"
    assert await late.say("后") == "答后"
    assert api.said() == []


async def test_a_late_reply_waits_for_the_next_word_where_nothing_may_follow(silent: Chat) -> None:
    silent.office.hold("慢")
    assert await silent.say("慢") == ""
    silent.office.let_go("慢")
    answer = asyncio.create_task(silent.say("后"))
    assert await answer == "（上次没来得及发给您的）\n答慢\n\n答后"
    assert await silent.say("再") == "答再"


async def test_a_refusal_closes_the_window_and_the_reply_waits(late: Chat, api: PlatformApi) -> None:
    api.next_for("message/custom/send", {"errcode": 45015})
    late.office.hold("慢")
    await late.say("慢")
    late.office.let_go("慢")
    await until(lambda: late.channel._answers.quiet)
    assert await late.say("后") == "（上次没来得及发给您的）\n答慢\n\n答后"


async def test_what_does_not_fit_follows_in_order(chat: Chat, api: PlatformApi) -> None:
    long = "\n\n".join(f"第{n}段：" + "策" * 200 for n in range(1, 8))
    chat.office.replies["长"] = Reply((Message(long, choices("有用").buttons), choices("菜单", text="还有")))
    first = await chat.say("长")
    await until(lambda: len(api.said()) == 3)
    second, third, fourth = api.said()
    menus = third["msgmenu"], fourth["msgmenu"]
    assert "\n\n".join([first, second["text"]["content"], menus[0]["head_content"]]) == long
    assert menus[0]["list"] == [{"id": "choice:有用", "content": "有用"}]
    assert menus[1]["head_content"] == "还有"


async def test_without_customer_service_people_are_told_to_ask_for_the_rest(silent: Chat) -> None:
    silent.office.replies["长"] = Reply((Message("策" * 1000),))
    first = await silent.say("长")
    assert first.endswith("（还没说完，回复任意一个字，接着看）")
    assert len(first.encode()) <= 2000
    second = await silent.say("好")
    assert (first + second).count("策") == 1000
    assert second.endswith("答好")


async def test_an_account_that_turns_out_not_to_be_verified_tells_them_too(
    chat: Chat, api: PlatformApi
) -> None:
    chat.office.replies["长"] = Reply((Message("策" * 1000),))
    api.next_for("message/custom/send", {"errcode": 48001})
    await chat.say("长")
    await until(lambda: "not_granted" in chat.channel.health())
    assert (await chat.say("长")).endswith("（还没说完，回复任意一个字，接着看）")


async def test_a_scene_is_the_address_of_a_code_to_scan(chat: Chat, silent: Chat) -> None:
    assert await chat.channel.scene("event-12") == "http://weixin.qq.com/q/1"
    with pytest.raises(DeliveryError, match="not_granted"):
        await silent.channel.scene("event-12")


async def test_files_go_as_pictures_or_by_a_link(house: Database, api: PlatformApi) -> None:
    def link(session: Session, address: str, file: Attachment) -> Place:
        assert address == PERSON
        return Place(f"https://t.example/{file.name}", "12月1日（周二）")

    async with Chat(house, api, link=link) as chat:
        chat.office.replies["约"] = Reply((Message("约好了", attachments=(CALENDAR, PICTURE)),))
        said = await chat.say("约")
        assert (
            "约好了\n\n《预约.ics》点这里打开（12月1日（周二）前有效）：\nhttps://t.example/预约.ics\n"
            in said
        )
        assert "签到" not in said
        await until(lambda: bool(api.said()))
        assert api.said()[0]["msgtype"] == "image"


async def test_a_file_that_cannot_be_given_here_is_not_passed_over_in_silence(silent: Chat) -> None:
    silent.office.replies["约"] = Reply((Message("约好了", attachments=(CALENDAR,)),))
    assert "《预约.ics》在微信里发不了" in await silent.say("约")


async def test_when_the_database_is_gone_people_are_told_and_the_platform_sees_no_fault(chat: Chat) -> None:
    for fault in (Unavailable("gone"), RuntimeError("a bug")):
        chat.office.fault = fault
        assert "系统有点忙" in await chat.say("一")
    chat.office.fault = None
    assert await chat.say("二") == "答二"


async def test_a_reply_that_is_there_is_said_although_the_database_went_away_after_it(chat: Chat) -> None:
    async def gone(*_: object, **__: object) -> object:
        raise Unavailable("gone")

    chat.database.run = gone  # type: ignore[method-assign,assignment]
    assert await chat.say("一") == "答一"


async def test_a_late_reply_that_cannot_be_promised_is_not_acknowledged(late: Chat) -> None:
    """The platform hangs up and asks again: that repeat gets the answer."""
    run = late.database.run
    late.office.hold("慢")

    async def gone(*_: object, **__: object) -> object:
        raise Unavailable("gone")

    late.database.run = gone  # type: ignore[method-assign,assignment]
    first = asyncio.create_task(late.say("慢"))
    await asyncio.sleep(0.4)
    assert not first.done()
    late.database.run = run  # type: ignore[method-assign]
    late.office.let_go("慢")
    assert await first == "答慢"


async def test_outcomes_of_templates_are_passed_on(house: Database) -> None:
    heard: list[object] = []

    async def note(outcome: object) -> None:
        heard.append(outcome)

    async with Chat(house, on_outcome=note) as chat:
        sent = chat.platform.event("TEMPLATESENDJOBFINISH", MsgID="200", Status="failed:user block")
        assert await chat.push(sent) == ""
    assert heard == [Outcome(PERSON, "200", Arrival.BLOCKED)]


async def test_the_menu_is_set_at_the_start_and_a_fault_is_named_by_health(house: Database) -> None:
    async with PlatformApi() as api:
        api.next_for("menu/create", {"errcode": 40164, "errmsg": "not in whitelist"})
        async with Chat(house, api, account={"menu": ("问政策",)}) as chat:
            await until(lambda: bool(chat.channel.health()))
            assert "address_not_allowed" in chat.channel.health()
            assert await chat.say("一") == "答一"
        async with Chat(house, api, account={"menu": ("问政策",)}) as chat:
            await until(lambda: any(path == "menu/create" for path, _ in api.calls))
            await until(lambda: not chat.channel.health())
