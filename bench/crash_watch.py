"""A process that looks at the database all the time: how far the newest campaign is, and whether one ends too early."""

import asyncio
import ctypes
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import RawValue
from typing import Any

from delivery_house import House
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bot.channels.telegram_updates import CHANNEL
from db.campaigns import Campaign
from db.delivery import Delivery
from services.campaign_terms import REASON, CampaignStatus
from services.delivery import OPEN, of

STAGES = ("waiting", "expanding", "sending", "finishing", "finished")
_PAUSE = 0.005  # seconds between looks


class Seen(ctypes.Structure):
    """Shared with whoever started the watch; all but the looks is of the newest campaign."""

    _fields_ = (
        ("looks", ctypes.c_long),
        ("finished_too_early", ctypes.c_long),  # looks at which it was finished and had an open row
        ("campaign", ctypes.c_long),
        ("stage", ctypes.c_long),
        ("rows", ctypes.c_long),
    )


@contextmanager
def watch(house: House) -> Iterator[Any]:
    seen: Any = RawValue(Seen)
    process = multiprocessing.Process(target=_watch, args=(house, seen), daemon=True)
    process.start()
    try:
        yield seen
        if not process.is_alive():
            raise SystemExit("nobody watched to the end")
    finally:
        process.kill()
        process.join()


def _watch(house: House, seen: Any) -> None:
    asyncio.run(_look_on(house, seen))


async def _look_on(house: House, seen: Any) -> None:
    with house.opened() as database:
        while True:
            await database.read(lambda session: _look(session, seen))
            await asyncio.sleep(_PAUSE)


def _look(session: Session, seen: Any) -> None:
    newest = session.execute(select(func.max(Campaign.id))).scalar()
    if newest is None:
        return
    one = session.execute(_state(newest)).one()
    seen.rows, seen.stage, seen.campaign = one.rows, STAGES.index(_stage(one)), newest
    seen.finished_too_early += one.status == CampaignStatus.FINISHED and one.is_open
    seen.looks += 1


def _state(campaign: int) -> Any:
    """In one statement: what it compares stood side by side."""
    theirs = (of(REASON, str(campaign)), Delivery.channel == CHANNEL)
    written = select(func.count()).select_from(Delivery).where(*theirs).scalar_subquery()
    waits = exists().where(*theirs, Delivery.status.in_([status.value for status in OPEN]))
    columns = (Campaign.status, Campaign.started_at, Campaign.expanded_to)
    found = select(*columns, written.label("rows"), waits.label("is_open"))
    return found.where(Campaign.id == campaign)


def _stage(one: Any) -> str:
    if one.status == CampaignStatus.FINISHED:
        return "finished"
    if one.started_at is None:
        return "waiting"
    if one.expanded_to is not None:
        return "expanding"
    return "sending" if one.is_open else "finishing"
