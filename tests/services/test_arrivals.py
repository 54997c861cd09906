"""What the platform tells of a notice later stands in the ledger once, in whichever order the two come."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.delivery import Delivery, EarlyArrival
from db.people import Identity
from db.session import Database
from services import arrivals, delivery, outgoing
from services.arrivals import Arrival
from services.delivery import DeliveryStatus
from services.outgoing import Settled
from tests.cast import NOON
from tests.services.test_delivery import meet, person, take, tell

LATER = NOON + timedelta(minutes=1)


def written(session: Session, number: int, message_id: str = "200") -> None:
    outgoing.settle(session, "worker", [Settled(number, DeliveryStatus.SENT, "", message_id)], NOON)


def told(
    session: Session, arrival: Arrival = Arrival.BLOCKED, message_id: str = "200", address: str = "chen"
) -> None:
    arrivals.note(session, "wechat", address, message_id, arrival, LATER)


def ledger(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Delivery.status, Delivery.outcome).order_by(Delivery.id)).all()
    return [(row[0], row[1]) for row in rows]


def left(session: Session) -> bool:
    return session.execute(select(Identity.left_at)).scalar_one() is not None


def waiting(session: Session) -> int:
    return session.execute(select(func.count()).select_from(EarlyArrival)).scalar_one()


async def in_hand(database: Database, subject: str = "appointment:1") -> int:
    """The number of a notice that is on its way to Chen."""
    chen = await person(database, "wechat")
    await database.run(lambda s: tell(s, chen, subject))
    (claimed,) = await database.run(lambda s: take(s, "wechat"))
    return claimed.id


@pytest.mark.parametrize(
    ("arrival", "row", "gone"),
    [
        (Arrival.ARRIVED, ("sent", "arrived"), False),
        (Arrival.BLOCKED, ("failed", "blocked"), True),
        (Arrival.REFUSED, ("failed", "refused"), False),
    ],
)
@pytest.mark.parametrize("early", [False, True])
async def test_the_row_says_what_became_of_it(
    database: Database, arrival: Arrival, row: tuple[str, str], gone: bool, early: bool
) -> None:
    number = await in_hand(database)
    steps = [lambda s: written(s, number), lambda s: told(s, arrival)]
    for step in reversed(steps) if early else steps:
        await database.run(step)
    assert await database.read(ledger) == [row]
    assert await database.read(left) is gone
    assert await database.read(waiting) == 0


async def test_whichever_is_first_by_a_hair(database: Database) -> None:
    for round_ in range(15):
        number = await in_hand(database, f"appointment:{round_}")
        await asyncio.gather(
            database.run(lambda s, n=number, r=round_: written(s, n, f"{r}")),
            database.run(lambda s, r=round_: told(s, Arrival.REFUSED, f"{r}")),
        )
    assert await database.read(ledger) == [("failed", "refused")] * 15


async def test_the_first_word_counts_and_a_repeat_marks_nobody_as_gone_again(database: Database) -> None:
    number = await in_hand(database)
    await database.run(lambda s: written(s, number))
    await asyncio.gather(*(database.run(told) for _ in range(3)))
    await database.run(lambda s: s.execute(update(Identity).values(left_at=None)))  # back again
    for arrival in Arrival:
        await database.run(lambda s, arrival=arrival: told(s, arrival))
    assert await database.read(ledger) == [("failed", "blocked")]
    assert await database.read(left) is False


async def test_a_word_on_what_is_not_ours_changes_nothing(house: Database) -> None:
    number = await in_hand(house)
    await house.run(lambda s: written(s, number))
    await house.run(lambda s: meet(s, "wechat", "li"))
    await house.run(lambda s: told(s, message_id="201"))
    await house.run(lambda s: told(s, message_id="200", address="li"))
    await house.run(lambda s: told(s, message_id="200", address="nobody"))
    assert await house.read(ledger) == [("sent", "")]
    assert await house.read(waiting) == 0


async def test_an_early_word_on_another_message_stays_with_that_one_and_is_forgotten(house: Database) -> None:
    number = await in_hand(house)
    await house.run(lambda s: told(s, message_id="elsewhere"))
    await house.run(lambda s: written(s, number))
    assert await house.read(ledger) == [("sent", "")]
    assert await house.run(lambda s: arrivals.forget(s, LATER)) == 0
    assert await house.run(lambda s: arrivals.forget(s, LATER + timedelta(days=2))) == 1


async def test_what_a_killed_sender_left_stays_unconfirmed(house: Database) -> None:
    """Its id was lost with the sender: nobody can tell that the word is about it."""
    await in_hand(house)
    await house.run(told)
    await house.run(lambda s: outgoing.recover(s, "wechat", NOON))
    await house.run(told)
    assert await house.read(ledger) == [("unconfirmed", "interrupted")]


async def test_a_word_on_the_first_try_says_nothing_of_the_second(house: Database) -> None:
    number = await in_hand(house)
    await house.run(lambda s: written(s, number))
    await house.run(lambda s: told(s, Arrival.REFUSED))
    again = (DeliveryStatus.FAILED,)
    assert await house.run(lambda s: delivery.send_again(s, "remind", "appointment:1", again, NOON)) == 1
    await house.run(told)
    await house.run(lambda s: take(s, "wechat"))
    await house.run(told)
    await house.run(lambda s: written(s, number, "201"))
    assert await house.read(ledger) == [("sent", "")]
