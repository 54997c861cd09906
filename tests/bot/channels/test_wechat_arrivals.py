"""What WeChat tells of a notice later reaches the ledger, through the door, whichever comes first."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlalchemy import select

from bot.delivering import Manners, Sender
from bot.pace import Pace, Paced
from bot.wiring import noting
from db.delivery import Delivery
from db.people import Identity
from db.session import Database, Unavailable
from services import conversations, delivery
from services.messaging import Message, Sent, Update
from tests.bot.channels.platform import PERSON
from tests.bot.channels.platform_api import PlatformApi
from tests.bot.channels.wechat_chat import NOON, Chat

TEMPLATE = {"template_ids": {"notice": "T-1"}}
SUBSCRIPTION = {"subscribe_ids": {"notice": "S-1"}}
BLOCKED = {"Status": "failed:user block"}


@pytest.fixture
async def api() -> AsyncIterator[PlatformApi]:
    async with PlatformApi() as api:
        yield api


def chat_of(database: Database, api: PlatformApi, **account: Any) -> Chat:
    return Chat(database, api, account=account, on_outcome=noting(database, "wechat", lambda: NOON))


async def announce(database: Database) -> None:
    def work(session: Any) -> None:
        stand = conversations.stand(session, Update("wechat", PERSON, "1", NOON))
        delivery.announce(
            session,
            reason="remind",
            subject="1",
            person_id=stand.person_id,
            message=Message("明天见"),
            due_at=NOON,
            useful_until=None,
            now=NOON,
        )

    await database.run(work)


async def ledger(database: Database) -> tuple[str, str, str]:
    row = select(Delivery.status, Delivery.outcome, Delivery.message_id)
    return tuple(await database.read(lambda s: s.execute(row).one()))  # type: ignore[arg-type]


async def left(database: Database) -> bool:
    return await database.read(lambda s: s.execute(select(Identity.left_at)).scalar_one()) is not None


async def send(chat: Chat) -> None:
    """Everything that is due, by the sender of the service."""
    database, pace = chat.database, Pace(100)
    async with Sender(database, Paced(chat.channel, pace), Manners(), pace, lambda: chat.now):
        for _ in range(400):
            if (await ledger(database))[0] not in delivery.OPEN:
                return
            await asyncio.sleep(0.02)
    raise AssertionError("it never went out")


def finished(chat: Chat, message_id: str, **fields: str) -> str:
    return chat.platform.event("TEMPLATESENDJOBFINISH", MsgID=message_id, **fields)


@pytest.mark.parametrize(
    ("status", "word", "gone"),
    [
        ("success", ("sent", "arrived"), False),
        ("failed:user block", ("failed", "blocked"), True),
        ("failed: system failed", ("failed", "refused"), False),
        ("a new word", ("sent", ""), False),
    ],
)
async def test_a_templates_result_stands_in_the_ledger(
    database: Database, api: PlatformApi, status: str, word: tuple[str, str], gone: bool
) -> None:
    async with chat_of(database, api, **TEMPLATE) as chat:
        await announce(database)
        await send(chat)
        *_, message_id = await ledger(database)
        for _ in range(3):  # as the platform repeats it
            assert await chat.push(finished(chat, message_id, Status=status)) == ""
    assert (await ledger(database))[:2] == word
    assert await left(database) is gone


async def test_a_result_that_overtakes_our_own_row_is_not_lost(database: Database, api: PlatformApi) -> None:
    async with chat_of(database, api, **TEMPLATE) as chat:
        say = chat.channel.send

        async def overtaken(address: str, message: Message, *, bulk: bool = False) -> Sent:
            sent = await say(address, message, bulk=bulk)
            await chat.push(finished(chat, sent.message_id, **BLOCKED))
            return sent

        chat.channel.send = overtaken  # type: ignore[method-assign]
        await announce(database)
        await send(chat)
    assert (await ledger(database))[:2] == ("failed", "blocked")
    assert await left(database)


@pytest.mark.parametrize(
    ("code", "word"), [("0", ("sent", "arrived")), ("1003", ("failed", "refused")), ("", ("sent", ""))]
)
async def test_a_subscription_notices_result_too(
    house: Database, api: PlatformApi, code: str, word: tuple[str, str]
) -> None:
    async with chat_of(house, api, **SUBSCRIPTION) as chat:
        await announce(house)
        await send(chat)
        entry = f"<MsgID>{(await ledger(house))[2]}</MsgID><ErrorCode>{code}</ErrorCode>"
        nested = f"<SubscribeMsgSentEvent><List>{entry}</List></SubscribeMsgSentEvent></xml>"
        xml = chat.platform.event("subscribe_msg_sent_event").replace("</xml>", nested)
        assert await chat.push(xml) == ""
    assert (await ledger(house))[:2] == word


async def test_it_is_acknowledged_only_once_it_is_kept(house: Database, api: PlatformApi) -> None:
    async with chat_of(house, api, **TEMPLATE) as chat:
        await announce(house)
        await send(chat)
        xml = finished(chat, (await ledger(house))[2], **BLOCKED)
        run = house.run

        async def gone(*_: object, **__: object) -> object:
            raise Unavailable("gone")

        house.run = gone  # type: ignore[method-assign,assignment]
        status, _ = await chat.post(xml)
        assert status >= 500, "the platform asks again"
        house.run = run  # type: ignore[method-assign]
        assert await chat.post(xml) == (200, "success")
    assert (await ledger(house))[:2] == ("failed", "blocked")


async def test_another_word_under_an_overheard_signature_is_refused(
    house: Database, api: PlatformApi
) -> None:
    async with chat_of(house, api, **TEMPLATE) as chat:
        await announce(house)
        await send(chat)
        number = (await ledger(house))[2]
        query, body = chat.platform.push(finished(chat, number, Status="success"))
        forged = body.replace(b"success", b"failed:user block")
        seen = []
        for one in (body, forged, body):
            async with chat.client.post("/wechat", params=query, data=one) as response:
                seen.append(response.status)
    assert seen == [200, 403, 200]
    assert (await ledger(house))[:2] == ("sent", "arrived")


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=70)


@effort(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_no_words_of_a_result_upset_us(house: Database, data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(["TEMPLATESENDJOBFINISH", "subscribe_msg_sent_event"]))
    names = ["MsgID", "MsgId", "Status", "SubscribeMsgSentEvent"]
    fields = data.draw(st.dictionaries(st.sampled_from(names), WORDS | st.sampled_from(["200", "success"])))
    async with Chat(house, on_outcome=noting(house, "wechat", lambda: NOON)) as chat:
        status, _ = await chat.post(chat.platform.event(event, **fields))
    assert status in (200, 400)
