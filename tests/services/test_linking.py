"""Codes are redeemed once, and nothing is half joined, whoever comes at the same time."""

import asyncio
import threading

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.base import table
from db.booking import BookingCycle, Hold, Slot
from db.knowledge import Question
from db.people import Person, Subscription
from db.session import Database, inserted
from handlers.dispatch import Dispatch
from services import conversations, linking, people, tries
from services.linking import Redeemed
from services.messaging import Update
from tests.cast import NOON, Guest


async def meet(database: Database, address: str) -> tuple[int, int]:
    stand = await database.run(lambda s: conversations.stand(s, Update("web", address, "1", NOON)))
    return stand.identity_id, stand.person_id


async def test_of_many_who_redeem_one_code_at_once_one_is_joined(database: Database) -> None:
    _, owner = await meet(database, "owner")
    guests = [await meet(database, f"guest {number}") for number in range(6)]
    code = await database.run(lambda s: linking.issue(s, owner, NOON))
    outcomes = await asyncio.gather(
        *(database.run(lambda s, i=identity: linking.redeem(s, code, i, NOON)) for identity, _ in guests)
    )
    assert sorted(outcomes).count(Redeemed.LINKED) == 1
    assert set(outcomes) == {Redeemed.LINKED, Redeemed.WRONG}
    people = select(func.count()).select_from(Person)
    assert await database.read(lambda s: s.execute(people).scalar_one()) == 6


async def test_two_who_redeem_each_others_codes_at_once_end_as_one(database: Database) -> None:
    (first, chen), (second, li) = await meet(database, "chen"), await meet(database, "li")
    one = await database.run(lambda s: linking.issue(s, chen, NOON))
    other = await database.run(lambda s: linking.issue(s, li, NOON))
    outcomes = await asyncio.gather(
        database.run(lambda s: linking.redeem(s, one, second, NOON)),
        database.run(lambda s: linking.redeem(s, other, first, NOON)),
    )
    assert set(outcomes) == {Redeemed.LINKED, Redeemed.SAME}
    joined = await database.read(lambda s: {people.person_of(s, first), people.person_of(s, second)})
    assert len(joined) == 1


async def test_guesses_that_come_at_once_are_counted_one_by_one(database: Database) -> None:
    identity, _ = await meet(database, "guesser")
    outcomes = await asyncio.gather(
        *(
            database.run(lambda s, n=number: linking.redeem(s, f"AAAA-AAA{n}", identity, NOON))
            for number in range(8)
        )
    )
    assert outcomes.count(Redeemed.WRONG) == tries.MOST_TRIES
    assert outcomes.count(Redeemed.TOO_MANY) == 8 - tries.MOST_TRIES
    later = NOON + tries.WITHIN
    assert await database.run(lambda s: linking.redeem(s, "AAAA-AAA9", identity, later)) is Redeemed.WRONG


async def test_what_is_asked_while_channels_are_joined_is_answered_and_kept(
    database: Database, dispatch: Dispatch
) -> None:
    """Each of those who write has another channel, on which the code is typed at the same moment."""
    chen = Guest(dispatch, "chen")
    await chen.say("你好")
    writers = [Guest(dispatch, f"writer {number}") for number in range(4)]
    questions = [writer.say("优才卡每年发多少张") for writer in writers for _ in range(4)]
    seats = [await meet(database, writer.address) for writer in writers]
    owner = (await meet(database, "chen"))[1]

    async def join(identity: int) -> Redeemed:
        code = await database.run(lambda s: linking.issue(s, owner, NOON))
        return await database.run(lambda s: linking.redeem(s, code, identity, NOON))

    async def join_all() -> list[Redeemed]:
        return [await join(identity) for identity, _ in seats]

    *answers, outcomes = await asyncio.gather(*questions, join_all())
    assert outcomes == [Redeemed.LINKED] * 4
    assert all("100张" in message.text for message in answers)
    asked = select(Question.person_id, func.count()).group_by(Question.person_id)
    assert await database.read(lambda s: [tuple(row) for row in s.execute(asked)]) == [(owner, 16)]


async def test_who_is_answered_at_the_moment_is_joined_after_that(database: Database) -> None:
    """What is written for them in that answer goes along, and finds its person still there."""
    (_, chen), (identity, _) = await meet(database, "chen"), await meet(database, "li")
    code = await database.run(lambda s: linking.issue(s, chen, NOON))
    answering, joined = threading.Event(), threading.Event()

    def subscribe(session: Session) -> None:
        stand = conversations.stand(session, Update("web", "li", "2", NOON))
        answering.set()
        joined.wait(0.3)  # who does not wait for the answer comes in between here
        row = {"person_id": stand.person_id, "topic": "news", "channel": "web", "given_at": NOON}
        session.execute(insert(table(Subscription)), row)

    async def join() -> Redeemed:
        await asyncio.to_thread(answering.wait, 5)
        outcome = await database.run(lambda s: linking.redeem(s, code, identity, NOON))
        joined.set()
        return outcome

    _, outcome = await asyncio.gather(database.run(subscribe), join())
    assert outcome is Redeemed.LINKED
    assert await database.read(lambda s: s.execute(select(Subscription.person_id)).scalar_one()) == chen


async def test_channels_that_part_from_each_other_at_once_leave_one_with_the_data(database: Database) -> None:
    (_, chen), (second, _) = await meet(database, "chen"), await meet(database, "li")
    code = await database.run(lambda s: linking.issue(s, chen, NOON))
    await database.run(lambda s: linking.redeem(s, code, second, NOON))
    ids = [link.identity_id for link in await database.read(lambda s: linking.links(s, chen))]
    parted = await asyncio.gather(
        *(database.run(lambda s, i=number: linking.unlink(s, chen, i, NOON)) for number in ids)
    )
    assert sorted(parted) == [False, True]
    assert len(await database.read(lambda s: linking.links(s, chen))) == 1


async def test_what_one_person_has_only_once_refuses_the_link_and_changes_nothing(database: Database) -> None:
    (_, chen), (identity, li) = await meet(database, "chen"), await meet(database, "li")
    await database.run(lambda s: hold_a_seat_each(s, chen, li))
    code = await database.run(lambda s: linking.issue(s, chen, NOON))
    for _ in range(2):
        outcome = await database.run(lambda s: linking.redeem(s, code, identity, NOON))
        assert outcome is Redeemed.CONFLICT, "and the code is still good"
    people = select(func.count()).select_from(Person)
    assert await database.read(lambda s: s.execute(people).scalar_one()) == 2


async def test_a_seat_that_is_held_at_the_moment_refuses_the_link_too(database: Database) -> None:
    (_, chen), (identity, li) = await meet(database, "chen"), await meet(database, "li")
    slot = await database.run(open_slot)
    await database.run(lambda s: hold_seat(s, slot, chen))
    code = await database.run(lambda s: linking.issue(s, chen, NOON))
    holding, refused = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        """As our own pages do it, outside of any dialogue."""
        hold_seat(session, slot, li)
        holding.set()
        refused.wait(0.3)

    async def join() -> Redeemed:
        await asyncio.to_thread(holding.wait, 5)
        outcome = await database.run(lambda s: linking.redeem(s, code, identity, NOON))
        refused.set()
        return outcome

    assert (await asyncio.gather(database.run(hold), join()))[1] is Redeemed.CONFLICT


def hold_a_seat_each(session: Session, *people: int) -> None:
    slot = open_slot(session)
    for person in people:
        hold_seat(session, slot, person)


def open_slot(session: Session) -> int:
    day = NOON.date()
    opening = {"nominal_on": day, "opens_on": day, "opens_at": NOON, "days": [], "unsettled": []}
    cycle = inserted(
        session.execute(insert(table(BookingCycle)), {**opening, "provisional": False, "drawn_from": ""})
    )
    seat = {"cycle_id": cycle, "service": "counter", "place": "1", "day": day, "capacity": 2}
    times = dict.fromkeys(("starts_at", "ends_at", "book_until", "change_until"), NOON)
    return inserted(session.execute(insert(table(Slot)), {**seat, **times}))


def hold_seat(session: Session, slot: int, person: int) -> None:
    row = {"person_id": person, "slot_id": slot, "tier": "silver", "kind": "first", "status": "live"}
    session.execute(insert(table(Hold)), {**row, "held_at": NOON, "expires_at": NOON})


async def test_what_both_have_and_means_the_same_becomes_one(database: Database) -> None:
    from db.people import PersonTag, Silence
    from services import joining, subscriptions

    owner, leaving = [
        await database.run(lambda s, a=a: conversations.stand(s, Update("web", a, "1", NOON)).person_id)
        for a in ("owner", "leaving")
    ]

    def work(session: Session) -> tuple[list[str], int]:
        for person, tags in ((owner, ("博士", "在站")), (leaving, ("博士", "企业"))):
            session.add_all([PersonTag(person_id=person, tag=tag) for tag in tags])
            subscriptions.stop(session, person, "web", NOON)
        session.flush()
        joining.join(session, leaving, owner, NOON)
        tags = select(PersonTag.tag).where(PersonTag.person_id == owner)
        return sorted(session.execute(tags).scalars()), len(session.execute(select(Silence)).all())

    assert await database.run(work) == (sorted(["博士", "在站", "企业"]), 1)
