"""The WeChat official account: pushes in, passive answers out in time, and whatever comes later by other routes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

import structlog
from aiohttp import web

from bot.channels.wechat_account import Account
from bot.channels.wechat_answers import Answers
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_crypto import SafeMode, Undecipherable, Unsigned
from bot.channels.wechat_notices import Notices
from bot.channels.wechat_pieces import Link, Speech
from bot.channels.wechat_push import Door, Push
from bot.channels.wechat_tending import Tending
from bot.channels.wechat_turns import LATE_AFTER
from bot.channels.wechat_updates import NAME, Heard, Outcome, heard
from bot.channels.wechat_xml import Malformed
from db.session import Database
from services.messaging import Abilities, DeliveryError, Message, Reply, Sent, Update
from services.texts import Texts

log = structlog.get_logger(__name__)
BODY_LIMIT = 65_536
_BODY_SECONDS = 5.0
_ACKNOWLEDGED = "success"
OnOutcome = Callable[[Outcome], Awaitable[None]]


class WeChatChannel:
    """`async with` it to let it send; `verify` and `receive` are its handlers for GET and POST."""

    name = NAME
    abilities = Abilities(buttons=False, edits=False, files=True)

    def __init__(
        self,
        account: Account,
        dispatch: Callable[[Update], Awaitable[Reply]],
        database: Database,
        *,
        api: WeChatApi | None = None,
        texts: Texts | None = None,
        link: Link | None = None,
        on_outcome: OnOutcome | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        late_after: float = LATE_AFTER,
    ):
        """Without `api` it can only answer. `link` lays out files; `on_outcome` hears of notices."""
        self._texts, self._clock, self._on_outcome, self._api = texts or Texts(), clock, on_outcome, api
        safe = SafeMode(account.token, account.aes_key, account.app_id) if account.aes_key else None
        self._door = Door(
            account.token, safe, lambda: clock().timestamp(), encrypted_only=account.encrypted_only
        )
        speech = Speech(self._texts, link, follows=lambda: api is not None and api.speaks)
        self._notices = Notices(account, api, database, speech, clock)
        self._answers = Answers(account, dispatch, database, speech, self._notices, clock, late_after)
        self._tending = Tending(account, api, self._answers)

    async def __aenter__(self) -> Self:
        await self._tending.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._answers.finish()
        await self._tending.stop()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/wechat", self.verify, allow_head=False), web.post("/wechat", self.receive)]

    def health(self) -> str:
        """'' when well, else what is wrong in a few words."""
        return self._tending.health()

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        return await self._notices.send(address, message, bulk=bulk)

    async def scene(self, payload: str) -> str:
        """The address to draw as a QR code that brings people here with `payload`. Raises DeliveryError."""
        if self._api is None:
            raise DeliveryError("not_granted", permanent=True, detail="no app_id and secret")
        return await self._api.scene(payload)

    async def verify(self, request: web.Request) -> web.Response:
        try:
            self._door.check(request.query)
        except Unsigned:
            return web.Response(status=403)
        return web.Response(text=request.query.get("echostr", ""))

    async def receive(self, request: web.Request) -> web.StreamResponse:
        arrived = asyncio.get_running_loop().time()
        try:
            self._door.check(request.query)
            push = self._door.open(request.query, await _body(request))
            meaning = heard(push.fields, self._clock())
            if meaning is not None:
                self._door.admit(push, _name(meaning))
        except Unsigned:
            return web.Response(status=403)
        except (Malformed, Undecipherable):
            return web.Response(status=400)
        except TimeoutError:
            return web.Response(status=408)
        if isinstance(meaning, Outcome) and self._on_outcome is not None:
            await self._on_outcome(meaning)
        if not isinstance(meaning, Heard):
            return web.Response(text=_ACKNOWLEDGED)
        return await self._answer(request, push, meaning, arrived)

    async def _answer(
        self, request: web.Request, push: Push, meaning: Heard, arrived: float
    ) -> web.StreamResponse:
        more = False
        try:
            settled = await self._answers.answer(meaning, arrived)
            text, more = settled.text, settled.more
        except Exception as error:  # told to the person, since the platform would only say that we are broken
            log.error("wechat could not answer", error=type(error).__name__)
            text = self._texts.label("wechat/unavailable")
        if not text:
            return web.Response(text=_ACKNOWLEDGED)
        response = web.Response(
            text=push.answer(text, int(self._clock().timestamp())), content_type="application/xml"
        )
        with suppress(ConnectionError):  # it hung up, and will ask again
            await response.prepare(request)
            await response.write_eof()
        if more:
            self._answers.go_on(meaning.update.address)  # what did not fit comes after it
        return response


def _name(meaning: Heard | Outcome) -> str:
    if isinstance(meaning, Outcome):
        return f"{meaning.address}:notice {meaning.message_id} {meaning.arrival}"
    return f"{meaning.update.address}:{meaning.update.update_id}"


async def _body(request: web.Request) -> bytes:
    """Read up to the limit and no further, whatever length is announced."""
    if (request.content_length or 0) > BODY_LIMIT:
        raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, request.content_length or 0)
    body = bytearray()
    async with asyncio.timeout(_BODY_SECONDS):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > BODY_LIMIT:
                raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(body))
    return bytes(body)
