"""Every update is answered once, in order, whatever fails; nobody's answer reaches anybody else."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from db.conversation import SeenUpdate
from db.knowledge import Question
from db.people import Identity, Person
from db.session import Database, Unavailable
from handlers.dispatch import Dispatch, Queues
from handlers.routes import house_routes
from handlers.routing import Route
from handlers.turn import Desk, Turn
from services.messaging import Message, Reply, Step, UpdateKind
from tests.cast import NOON, Guest


async def rows(database: Database, table: type) -> int:
    return await database.read(lambda s: s.execute(select(func.count()).select_from(table)).scalar_one())


def dispatch_with(database: Database, desk: Desk, handler: Callable[[Turn], Reply]) -> Dispatch:
    return Dispatch(database, desk, house_routes(otherwise=handler), clock=lambda: NOON)


async def test_a_repeat_gets_the_same_reply_and_does_nothing_twice(
    database: Database, dispatch: Dispatch
) -> None:
    update = Guest(dispatch, "chen").update(UpdateKind.TEXT, "优才卡什么时候可以预约")
    first, second = await dispatch(update), await dispatch(update)
    assert first.messages == second.messages
    assert await rows(database, Question) == 1
    assert await rows(database, SeenUpdate) == 1


async def test_copies_that_arrive_at_once_in_two_processes_are_answered_alike(
    database: Database, desk: Desk
) -> None:
    """Two dispatches share nothing but the database, as two processes do."""
    one, other = Dispatch(database, desk), Dispatch(database, desk)
    update = Guest(one, "chen").update(UpdateKind.TEXT, "优才卡每年发多少张")
    replies = await asyncio.gather(*(dispatch(update) for dispatch in (one, other) for _ in range(5)))
    assert all(reply.messages == replies[0].messages for reply in replies)
    assert await rows(database, Question) == 1
    assert await rows(database, Person) == 1


async def test_the_same_update_id_of_somebody_else_is_another_update(dispatch: Dispatch) -> None:
    chen, li = Guest(dispatch, "chen"), Guest(dispatch, "li")
    asked = chen.update(UpdateKind.TEXT, "优才卡每年发多少张")
    mine = await dispatch(asked)
    theirs = await dispatch(li.update(UpdateKind.TEXT, "菜单"))
    assert mine.messages[0] != theirs.messages[0]


async def test_one_persons_updates_are_answered_in_order_while_others_go_on(
    database: Database, desk: Desk
) -> None:
    seen: list[str] = []

    def note(turn: Turn) -> Reply:
        seen.append(turn.text)
        return Reply((Message("好"),))

    dispatch = dispatch_with(database, desk, note)
    chen, others = Guest(dispatch, "chen"), [Guest(dispatch, f"guest {n}") for n in range(5)]
    await asyncio.gather(
        *(chen.say(f"第{n}句") for n in range(20)), *(guest.say("插一句") for guest in others)
    )
    assert [said for said in seen if said != "插一句"] == [f"第{n}句" for n in range(20)]


async def test_a_fault_becomes_an_apology_with_a_reference_that_the_log_knows(
    database: Database, desk: Desk
) -> None:
    def fails(turn: Turn) -> Reply:
        turn.session.execute(text("SELECT 1"))
        raise KeyError("broken")

    dispatch = dispatch_with(database, desk, fails)
    chen = Guest(dispatch, "chen")
    update = chen.update(UpdateKind.TEXT, "什么都行")
    with capture_logs() as logs:
        reply = await dispatch(update)
    reference = logs[0]["reference"]
    assert logs[0]["log_level"] == "error"
    assert reference in reply.messages[0].text
    assert [button.choice for button in reply.messages[0].buttons] == ["handoff", "menu"]
    assert (await dispatch(update)).messages == reply.messages, "a repeat gets the same apology"


async def test_a_statement_that_fails_in_the_database_becomes_an_apology_too(
    database: Database, desk: Desk
) -> None:
    dispatch = dispatch_with(
        database, desk, lambda turn: Reply(turn.session.execute(text("SELECT nonsense")).scalar_one())
    )
    with capture_logs():
        assert "编号" in (await Guest(dispatch, "chen").say("什么都行")).text


async def test_what_a_failing_handler_wrote_is_undone(database: Database, desk: Desk) -> None:
    def writes_and_fails(turn: Turn) -> Reply:
        turn.session.add(Person(created_at=NOON))
        turn.session.flush()
        raise KeyError

    dispatch = dispatch_with(database, desk, writes_and_fails)
    with capture_logs():
        await Guest(dispatch, "chen").say("什么都行")
    assert await rows(database, Person) == 1, "only the one who wrote"


async def test_without_a_database_the_channel_is_told(desk: Desk, vault: object) -> None:
    down = Database("postgresql://nobody@127.0.0.1:1/nothing", vault)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        await Guest(Dispatch(down, desk), "chen").say("在吗")
    await down.close()


async def test_a_step_is_kept_until_it_is_answered(house: Database, desk: Desk) -> None:
    def count(turn: Turn) -> Reply:
        so_far = turn.step.answers["n"] if turn.step else 0
        return Reply((Message(str(so_far)),), Step("count", {"n": so_far + 1}) if so_far < 2 else None)

    routes = house_routes(steps={"count": count}, otherwise=count)
    chen = Guest(Dispatch(house, desk, routes), "chen")
    assert [(await chen.say("数")).text for _ in range(4)] == ["0", "1", "2", "0"]


async def test_who_leaves_is_known_to_be_gone_until_they_write_again(
    house: Database, at_desk: Dispatch
) -> None:
    chen = Guest(at_desk, "chen")
    await chen.say("你好")
    left = await chen.come(UpdateKind.LEAVE)
    assert left.messages == ()
    gone = select(Identity.left_at)
    assert await house.read(lambda s: s.execute(gone).scalar_one()) is not None
    await chen.say("你好")
    assert await house.read(lambda s: s.execute(gone).scalar_one()) is None


async def test_a_stranger_who_leaves_is_not_kept(house: Database, at_desk: Dispatch) -> None:
    assert (await Guest(at_desk, "nobody").come(UpdateKind.LEAVE)).messages == ()
    assert await rows(house, Person) == 0


async def test_the_first_dialogue_tells_what_is_kept_once(chen: Guest) -> None:
    await chen.say("优才卡每年发多少张")
    assert "保存 180 天" in chen.heard[-1].text
    await chen.say("优才卡每年发多少张")
    assert "保存" not in chen.heard[-1].text


async def test_an_id_card_number_is_hidden_before_anybody_reads_or_keeps_it(
    house: Database, chen: Guest
) -> None:
    await chen.say("我的身份证是 11010519491231002X，能办优才卡吗")
    assert "已经遮住" in chen.heard[-2].text + chen.heard[-1].text
    log = await house.read(lambda s: _everything(s))
    assert "11010519491231002X" not in log


async def test_a_number_in_a_button_is_never_taken_for_a_card(house: Database, desk: Desk) -> None:
    seen: list[str] = []

    def note(turn: Turn) -> Reply:
        seen.extend(turn.object)
        return Reply((Message("好"),))

    routes = house_routes(routes=[Route("useful", note)])
    await Guest(Dispatch(house, desk, routes), "chen").choose("useful:4111111111111111")
    assert seen == ["4111111111111111"]


def _everything(session: object) -> str:
    from db.session import vault_in

    vault = vault_in(session)  # type: ignore[arg-type]
    turns = session.execute(select(SeenUpdate.sealed_turn)).scalars()  # type: ignore[attr-defined]
    asked = session.execute(select(Question.sealed_text)).scalars()  # type: ignore[attr-defined]
    return " ".join(vault.open(sealed) for sealed in (*turns, *asked))


async def test_lines_are_forgotten_when_nobody_waits() -> None:
    queues = Queues()
    async with queues.turn_of("a"):
        other = asyncio.create_task(_through(queues))
        await asyncio.sleep(0)
        assert len(queues._lines) == 1
    await other
    assert queues._lines == {}


async def _through(queues: Queues) -> None:
    async with queues.turn_of("a"):
        pass


async def test_nothing_personal_stands_readable_in_the_database(house: Database, chen: Guest) -> None:
    await chen.say("我叫陈一诺，电话 13800138000，优才卡怎么办")
    await chen.tap("转人工")
    raw = b"".join(path.read_bytes() for path in _files(house))
    assert "陈一诺".encode() not in raw
    assert b"13800138000" not in raw
    assert b"chen" not in raw


def _files(house: Database) -> list:  # type: ignore[type-arg]
    from pathlib import Path

    file = Path(str(house.engine.url.database))
    return sorted(file.parent.glob(f"{file.name}*"))


def test_a_route_has_one_name_and_words_of_its_own() -> None:
    from handlers.routes import ROUTES
    from handlers.routing import folded

    names = [route.name for route in ROUTES]
    words = [folded(word) for route in ROUTES for word in route.words]
    assert len(names) == len(set(names))
    assert len(words) == len(set(words))
    assert all(isinstance(route, Route) for route in ROUTES)


async def test_what_takes_long_is_read_before_and_the_turn_begins_anew(
    database: Database, desk: Desk
) -> None:
    """Whatever was written until then is undone, and written once in the end."""

    def counts(turn: Turn) -> Reply:
        turn.session.add(Person(created_at=NOON))
        people = turn.read(lambda s: s.execute(select(func.count()).select_from(Person)).scalar_one())
        one = turn.read(lambda s: s.execute(text("SELECT 1")).scalar_one())
        return Reply((Message(f"{people} {one}"),))

    chen = Guest(dispatch_with(database, desk, counts), "chen")
    assert (await chen.say("多少人")).text == "0 1"
    assert await rows(database, Person) == 2
