"""Telegram: the account, the webhook that updates come in by, and the ways out to people and their groups."""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson
import structlog
from aiohttp import web
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram_answers import Answers, NotSaid
from bot.channels.telegram_calls import Calls
from bot.channels.telegram_errors import delivery_error
from bot.channels.telegram_lanes import Lanes
from bot.channels.telegram_patience import Patience, insist
from bot.channels.telegram_polling import AGAIN, Polling, PollingSeat
from bot.channels.telegram_request import AiohttpRequest
from bot.channels.telegram_speech import Speech
from bot.channels.telegram_text import Piece, pieces
from bot.channels.telegram_tour import Webhook, complaint, connect, introduce
from bot.channels.telegram_updates import CHANNEL, Place
from bot.pace import Pace
from db.session import Unavailable
from services.messaging import Abilities, DeliveryError, Message, Reply, Sent, Update
from services.texts import Texts

_HOOK_SECONDS = 25.0  # Telegram waits longer, then brings the update again
_LARGEST = (
    262_144  # bytes of an update: two texts of 4,096 characters, each written as \\uXXXX, with their entities
)
_ADDRESS = re.compile(r"-?[0-9]{1,18}")  # people are known to Telegram by number

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TelegramAccount:
    token: str
    base_url: str = "https://api.telegram.org"
    proxy: str = ""
    personal_details: bool = False
    webhook: Webhook | None = None  # None: long polling


class TelegramChannel:
    name = CHANNEL

    def __init__(
        self,
        account: TelegramAccount,
        dispatch: Callable[[Update], Awaitable[Reply]],
        texts: Texts,
        pace: Pace,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        polls: PollingSeat | None = None,  # without one, and without a webhook, another process hears
        unsaid: Callable[[str], None] = lambda reason: None,
        patience: Patience | None = None,
    ):
        self.abilities = Abilities(edits=True, personal_details=account.personal_details)
        self._account, self._texts, self._clock = account, texts, clock
        self._patience = patience or Patience()
        root = account.base_url.rstrip("/")
        self._requests = (AiohttpRequest(account.proxy), AiohttpRequest(account.proxy))
        lanes = Lanes(pace)
        self._bot: ExtBot[str] = ExtBot(
            account.token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
            rate_limiter=lanes,
        )
        self._speech = Speech(Calls(self._requests[0], lanes, root, account.token), self._bot)
        self._answers = Answers(
            dispatch, self._speech, self._bot, clock, unsaid, self._note, patience or Patience()
        )
        self._polling: Polling | None = None
        if account.webhook is None and polls is not None:
            hearing = Calls(self._requests[1], lanes, root, account.token)
            self._polling = Polling(hearing, self._answers, polls, self._note, self._word)
        self._trouble = "starting"
        self._running: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "TelegramChannel":
        """Returns at once: whether Telegram answers is found out in the background."""
        for request in self._requests:
            await request.initialize()
        self._running.append(asyncio.create_task(self._run()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._answers.finish(10)
        if self._polling is not None:
            await self._polling.close()
        for request in self._requests:
            await request.shutdown()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/telegram", self.webhook)] if self._account.webhook else []

    async def health(self) -> str:
        return self._trouble

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        if not _ADDRESS.fullmatch(address):
            raise DeliveryError("unknown", permanent=True)
        first, *rest = pieces(message) or [Piece()]
        place = Place(int(address))
        number = await insist(partial(self._speech.say, first, place, notice=True), (), self._clock)
        for piece in rest:
            await self._add(piece, place)
        return Sent(number)

    async def edit(self, address: str, message_id: str, message: Message) -> None:
        first = (pieces(message) or [Piece()])[0]
        if not (_ADDRESS.fullmatch(address) and message_id.isdigit()):
            raise DeliveryError("unknown", permanent=True)
        place = Place(int(address), card=int(message_id))
        await insist(partial(self._speech.change, first, place), (), self._clock)

    async def _add(self, piece: Piece, place: Place) -> None:
        """The rest of what is out in part: better late than the whole twice."""
        until = self._clock() + timedelta(seconds=self._patience.midway)
        while True:
            try:
                await insist(
                    partial(self._speech.say, piece, place, notice=True), self._patience.pauses, self._clock
                )
                return
            except DeliveryError as failed:
                if failed.permanent or failed.retry_at is None or failed.retry_at > until:
                    raise (
                        failed if failed.permanent else DeliveryError("timeout", permanent=False)
                    ) from failed
                await asyncio.sleep((failed.retry_at - self._clock()).total_seconds())

    async def webhook(self, request: web.Request) -> web.Response:
        """200 only once the Reply was said; 503 asks Telegram to bring the update again."""
        hook = self._account.webhook
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if hook is None or not hmac.compare_digest(given.encode(), hook.secret.encode()):
            return web.Response(status=403)
        try:
            raw = orjson.loads(await request.clone(client_max_size=_LARGEST).read())
            number = raw["update_id"]
        except (ValueError, TypeError, KeyError):
            return web.Response(status=400)
        if not isinstance(number, int) or isinstance(number, bool):
            return web.Response(status=400)
        if self._answers.done(number):
            return web.Response()
        if not self._answers.ready(number):
            return web.Response(status=503, headers={"Retry-After": "2"})
        try:
            await asyncio.wait_for(asyncio.shield(self._answers.take(number, raw)), _HOOK_SECONDS)
        except (TimeoutError, NotSaid, Unavailable):
            return web.Response(status=503, headers={"Retry-After": "5"})
        return web.Response()

    async def _run(self) -> None:
        await self._until_done(self._connect)
        if self._polling is not None:
            self._running.append(asyncio.create_task(self._polling.run()))
        if self._account.webhook is not None:
            self._running.append(asyncio.create_task(self._watch(self._account.webhook)))
        await self._until_done(lambda: introduce(self._bot, self._texts))

    async def _watch(self, hook: Webhook) -> None:
        """A webhook that nobody can reach is silent: Telegram is asked how it finds us."""
        while True:
            await asyncio.sleep(self._patience.look)
            try:
                self._note(await complaint(self._bot, hook, self._clock()))
            except TelegramError as error:
                self._note(self._word(error))
            except Exception:
                log.exception("Telegram's word on our webhook could not be read")

    async def _connect(self) -> None:
        if self._answers.me is None:
            self._answers.me = await self._bot.get_me()
        await connect(self._bot, self._account.webhook)
        self._note("")

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        tries = 0
        while True:
            try:
                return await work()
            except TelegramError as error:
                reason = self._word(error)
            except Exception as error:
                log.exception("Telegram's start stumbled")
                reason = type(error).__name__
            log.warning("Telegram does not answer yet", reason=reason)
            if self._trouble:  # once connected, a menu that is refused is none
                self._note(reason)
            await asyncio.sleep(AGAIN[min(tries, len(AGAIN) - 1)])
            tries += 1

    def _note(self, trouble: str) -> None:
        self._trouble = trouble

    def _word(self, error: TelegramError) -> str:
        return "token" if isinstance(error, InvalidToken) else delivery_error(error, self._clock()).reason
