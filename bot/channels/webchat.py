"""The built-in web chat: a page, one address to post to, a stream of later messages. Parses, dispatches, renders."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.webcookie import Cookie, new_address
from bot.channels.webshapes import (
    check_site,
    exchange_name,
    file_of,
    file_response,
    json_response,
    payload_in,
    shown,
    turn,
    update_in,
)
from bot.channels.webstream import Streams
from bot.errors import Refused
from bot.limits import RateLimit
from db.session import Database
from db.vault import random_bytes
from services import chatlog
from services.messaging import Abilities, DeliveryError, Message, Reply, Sent, Update, UpdateKind
from services.people import identity_at


@dataclass(frozen=True, slots=True)
class WebChatLimits:
    text: int = 2_000  # characters of one message
    per_person_minute: int = 60
    per_address_minute: int = 600


class WebChat:
    """Channel `web`. Who somebody is stands in a signed cookie; nothing else is asked."""

    name = "web"
    abilities = Abilities(buttons=True, edits=True, files=True, personal_details=True)

    def __init__(
        self,
        database: Database,
        dispatch: Callable[[Update], Awaitable[Reply]],
        page: bytes,
        cookie: Cookie,
        limits: WebChatLimits,
        caller: Callable[[web.Request], str],
    ):
        self._database, self._dispatch, self._page, self._cookie = database, dispatch, page, cookie
        self._limits, self._caller = limits, caller
        self._by_person = RateLimit(limits.per_person_minute)
        self._by_address = RateLimit(limits.per_address_minute)
        self.streams = Streams(database)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            web.post("/chat/messages", self.messages),
            web.get("/chat/history", self.history),
            web.get("/chat/events", self.events),
            web.get("/chat/files/{exchange}/{number}", self.file),
            web.post("/scan/{payload}", self.enter),
        ]

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        """Lays the message down and wakes the page, if it is open. Raises DeliveryError."""
        now = datetime.now(UTC)
        number = await self._database.run(lambda s: chatlog.push(s, self.name, address, message, now))
        if number is None:
            raise DeliveryError("unknown", permanent=True)
        self.streams.look()
        return Sent(str(number))

    async def page(self, request: web.Request) -> web.Response:
        response = web.Response(body=self._page, content_type="text/html", charset="utf-8")
        response.headers["Cache-Control"] = "no-cache"
        if self._cookie.address(request) is None:
            self._cookie.give(response, new_address())
        return response

    async def messages(self, request: web.Request) -> web.Response:
        known = self._cookie.address(request)
        address = known or new_address()
        self._pace(request, known)
        update = await update_in(request, self.name, address, self._limits.text, datetime.now(UTC))
        reply = await self._dispatch(update)
        response = json_response({"messages": shown(reply.messages, update.update_id)})
        if known is None:
            self._cookie.give(response, address)
        return response

    async def enter(self, request: web.Request) -> web.Response:
        """Somebody scanned a picture, or followed a link on our pages: the chat goes on from there."""
        return await self.say_for(request, UpdateKind.SCAN, payload_in(request))

    async def say_for(self, request: web.Request, kind: UpdateKind, text: str) -> web.Response:
        """What a page of ours says for whoever sits there; the answer is read in the chat, to which it leads."""
        check_site(request)
        known = self._cookie.address(request)
        address = known or new_address()
        self._pace(request, known)
        name = random_bytes(12).hex()
        await self._dispatch(Update(self.name, address, name, datetime.now(UTC), kind, text))
        response = web.Response(status=303, headers={"Location": "/"})
        if known is None:
            self._cookie.give(response, address)
        return response

    async def history(self, request: web.Request) -> web.Response:
        address = self._cookie.address(request)
        turns: list[chatlog.Exchange] = []
        last = 0
        if address is not None:
            turns, last = await self._database.read(partial(_history, address=address))
        return json_response({"turns": [turn(one) for one in turns], "last_event": last})

    async def events(self, request: web.Request) -> web.StreamResponse:
        address = self._cookie.address(request)
        if address is None:
            raise Refused(401, "no_cookie")
        return await self.streams.serve(request, address, self._identity)

    async def file(self, request: web.Request) -> web.Response:
        """A file of one's own conversation."""
        address, name = self._cookie.address(request), exchange_name(request.match_info["exchange"])
        if address is None:
            raise Refused(404, "no_file")
        found = await self._database.read(partial(_exchange, address=address, name=name))
        return file_response(file_of(found, request.match_info["number"]))

    async def _identity(self, address: str) -> int | None:
        return await self._database.read(lambda s: identity_at(s, self.name, address))

    def _pace(self, request: web.Request, address: str | None) -> None:
        wait = self._by_address.wait(self._caller(request))
        if not wait and address is not None:
            wait = self._by_person.wait(address)
        if wait:
            raise Refused(429, "too_many", retry_after=wait)


def _history(session: Session, address: str) -> tuple[list[chatlog.Exchange], int]:
    """`last` is read first: a message that comes in between is told twice rather than not at all."""
    identity = identity_at(session, WebChat.name, address)
    if identity is None:
        return [], 0
    last = chatlog.last_pushed(session, identity)
    return chatlog.history(session, identity), last


def _exchange(session: Session, address: str, name: str) -> Any:
    identity = identity_at(session, WebChat.name, address)
    return chatlog.exchange_of(session, identity, name) if identity is not None else None
