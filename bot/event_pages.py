"""The public pages of events: what is ahead, one of them with its poster, a feed for calendars, checking in.

Nothing of anybody is shown here; whoever signs up or checks in goes on in the chat.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.web import pages, static_version
from db.events import Event
from db.session import Database
from handlers.turn import Desk
from services import checkins, events
from services.event_files import calendar_file, feed
from services.event_notices import when_of
from services.event_terms import EventRefused, EventStatus
from services.spoken import spoken_moment
from services.subscriptions import topic

T = TypeVar("T")
_KEPT = "public, max-age=60"  # seconds that a change takes to be seen


class EventPages:
    def __init__(self, database: Database, desk: Desk, clock: Callable[[], datetime]):
        self._database, self._desk, self._clock = database, desk, clock
        self._pages, self._version = pages(), static_version()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/events", self.all),
            web.get("/events.ics", self.feed),
            web.get(r"/events/{number:\d{1,15}}", self.one),
            web.get(r"/events/{number:\d{1,15}}/poster", self.poster),
            web.get(r"/events/{number:\d{1,15}}/calendar.ics", self.calendar),
            web.get(r"/scan/checkin-{number:\d{1,15}}-{code:\d{6}}", self.door),
        ]

    async def all(self, _: web.Request) -> web.Response:
        now = self._clock()
        ahead = await self._database.read(lambda session: events.upcoming(session, now))
        return self._page("events", ahead=[self._shown(one) for one in ahead])

    async def one(self, request: web.Request) -> web.Response:
        return self._page("event", one=self._shown(await self._event(request)))

    async def poster(self, request: web.Request) -> web.Response:
        poster = await self._seen(
            request, lambda session, number: events.poster_of(events.public(session, number))
        )
        if poster is None:
            raise Refused(404, "no_file")
        return _file(poster.content, poster.type)

    async def calendar(self, request: web.Request) -> web.Response:
        event = await self._event(request)
        return _file(calendar_file(self._desk.events, event, self._clock()).content, "text/calendar")

    async def feed(self, _: web.Request) -> web.Response:
        now = self._clock()
        found = await self._database.read(lambda session: events.for_calendars(session, now))
        return _file(feed(self._desk.events, found, now), "text/calendar")

    async def door(self, request: web.Request) -> web.Response:
        """What a camera opens. While the door is open: one tap to check in here, and how to do it in another chat.

        Whether the code is right is told in the chat only, where tries are counted.
        """
        event, code = await self._event(request), request.match_info["code"]
        payload = f"checkin-{event.id}-{code}"
        door = checkins.door_of(self._desk.events, event, self._clock())
        return self._page("door", one=self._shown(event), code=code, payload=payload, door=door)

    async def _event(self, request: web.Request) -> Event:
        return await self._seen(request, events.public)

    async def _seen(self, request: web.Request, look: Callable[[Session, int], T]) -> T:
        number = int(request.match_info["number"])
        try:
            return await self._database.read(lambda session: look(session, number))
        except EventRefused as refused:
            raise Refused(404, "no_such_page") from refused

    def _shown(self, event: Event) -> dict[str, Any]:
        over = event.status != EventStatus.PUBLISHED or event.ends_at <= self._clock()
        return {
            "id": event.id,
            "series": topic(event.series).label,
            "title": event.title,
            "text": event.text,
            "when": when_of(self._desk.events, event),
            "begins": event.starts_at.isoformat(),
            "place": event.place,
            "map_url": event.map_url,
            "audience": event.audience,
            "until": spoken_moment(event.sign_up_until, self._desk.zone),
            "left": event.capacity - event.taken,
            "closed": event.sign_up_until <= self._clock(),
            "over": over and event.status != EventStatus.CANCELLED,
            "cancelled": event.status == EventStatus.CANCELLED,
            "poster": bool(event.poster_type),
        }

    def _page(self, name: str, **values: Any) -> web.Response:
        text = self._pages.get_template(f"web/{name}.html").render(
            office=self._desk.office, version=self._version, **values
        )
        response = web.Response(text=text, content_type="text/html")
        response.headers["Cache-Control"] = _KEPT
        return response


def _file(content: bytes, kind: str) -> web.Response:
    response = web.Response(body=content, headers={"Content-Type": kind, "Cache-Control": _KEPT})
    if kind == "text/calendar":
        response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    return response
