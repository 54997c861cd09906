"""A process that looks at the database all the time: how far the newest campaign is, and whether one ends too early."""

import asyncio
import ctypes
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import RawValue
from typing import Any

from delivery_house import House
from sqlalchemy import Select, String, cast, exists, func, select
from sqlalchemy.orm import Session

from bot.channels.telegram_updates import CHANNEL
from db.campaigns import Campaign
from db.delivery import Delivery
from services.campaign_terms import REASON, CampaignStatus
from services.delivery import OPEN

STAGES = ("waiting", "expanding", "sending", "finishing", "finished")
_PAUSE = 0.005  # seconds between looks

_theirs = (
    Delivery.reason == REASON,
    Delivery.subject == cast(Campaign.id, String),
    Delivery.channel == CHANNEL,
)
_open = (*_theirs, Delivery.status.in_([status.value for status in OPEN]))


class Seen(ctypes.Structure):
    """Shared with whoever started the watch; `campaign`, `stage` and `rows` are the newest one's."""

    _fields_ = (
        ("looks", ctypes.c_long),
        ("finished_too_early", ctypes.c_long),  # looks at which a finished campaign had an open row
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
    """One statement each, so that whatever it compares stood side by side."""
    seen.finished_too_early += session.execute(_too_early()).scalar_one()
    newest = session.execute(_newest()).one_or_none()
    if newest is not None:
        seen.rows, seen.stage, seen.campaign = newest.rows, STAGES.index(_stage(newest)), newest.id
    seen.looks += 1


def _too_early() -> Select[int]:
    finished = Campaign.status == CampaignStatus.FINISHED
    return select(func.count()).select_from(Campaign).where(finished, exists().where(*_open))


def _newest() -> Any:
    written = select(func.count()).select_from(Delivery).where(*_theirs).scalar_subquery()
    columns = (Campaign.id, Campaign.status, Campaign.started_at, Campaign.expanded_to)
    found = select(*columns, written.label("rows"), exists().where(*_open).label("is_open"))
    return found.order_by(Campaign.id.desc()).limit(1)


def _stage(newest: Any) -> str:
    if newest.status == CampaignStatus.FINISHED:
        return "finished"
    if newest.started_at is None:
        return "waiting"
    if newest.expanded_to is not None:
        return "expanding"
    return "sending" if newest.is_open else "finishing"
