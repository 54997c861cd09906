"""The tick that changes messages of `看进度` in place, on channels that can; no delivery, and in nobody's way."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from db.session import Database
from handlers.staff_watching import progress_card
from handlers.turn import Desk
from services import campaign_reports, campaign_watching, campaigns
from services.campaign_terms import STARTED
from services.campaign_watching import Watched
from services.messaging import Channel, DeliveryError, EditingChannel, Message

log = structlog.get_logger(__name__)


class Watching:
    def __init__(self, database: Database, channels: Mapping[str, Channel], desk: Desk):
        """`channels` may still fill up."""
        self._database, self._channels, self._desk = database, channels, desk
        self._shown: dict[int, str] = {}  # what each message says now: it is not said again

    async def tick(self, now: datetime) -> None:
        able = [name for name, one in self._channels.items() if isinstance(one, EditingChannel)]
        if not able or not await self._database.read(
            lambda session: campaign_watching.some_due(session, able, now)
        ):
            return
        due = await self._database.run(lambda session: campaign_watching.claim(session, able, now))
        await asyncio.gather(*(self._change(one, now) for one in due))

    async def _change(self, one: Watched, now: datetime) -> None:
        message, ends = await self._database.read(partial(self._card, one, now))
        channel = self._channels[one.channel]
        assert isinstance(channel, EditingChannel)
        try:
            if self._shown.get(one.id) != message.text:
                await channel.edit(one.address, one.message_id, message)
                self._shown[one.id] = message.text
        except DeliveryError as error:
            if error.permanent:
                ends = True
            elif error.retry_at is not None:
                until = error.retry_at
                await self._database.run(lambda s: campaign_watching.put_off(s, one.id, until))
                return
            else:
                return  # in a moment again
        except Exception:
            log.exception("a message could not be changed", channel=one.channel)
            ends = True
        if ends:
            self._shown.pop(one.id, None)
            await self._database.run(lambda session: campaign_watching.end(session, one.id))

    def _card(self, one: Watched, now: datetime, session: Session) -> tuple[Message, bool]:
        campaign = campaigns.find(session, one.campaign_id)
        ends = one.ends or campaign.status not in STARTED
        going = campaign_reports.progress(session, campaign.id, now)
        return progress_card(self._desk, campaign, going, now, follows=not ends), ends
