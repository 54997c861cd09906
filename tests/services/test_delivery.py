"""A notice goes out once, to people who can be reached, while it is useful; its row tells what became of it."""

import asyncio
import threading
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.delivery import Delivery
from db.people import Identity
from db.session import Database
from services import conversations, delivery, outgoing
from services.delivery import DeliveryStatus
from services.messaging import Message, Update
from services.outgoing import Settled
from tests.cast import NOON

HOUR = timedelta(hours=1)


def meet(session: Session, channel: str, address: str) -> tuple[int, int]:
    stand = conversations.stand(session, Update(channel, address, "1", NOON))
    return stand.person_id, stand.identity_id


def tell(session: Session, person: int, subject: str = "appointment:1", **more: object) -> None:
    values = {"due_at": NOON, "useful_until": NOON + HOUR, "now": NOON, **more}
    delivery.announce(
        session,
        reason="remind",
        subject=subject,
        person_id=person,
        message=Message("明天见"),
        **values,  # type: ignore[arg-type]
    )


def statuses(session: Session) -> list[str]:
    return list(session.execute(select(Delivery.status).order_by(Delivery.id)).scalars())


def take(
    session: Session, channel: str = "telegram", limit: int = 10, now: object = NOON
) -> list[outgoing.Claimed]:
    return outgoing.claim(session, channel, now, limit, "worker")  # type: ignore[arg-type]


async def person(database: Database, *channels: str) -> int:
    """One person on all of them; the last is the one used last."""
    first, _ = await database.run(lambda s: meet(s, channels[0], "chen"))
    for minute, channel in enumerate(channels[1:], 1):

        def join(session: Session, channel: str = channel, minute: int = minute) -> None:
            _, identity = meet(session, channel, "chen")
            session.get_one(Identity, identity).person_id = first
            from db.conversation import Conversation

            session.get_one(Conversation, identity).changed_at = NOON + timedelta(minutes=minute)

        await database.run(join)
    return first


async def test_it_goes_to_the_channel_used_last_and_is_laid_down_on_the_web(house: Database) -> None:
    chen = await person(house, "web", "wechat", "telegram")
    await house.run(lambda s: tell(s, chen))
    rows = select(Delivery.channel).order_by(Delivery.channel)
    assert await house.read(lambda s: s.execute(rows).scalars().all()) == ["telegram", "web"]


async def test_the_same_again_changes_nothing(database: Database) -> None:
    chen = await person(database, "telegram")
    await asyncio.gather(*(database.run(lambda s: tell(s, chen)) for _ in range(10)))
    assert await database.read(statuses) == ["queued"]


async def test_the_same_again_after_they_turned_to_another_channel_changes_nothing(house: Database) -> None:
    chen = await person(house, "web", "telegram")
    await house.run(lambda s: tell(s, chen))

    def turn(session: Session) -> None:
        stand = conversations.stand(session, Update("wechat", "chen", "9", NOON + HOUR))
        session.get_one(Identity, stand.identity_id).person_id = chen

    await house.run(turn)
    await house.run(lambda s: tell(s, chen))
    rows = select(Delivery.channel).order_by(Delivery.channel)
    assert await house.read(lambda s: s.execute(rows).scalars().all()) == ["telegram", "web"]


async def test_what_is_claimed_is_in_one_hand_only(database: Database) -> None:
    for number in range(30):
        chen, _ = await database.run(lambda s, n=number: meet(s, "telegram", f"{n}"))
        await database.run(lambda s, chen=chen: tell(s, chen))
    hands = await asyncio.gather(*(database.run(lambda s: take(s, limit=7)) for _ in range(8)))
    ids = [one.id for hand in hands for one in hand]
    assert len(ids) == len(set(ids)) == 30


async def test_an_outcome_comes_once(house: Database) -> None:
    chen = await person(house, "telegram")
    await house.run(lambda s: tell(s, chen))
    (claimed,) = await house.run(take)
    assert (claimed.address, claimed.message.text) == ("chen", "明天见")
    await house.run(
        lambda s: outgoing.settle(s, "worker", [Settled(claimed.id, DeliveryStatus.SENT, "", "77")], NOON)
    )
    await house.run(
        lambda s: outgoing.settle(s, "worker", [Settled(claimed.id, DeliveryStatus.FAILED, "late")], NOON)
    )
    assert await house.read(statuses) == ["sent"]


async def test_an_outcome_that_comes_late_is_not_taken_for_that_of_another_call(database: Database) -> None:
    chen = await person(database, "telegram")
    await database.run(lambda s: tell(s, chen))
    (lost,) = await database.run(take)
    await database.run(lambda s: outgoing.recover(s, "telegram", NOON))
    unsure = (DeliveryStatus.UNCONFIRMED,)
    await database.run(lambda s: delivery.send_again(s, "remind", "appointment:1", unsure, NOON))
    (again,) = await database.run(lambda s: outgoing.claim(s, "telegram", NOON, 10, "another"))
    late = Settled(lost.id, DeliveryStatus.QUEUED, "busy", due_at=NOON)
    await database.run(lambda s: outgoing.settle(s, "worker", [late], NOON))
    assert await database.run(take) == [], "it is on the wire"
    sent = Settled(again.id, DeliveryStatus.SENT)
    await database.run(lambda s: outgoing.settle(s, "another", [sent], NOON))
    assert await database.read(statuses) == ["sent"]


async def test_what_comes_too_late_expires_and_is_never_sent(house: Database) -> None:
    chen = await person(house, "telegram")
    await house.run(lambda s: tell(s, chen))
    assert await house.run(lambda s: take(s, now=NOON + 2 * HOUR)) == []
    assert await house.read(statuses) == ["expired"]


async def test_it_waits_until_it_is_due_and_until_the_morning(house: Database) -> None:
    chen = await person(house, "telegram")
    await house.run(lambda s: tell(s, chen, due_at=NOON + timedelta(minutes=30)))
    assert await house.run(take) == []
    later = NOON + timedelta(minutes=31)
    assert await house.run(lambda s: outgoing.claim(s, "telegram", later, 5, "w", quiet=True)) == []
    assert len(await house.run(lambda s: outgoing.claim(s, "telegram", later, 5, "w"))) == 1


async def test_who_has_left_is_skipped(house: Database) -> None:
    chen = await person(house, "telegram")
    await house.run(lambda s: tell(s, chen))
    identity = await house.read(lambda s: s.execute(select(Identity.id)).scalar_one())
    await house.run(lambda s: outgoing.mark_left(s, identity, NOON))
    assert await house.run(take) == []
    assert await house.read(statuses) == ["skipped"]
    await house.run(lambda s: tell(s, chen, "appointment:2"))
    assert await house.read(statuses) == ["skipped"], "nobody left to announce it to"


async def test_what_a_dead_sender_had_in_hand_is_unconfirmed_until_staff_say_so(house: Database) -> None:
    chen = await person(house, "telegram")
    await house.run(lambda s: tell(s, chen))
    await house.run(take)
    assert await house.run(lambda s: outgoing.recover(s, "telegram", NOON)) == 1
    assert await house.run(take) == []
    again = (DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED)
    assert await house.run(lambda s: delivery.send_again(s, "remind", "appointment:1", again, NOON)) == 1
    assert len(await house.run(take)) == 1


async def test_a_claim_that_is_committed_after_its_senders_death_is_found_all_the_same(
    database: Database,
) -> None:
    chen = await person(database, "telegram")
    await database.run(lambda s: tell(s, chen))
    claimed, commit = threading.Event(), threading.Event()

    def last_claim(session: Session) -> None:
        take(session)
        claimed.set()
        commit.wait(10)

    claiming = asyncio.create_task(database.run(last_claim))
    await asyncio.to_thread(claimed.wait, 10)
    recovering = asyncio.create_task(database.run(lambda s: outgoing.recover(s, "telegram", NOON)))
    await asyncio.wait([recovering], timeout=0.3)
    commit.set()
    await claiming
    assert await recovering == 1
    assert await database.read(statuses) == ["unconfirmed"]


async def test_withdrawn_ones_never_go(house: Database) -> None:
    chen = await person(house, "telegram")
    await house.run(lambda s: tell(s, chen))
    await house.run(lambda s: delivery.withdraw(s, "remind", "appointment:1", NOON))
    assert await house.run(take) == []
    counted = await house.read(lambda s: delivery.counts(s, "remind", "appointment:1"))
    assert (counted["skipped"], sum(counted.values())) == (1, 1)
