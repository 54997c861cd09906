"""The sender keeps its pace, obeys pauses, tells every outcome, and finishes what is in the air."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.delivering import Manners, Sender
from bot.pace import Pace, Paced
from db.delivery import Delivery
from db.people import Identity
from db.session import Database, Unavailable
from services import conversations, delivery, quiet_hours
from services.messaging import Abilities, DeliveryError, Message, Sent, Update
from tests.cast import NOON
from tests.services.campaigns.public import Public

MANNERS = Manners()


def sender(
    database: Database,
    peer: "Peer",
    manners: Manners = MANNERS,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    *,
    rate: float = 100_000,
) -> Sender:
    pace = Pace(rate)
    return Sender(database, Paced(peer, pace), manners, pace, clock)


class Peer:
    """A channel that keeps what it is told and fails on demand."""

    name = "telegram"
    abilities = Abilities()

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fail: Callable[[str, int], Exception | None] = lambda address, times: None
        self.hold: asyncio.Event | None = None
        self._called = asyncio.Condition()

    async def called(self, times: int) -> None:
        async with self._called:
            await asyncio.wait_for(self._called.wait_for(lambda: len(self.calls) >= times), 20)

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        async with self._called:
            self.calls.append(address)
            self._called.notify_all()
        if self.hold:
            await self.hold.wait()
        error = self.fail(address, self.calls.count(address))
        if error:
            raise error
        return Sent(f"m{len(self.calls)}")


async def announce(database: Database, people: int) -> None:
    def work(session: object, number: int) -> None:
        stand = conversations.stand(session, Update("telegram", f"{number}", "1", NOON))  # type: ignore[arg-type]
        delivery.announce(
            session,  # type: ignore[arg-type]
            reason="news",
            subject="1",
            person_id=stand.person_id,
            message=Message("通知"),
            due_at=NOON,
            useful_until=None,
            now=NOON,
        )

    for number in range(people):
        await database.run(lambda session, number=number: work(session, number))


async def settled(database: Database) -> dict[str, int]:
    for _ in range(400):
        counted = await database.read(lambda s: delivery.counts(s, "news", "1"))
        if counted["queued"] + counted["sending"] == 0:
            return {status: number for status, number in counted.items() if number}
        await asyncio.sleep(0.05)
    raise AssertionError(counted)


async def test_everybody_is_told_once(database: Database) -> None:
    await announce(database, 60)
    peer = Peer()
    async with sender(database, peer):
        assert await settled(database) == {"sent": 60}
    assert sorted(peer.calls, key=int) == [str(number) for number in range(60)]


async def test_three_workers_tell_everybody_once_together(database: Database) -> None:
    await announce(database, 60)
    peer = Peer()
    async with sender(database, peer), sender(database, peer), sender(database, peer):
        assert await settled(database) == {"sent": 60}
    assert len(peer.calls) == len(set(peer.calls)) == 60


ERRORS = {
    "0": (lambda times: DeliveryError("blocked", permanent=True), ("failed", "blocked")),
    "1": (lambda times: DeliveryError("refused", permanent=True), ("failed", "refused")),
    "2": (lambda times: DeliveryError("window_over", permanent=False), ("skipped", "window_over")),
    "3": (lambda times: DeliveryError("timeout", permanent=False), ("unconfirmed", "timeout")),
    "4": (lambda times: DeliveryError("garbage", permanent=False), ("unconfirmed", "garbage")),
    "5": (lambda times: KeyError("a fault of ours"), ("unconfirmed", "fault")),
    "6": (lambda times: DeliveryError("network", permanent=False), ("failed", "network")),
    "7": (lambda times: None, ("sent", "")),
}


async def test_every_refusal_ends_in_its_own_state(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivering._AGAIN", timedelta(0))
    await announce(house, 8)
    peer = Peer()
    peer.fail = lambda address, times: ERRORS[address][0](times)
    with capture_logs():
        async with sender(house, peer, Manners(max_attempts=3)):
            await settled(house)
    rows = select(Delivery.status, Delivery.outcome).order_by(Delivery.id)
    found = await house.read(lambda s: [tuple(row) for row in s.execute(rows).all()])
    assert found == [expected for _, expected in ERRORS.values()]
    assert peer.calls.count("6") == 3
    left = select(Identity.left_at).order_by(Identity.id)
    assert [at is not None for at in await house.read(lambda s: s.execute(left).scalars().all())] == [
        True,
        *[False] * 7,
    ]


async def test_a_pause_asked_for_is_the_whole_lanes_and_costs_no_try(house: Database) -> None:
    now = [NOON]
    await announce(house, 3)
    peer = Peer()
    resume = NOON + timedelta(seconds=30)
    peer.fail = lambda address, times: (
        DeliveryError("busy", permanent=False, retry_at=resume) if now[0] < resume else None
    )
    async with sender(house, peer, Manners(max_attempts=1), lambda: now[0], rate=1):
        await peer.called(1)
        await asyncio.sleep(1.2)
        assert len(peer.calls) == 1, "nobody else was asked meanwhile"
        now[0] = resume + timedelta(seconds=1)
        assert await settled(house) == {"sent": 3}


async def test_no_more_is_claimed_than_has_its_turn_soon(house: Database) -> None:
    """A pause, a night that begins or a kill meets no more than that."""
    await announce(house, 10)
    peer = Peer()
    async with sender(house, peer, rate=4):
        for times in range(1, 4):
            await peer.called(times)
            counted = await house.read(lambda s: delivery.counts(s, "news", "1"))
            assert counted["queued"] >= 10 - times - 1
            assert len(peer.calls) == times


async def test_what_is_in_the_air_lands_before_the_end(house: Database) -> None:
    await announce(house, 10)
    peer = Peer()
    peer.hold = asyncio.Event()
    running = sender(house, peer)
    await running.__aenter__()
    await peer.called(10)
    ending = asyncio.create_task(running.__aexit__())
    await asyncio.sleep(0.1)
    assert not ending.done()
    peer.hold.set()
    await ending
    assert await settled(house) == {"sent": 10}


async def test_the_night_is_quiet_and_the_morning_catches_up(house: Database) -> None:
    night = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 23:00 in 江门
    now = [night]
    await announce(house, 2)
    peer = Peer()
    manners = Manners(quiet=quiet_hours.NIGHT)
    async with sender(house, peer, manners, lambda: now[0]):
        await asyncio.sleep(0.3)
        assert peer.calls == []
        now[0] = night + timedelta(hours=9, minutes=1)
        assert await settled(house) == {"sent": 2}


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"), [(21, 59, False), (22, 0, True), (3, 0, True), (7, 59, True), (8, 0, False)]
)
def test_the_border_of_the_night_is_exact(hour: int, minute: int, quiet: bool) -> None:
    local = datetime(2026, 11, 24, hour, minute, tzinfo=timezone_of_jiangmen())
    assert Manners(quiet=quiet_hours.NIGHT).quiet_at(local.astimezone(UTC)) is quiet


def timezone_of_jiangmen() -> object:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Asia/Shanghai")


async def test_a_sender_that_dies_leaves_its_seat_and_what_it_had_in_hand_is_told(
    postgres_url: str, vault: object
) -> None:
    from sqlalchemy import create_engine, text

    database = Database(postgres_url, vault)  # type: ignore[arg-type]
    await announce(database, 3)
    peer = Peer()
    peer.hold = asyncio.Event()
    first, second = sender(database, peer), sender(database, peer)
    await first.__aenter__()
    await peer.called(3)
    killer = create_engine(postgres_url)
    with killer.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' "
                "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
    killer.dispose()
    await second.__aenter__()
    for _ in range(100):
        counted = await database.read(lambda s: delivery.counts(s, "news", "1"))
        if counted["unconfirmed"] == 3:
            break
        await asyncio.sleep(0.1)
    assert counted["unconfirmed"] == 3
    peer.hold.set()
    await asyncio.gather(first.__aexit__(), second.__aexit__())
    assert len(peer.calls) == 3, "never told twice"
    await database.close()


async def test_a_broadcast_is_halted_though_the_database_was_away_at_that_moment(house: Database) -> None:
    public = Public(house)
    public.people(24)
    public.approved()
    public.tick()
    halts: list[str] = []

    def halt(session: object, reason: str, subject: str, failure: str, now: datetime) -> None:
        halts.append(failure)
        if len(halts) == 1:
            raise Unavailable("disk full")

    peer = Peer()
    peer.fail = lambda address, times: DeliveryError("refused", permanent=True)
    pace = Pace(200)
    clock = lambda: NOON  # noqa: E731
    async with Sender(house, Paced(peer, pace), Manners(halt_percent=50), pace, clock, halt=halt):
        for _ in range(100):
            if public.counts(1) == {"failed": 24}:
                break
            await asyncio.sleep(0.05)
    assert public.counts(1) == {"failed": 24}
    assert halts == ["refused", "refused"]
