"""The sender of one channel: claims what is due, keeps its pace, and writes every outcome down.

The one place that opens transactions beside dispatch and the ticks: none may stay open while a message is on the wire.
`sending` is written before the call, the outcome after it; until then the call counts as in the air. What a killed
sender leaves between is found by the next one and told as unconfirmed; it is never sent again by itself, since no
platform tells a repeat from a first time.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from bot.election import Seat
from bot.pace import Pace
from db.session import Database, Unavailable
from services import outgoing
from services.delivery import DeliveryStatus
from services.failing import Failing
from services.messaging import Channel, DeliveryError
from services.outgoing import Claimed, Settled
from services.quiet_hours import QuietHours

IN_THE_AIR = 50  # calls at once, those whose outcome is not written yet among them
_AHEAD = 0.1  # seconds for which rows are claimed ahead: a pause, or a crash, meets no more than these
_IDLE = 0.5  # seconds between looks when nothing is due
_GATHER = 0.005  # seconds for outcomes to come together in one transaction
_PATIENCE = 30.0  # seconds that an end waits for what is in the air
_AGAIN = timedelta(seconds=20)  # doubled with each try
_LONGEST = timedelta(hours=1)
_NO_WAY = frozenset({"window_over", "quota", "no_route"})  # nothing to try again now: the channel's own rules

Halt = Callable[[Session, str, str, str, datetime], object]  # reason, subject, the failure's word

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Manners:
    """How a channel is sent to."""

    max_attempts: int = 6
    quiet: QuietHours | None = None
    rests: Callable[[Session, date], bool] = lambda session, day: False  # no broadcast on such a day
    halt_percent: int = 100  # of a broadcast that may fail before it stops and staff are told
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def quiet_at(self, now: datetime) -> bool:
        return self.quiet is not None and self.quiet.at(now)

    def rests_at(self, session: Session, now: datetime) -> bool:
        return self.rests(session, now.astimezone(self.zone).date())


@dataclass(frozen=True, slots=True)
class Landed:
    """A call that is over, until its outcome is written."""

    claimed: Claimed
    outcome: Settled
    stops: str  # why its broadcast goes no further, else ''
    written: "asyncio.Future[None]"


class Sender:
    """Runs in every worker; only the one that holds the channel's seat sends."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        manners: Manners,
        pace: Pace,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        settled: Callable[[str, Settled], None] = lambda channel, outcome: None,
        halt: Halt = lambda session, reason, subject, failure, now: None,
    ):
        self._database, self._channel, self._manners, self._pace = database, channel, manners, pace
        self._clock, self._told, self._halt = clock, settled, halt
        self._failing = Failing(manners.halt_percent)
        self._name = f"{channel.name}-{uuid4().hex[:12]}"
        self._seat = Seat(database, f"sender of {channel.name}")
        self._tidy = False  # whether all that is in hand is in ours
        self._air = asyncio.Semaphore(IN_THE_AIR)
        self._flying: set[asyncio.Task[None]] = set()
        self._outcomes: list[Landed] = []
        self._some_landed = asyncio.Event()
        self._paused_until = datetime.min.replace(tzinfo=UTC)
        self._ending = asyncio.Event()

    async def __aenter__(self) -> "Sender":
        self._running = [asyncio.create_task(self._run()), asyncio.create_task(self._write_down())]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing new is claimed; what is in the air lands and is written down."""
        self._ending.set()
        sending, writing = self._running
        await sending
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await self._seat.give_up()

    async def _run(self) -> None:
        while not self._ending.is_set():
            try:
                if await self._seat.take():
                    self._tidy = False
                if not self._seat.held or not await self._tidied() or not await self._send_some():
                    await self._rest()
            except Unavailable as error:
                log.warning("deliveries wait for the database", channel=self._channel.name, error=str(error))
                self._tidy = False  # a claim may have been committed all the same
                await self._rest()
            except Exception:
                log.exception("a sender stumbled", channel=self._channel.name)
                self._tidy = False
                await self._rest()
        if self._flying:
            await asyncio.wait(self._flying, timeout=_PATIENCE)

    async def _tidied(self) -> bool:
        """What is in nobody's hand, left by the sender before or claimed in vain, is told as such: once ours landed."""
        if not self._tidy and not self._flying:
            left = await self._database.run(
                lambda session: outgoing.recover(session, self._channel.name, self._clock())
            )
            self._tidy = True
            if left:
                log.warning("deliveries are unconfirmed", channel=self._channel.name, number=left)
        return self._tidy

    async def _send_some(self) -> bool:
        """False: nothing to send now."""
        await self._pace.near(_AHEAD)
        await self._air.acquire()
        self._air.release()  # there is room for at least one
        if self._clock() < self._paused_until:
            return False
        room = max(1, self._pace.room(_AHEAD, IN_THE_AIR - len(self._flying)))
        claimed = await self._database.run(partial(self._claim, now=self._clock(), limit=room))
        for one in claimed:
            await self._air.acquire()
            flight = asyncio.create_task(self._send(one))
            self._flying.add(flight)
            flight.add_done_callback(self._land)
        await asyncio.sleep(0)  # now they stand in line for their turns
        return bool(claimed)

    def _claim(self, session: Session, now: datetime, limit: int) -> list[Claimed]:
        quiet, resting = self._manners.quiet_at(now), self._manners.rests_at(session, now)
        return outgoing.claim(
            session, self._channel.name, now, limit, self._name, quiet=quiet, resting=resting
        )

    def _land(self, flight: "asyncio.Task[None]") -> None:
        self._flying.discard(flight)
        self._air.release()

    async def _send(self, one: Claimed) -> None:
        try:
            sent = await self._channel.send(one.address, one.message, bulk=one.bulk)
        except DeliveryError as error:
            outcome = self._after(one, error)
            if error.reason == "blocked":
                await self._mark_left(one)
        except Exception:
            log.exception("a delivery failed in a way nobody expected", channel=self._channel.name)
            outcome = Settled(one.id, DeliveryStatus.UNCONFIRMED, "fault", attempts=one.attempts + 1)
        else:
            outcome = Settled(one.id, DeliveryStatus.SENT, "", sent.message_id, attempts=one.attempts + 1)
        stops = self._failing.after(one, outcome)
        landed = Landed(one, outcome, stops, asyncio.get_running_loop().create_future())
        self._outcomes.append(landed)
        self._some_landed.set()
        await landed.written

    def _after(self, one: Claimed, error: DeliveryError) -> Settled:
        tried = one.attempts + 1
        if error.reason in _NO_WAY:
            return Settled(one.id, DeliveryStatus.SKIPPED, error.reason, attempts=tried)
        if error.permanent:
            return Settled(one.id, DeliveryStatus.FAILED, error.reason, attempts=tried)
        if error.perhaps:
            return Settled(one.id, DeliveryStatus.UNCONFIRMED, error.reason, attempts=tried)
        if error.retry_at is not None:  # asked to wait: the whole lane does, and this try does not count
            self._paused_until = max(self._paused_until, error.retry_at)
            return self._queued(one, error, error.retry_at, one.attempts)
        if tried >= self._manners.max_attempts:
            return Settled(one.id, DeliveryStatus.FAILED, error.reason, attempts=tried)
        wait = min(_LONGEST, _AGAIN * 2**one.attempts)
        return self._queued(one, error, self._clock() + wait, tried)

    def _queued(self, one: Claimed, error: DeliveryError, due_at: datetime, attempts: int) -> Settled:
        return Settled(one.id, DeliveryStatus.QUEUED, error.reason, due_at=due_at, attempts=attempts)

    async def _mark_left(self, one: Claimed) -> None:
        with suppress(Unavailable):
            await self._database.run(
                lambda session: outgoing.mark_left(session, one.identity_id, self._clock())
            )

    async def _write_down(self) -> None:
        while True:
            await self._some_landed.wait()
            if len(self._outcomes) < len(self._flying):  # of what is in the air, more may land any moment
                await asyncio.sleep(_GATHER)
            self._some_landed.clear()
            await self._flush()

    async def _flush(self) -> None:
        """An outcome is kept until it is written: while the database is away, it waits here."""
        landed, self._outcomes = self._outcomes, []
        try:
            await self._database.run(partial(self._settle, landed))
        except Exception as error:
            if not isinstance(error, Unavailable):
                log.exception("outcomes could not be written", channel=self._channel.name)
            self._outcomes = landed + self._outcomes
            self._some_landed.set()
            await asyncio.sleep(_IDLE)
        else:
            for one in landed:
                one.written.set_result(None)
                self._told(self._channel.name, one.outcome)

    def _settle(self, landed: list[Landed], session: Session) -> None:
        now = self._clock()
        outgoing.settle(session, self._name, (one.outcome for one in landed), now)
        for one in landed:
            if one.stops:
                self._halt(session, one.claimed.reason, one.claimed.subject, one.stops, now)

    async def _rest(self) -> None:
        """A pause is over to the moment; whatever else may have come is looked for now and then."""
        pause = (self._paused_until - self._clock()).total_seconds()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), min(_IDLE, pause) if pause > 0 else _IDLE)
        self._pace.rested()
