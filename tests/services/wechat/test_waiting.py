"""What could not be said at once is said later, once, whoever comes first: a repeat, the person, or a restart."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.session import Database
from db.wechat import WeChatWaiting
from services.messaging import Attachment, Button, Message
from services.wechat import leftovers, waiting, windows
from services.wechat.waiting import Piece, Settled
from services.wechat.windows import WindowKind

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
CHEN, LI = "o-chen", "o-li"
NOTHING = Settled("", False)
Work = Callable[[Session], Any]


@dataclass
class Saying:
    """The first text goes into the answer, after whatever goes in front; the others do not fit."""

    texts: tuple[str, ...]

    def compose(self, in_front: Sequence[Message]) -> tuple[str, Sequence[Message]]:
        first = [*(message.text for message in in_front), *self.texts[:1]]
        return "|".join(first), self.pieces()[1:]

    def pieces(self) -> Sequence[Message]:
        return [Message(text) for text in self.texts]


def owe(update_id: str = "1", address: str = CHEN) -> Work:
    return lambda s: waiting.owe(s, address, update_id, {"text": update_id}, NOW)


def settle(update_id: str, *texts: str, listening: bool = True, now: datetime = NOW) -> Work:
    return lambda s: waiting.settle(
        s, CHEN, windows.mark_of(s, CHEN), update_id, Saying(texts), listening=listening, now=now
    )


def claim(now: datetime = NOW) -> Callable[[Session], Piece | None]:
    return lambda s: waiting.next_to_send(s, CHEN, now)


def opened(quota: int = 5) -> Work:
    return lambda s: windows.open_window(
        s, windows.mark_of(s, CHEN), WindowKind.WRITTEN, NOW + timedelta(days=2), quota
    )


def statuses(session: Session) -> list[str]:
    return list(session.execute(select(WeChatWaiting.status).order_by(WeChatWaiting.id)).scalars())


async def test_an_answer_in_time_leaves_nothing_behind(database: Database) -> None:
    assert await database.run(settle("1", "hello")) == Settled("hello", False)
    assert await database.run(settle("1", "hello")) == Settled("hello", False)
    assert await database.run(statuses) == []


async def test_what_does_not_fit_waits_once_although_the_update_is_repeated(database: Database) -> None:
    for _ in range(3):
        assert (await database.run(settle("1", "a", "b", "c"))).text == "a"
    assert await database.run(statuses) == ["waiting", "waiting"]


async def test_a_late_reply_goes_in_front_of_the_next_answer_and_of_its_repeats(database: Database) -> None:
    await database.run(owe())
    assert await database.run(settle("1", "late", "more", listening=False)) == Settled("", True)
    for _ in range(2):
        assert (await database.run(settle("2", "now"))).text == "late|more|now"
    assert (await database.run(settle("3", "then"))).text == "then"


async def test_the_platforms_repeat_of_an_answered_late_update_gets_nothing_more(database: Database) -> None:
    await database.run(owe())
    await database.run(settle("1", "late", listening=False))
    assert await database.run(settle("1", "late")) == NOTHING


async def test_a_repeat_that_still_listens_takes_the_late_reply_itself(database: Database) -> None:
    await database.run(owe())
    assert await database.run(settle("1", "late")) == Settled("late", False)
    assert await database.run(settle("1", "late", listening=False)) == NOTHING
    assert await database.run(settle("1", "late")) == Settled("late", False)


async def test_of_a_repeat_and_the_late_worker_one_gets_the_reply(database: Database) -> None:
    for number in map(str, range(10)):
        await database.run(owe(number))
        both = await asyncio.gather(
            database.run(settle(number, "late")), database.run(settle(number, "late", listening=False))
        )
        assert sorted((bool(one.text), one.more) for one in both) in (
            [(False, False), (True, False)],
            [(False, False), (False, True)],
        )


async def test_a_piece_is_claimed_once_and_only_as_far_as_the_window_allows(database: Database) -> None:
    await database.run(opened(quota=2))
    await database.run(settle("1", "a", "b", "c", "d"))
    claimed = await asyncio.gather(*(database.run(claim()) for _ in range(6)))
    assert sorted(piece.message.text for piece in claimed if piece) == ["b", "c"]


async def test_nothing_is_claimed_without_a_window(database: Database) -> None:
    await database.run(settle("1", "a", "b"))
    assert await database.run(claim()) is None
    assert await database.run(statuses) == ["waiting"]


async def test_a_piece_that_is_being_sent_is_not_carried_until_its_process_must_be_gone(
    house: Database,
) -> None:
    await house.run(opened())
    await house.run(settle("1", "a", "b"))
    piece = await house.run(claim())
    assert piece is not None
    assert (await house.run(settle("2", "now"))).text == "now"
    later = NOW + timedelta(minutes=2)
    assert (await house.run(settle("3", "then", now=later))).text == "b|then"
    await house.run(lambda s: waiting.sent(s, piece.id, later))
    assert await house.run(statuses) == ["carried"]


async def test_a_piece_that_did_not_go_out_waits_again(house: Database) -> None:
    await house.run(opened())
    await house.run(settle("1", "a", "b"))
    piece = await house.run(claim())
    assert piece is not None
    await house.run(lambda s: waiting.put_back(s, piece.id, NOW))
    assert await house.run(lambda s: leftovers.reachable(s, NOW)) == [CHEN]
    assert (await house.run(settle("2", "now"))).text == "b|now"


async def test_one_process_takes_up_what_another_left_behind(database: Database) -> None:
    await database.run(owe("1"))
    await database.run(owe("1", LI))
    soon, later = NOW + timedelta(seconds=59), NOW + timedelta(seconds=61)
    assert await database.run(lambda s: leftovers.left_behind(s, soon)) == []
    found = await asyncio.gather(*(database.run(lambda s: leftovers.left_behind(s, later)) for _ in range(4)))
    assert sorted(one for some in found for one in some) == [(CHEN, {"text": "1"}), (LI, {"text": "1"})]


async def test_a_message_waits_whole_and_sealed(house: Database) -> None:
    message = Message("博士后", (Button("好", "ok:1"),), (Attachment("a.png", "image/png", b"\x89"),))
    await house.run(opened())
    for _ in range(2):
        await house.run(lambda s: waiting.lay_down(s, CHEN, "notice:1", (message,), NOW))
    raw = await house.run(lambda s: s.execute(select(WeChatWaiting.sealed)).scalars().all())
    assert len(raw) == 1
    assert "博士后".encode() not in raw[0]
    piece = await house.run(claim())
    assert piece is not None
    assert piece.message == message


async def test_what_is_owed_is_forgotten_with_the_person_or_in_time(house: Database) -> None:
    await house.run(owe())
    await house.run(settle("2", "a", "b"))
    day = NOW + timedelta(days=2)
    assert await house.run(lambda s: leftovers.forget_done(s, day, NOW)) == 0
    await house.run(lambda s: leftovers.forget(s, [windows.mark_of(s, CHEN)]))
    assert await house.run(statuses) == []
    await house.run(settle("3", "a", "b"))
    await house.run(settle("4", "c"))
    assert await house.run(statuses) == ["carried"]
    assert await house.run(lambda s: leftovers.forget_done(s, day, NOW)) == 1


async def test_the_words_of_a_late_update_are_not_kept_once_it_is_answered(house: Database) -> None:
    await house.run(owe())
    await house.run(settle("1", "late", listening=False))
    assert await house.run(lambda s: s.execute(select(WeChatWaiting.sealed)).scalars().first()) == b""
