"""Telegram: updates in by webhook or long polling, Replies out, each update confirmed only when its Reply was said."""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
import telegram
from aiohttp import web
from telegram.error import Conflict, Forbidden, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram_calls import Calls
from bot.channels.telegram_errors import delivery_error
from bot.channels.telegram_lanes import Lanes
from bot.channels.telegram_request import AiohttpRequest
from bot.channels.telegram_speech import Speech
from bot.channels.telegram_tour import Webhook, introduce
from bot.channels.telegram_updates import CHANNEL, WANTED, Incoming, incoming
from db.session import Unavailable
from handlers.dispatch import Queues
from services.messaging import Abilities, Message, Reply, Sent, Update, UpdateKind
from services.texts import Texts

MOST = 200  # updates at work at once; more are sent back for later
_HOOK_SECONDS = 25.0  # Telegram waits longer, then brings the update again
_REMEMBERED = 20_000  # updates known to be done
_POLL_SECONDS = 25
_POLLED = 20  # updates brought at once: what a kill among them may have said already is said again
_AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between tries when Telegram cannot be reached

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TelegramAccount:
    token: str
    base_url: str = "https://api.telegram.org"
    proxy: str = ""
    rate: float = 25  # bulk messages a second
    personal_details: bool = False
    webhook: Webhook | None = None  # None: long polling, by one process
    polls: bool = True


class NotSaid(Exception):
    """A Reply that did not go out for now: the platform brings its update again."""


class TelegramChannel:
    name = CHANNEL

    def __init__(
        self,
        account: TelegramAccount,
        dispatch: Callable[[Update], Awaitable[Reply]],
        texts: Texts,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self.abilities = Abilities(edits=True, personal_details=account.personal_details)
        self._account, self._dispatch, self._texts, self._clock = account, dispatch, texts, clock
        root = account.base_url.rstrip("/")
        self._requests = (AiohttpRequest(account.proxy), AiohttpRequest(account.proxy))
        lanes = Lanes(account.rate)
        self._bot: ExtBot[str] = ExtBot(
            account.token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
            rate_limiter=lanes,
        )
        self._speech = Speech(Calls(self._requests[0], lanes, root, account.token), self._bot)
        self._chats = Queues()
        self._at_work: dict[int, asyncio.Task[None]] = {}
        self._done: OrderedDict[int, None] = OrderedDict()
        self._said: dict[int, int] = {}  # messages of an unfinished Reply that have gone out
        self._trouble = "starting"
        self._running: list[asyncio.Task[None]] = []
        self._me: telegram.User | None = None

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
        if self._at_work:
            await asyncio.wait(list(self._at_work.values()), timeout=10)
        for request in self._requests:
            await request.shutdown()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/telegram", self.webhook)] if self._account.webhook else []

    async def health(self) -> str:
        return self._trouble

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        try:
            number = await self._speech.say(int(address), message, bulk=bulk)
        except TelegramError as error:
            raise delivery_error(error, self._clock()) from error
        return Sent(number)

    async def webhook(self, request: web.Request) -> web.Response:
        """200 only once the Reply was said; 503 asks Telegram to bring the update again."""
        hook = self._account.webhook
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if hook is None or not hmac.compare_digest(given.encode(), hook.secret.encode()):
            return web.Response(status=403)
        try:
            raw = orjson.loads(await request.read())
            number = raw["update_id"]
        except (ValueError, TypeError, KeyError):
            return web.Response(status=400)
        if not isinstance(number, int) or isinstance(number, bool):
            return web.Response(status=400)
        if number in self._done:
            return web.Response()
        if self._me is None or (len(self._at_work) >= MOST and number not in self._at_work):
            return web.Response(status=503, headers={"Retry-After": "2"})
        try:
            await asyncio.wait_for(asyncio.shield(self._take(number, raw)), _HOOK_SECONDS)
        except (TimeoutError, NotSaid, Unavailable):
            return web.Response(status=503, headers={"Retry-After": "5"})
        return web.Response()

    def _take(self, number: int, raw: "telegram.Update | dict[str, Any]") -> "asyncio.Task[None]":
        """The one task for this update, however often it is brought."""
        task = self._at_work.get(number)
        if task is None:
            task = self._at_work[number] = asyncio.create_task(self._answer(number, raw))
            task.add_done_callback(lambda ended: self._ended(number, ended))
        return task

    def _ended(self, number: int, task: "asyncio.Task[None]") -> None:
        del self._at_work[number]
        if task.cancelled() or isinstance(task.exception(), (NotSaid, Unavailable)):
            return
        self._said.pop(number, None)
        self._done[number] = None
        if len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)

    async def _answer(self, number: int, raw: "telegram.Update | dict[str, Any]") -> None:
        assert self._me is not None
        try:
            update = raw if isinstance(raw, telegram.Update) else telegram.Update.de_json(raw, self._bot)
            found = incoming(update, self._me, self._clock())
        except Exception:
            log.exception("an update could not be read", update=number)
            return
        if found is None:
            return
        async with self._chats.turn_of(str(found.chat)):
            if found.callback and number not in self._said:
                self._running = [task for task in self._running if not task.done()]
                self._running.append(asyncio.create_task(self._speech.acknowledge(found)))
            with self._speech.typing(found.chat):
                reply = await self._dispatch(found.update)
                await self._say(number, found, reply)

    async def _say(self, number: int, found: Incoming, reply: Reply) -> None:
        for place, message in enumerate(reply.messages):
            if place < self._said.get(number, 0):
                continue
            try:
                if not await self._speech.say_in_place(found, message):
                    await self._speech.say(found.chat, message, topic=found.topic)
            except Forbidden:
                await self._left(found)
                return
            except TelegramError as error:
                failed = delivery_error(error, self._clock())
                log.warning("a reply did not go out", reason=failed.reason, permanent=failed.permanent)
                if failed.permanent:
                    return
                self._trouble = failed.reason
                raise NotSaid from error
            self._said[number] = place + 1
        if reply.messages:
            self._trouble = ""

    async def _left(self, found: Incoming) -> None:
        """Blocked between question and answer. The answer stays in the log, and waits in the dialogue."""
        update = found.update
        if not update.public:
            gone = Update(
                CHANNEL, update.address, f"left-{update.update_id}", self._clock(), UpdateKind.LEAVE
            )
            await self._dispatch(gone)

    async def _run(self) -> None:
        await self._introduce()
        if self._account.webhook is None and self._account.polls:
            await self._poll()

    async def _introduce(self) -> None:
        tries = 0
        while True:
            try:
                if self._me is None:
                    self._me = await self._bot.get_me()
                await introduce(self._bot, self._texts, self._account.webhook)
            except TelegramError as error:
                self._trouble = delivery_error(error, self._clock()).reason
                log.warning("Telegram does not answer yet", reason=self._trouble)
                await asyncio.sleep(_AGAIN[min(tries, len(_AGAIN) - 1)])
                tries += 1
            else:
                self._trouble = ""
                return

    async def _poll(self) -> None:
        """Asks for what comes after the last update that is done: what is not said yet is brought again."""
        offset, tries = 0, 0
        while True:
            try:
                updates = await self._bot.get_updates(
                    offset,
                    limit=_POLLED,
                    timeout=_POLL_SECONDS,
                    read_timeout=_POLL_SECONDS + 10,
                    allowed_updates=WANTED,
                )
            except TelegramError as error:
                self._trouble = "another process polls" if isinstance(error, Conflict) else self._word(error)
                await asyncio.sleep(_AGAIN[min(tries, len(_AGAIN) - 1)])
                tries += 1
                continue
            tries, self._trouble = 0, ""
            tasks = [self._take(one.update_id, one) for one in updates if one.update_id not in self._done]
            if tasks:
                await asyncio.wait(tasks, timeout=_HOOK_SECONDS)
                if any(task.done() and task.exception() for task in tasks):
                    await asyncio.sleep(1)
            numbers = [one.update_id for one in updates]
            unfinished = [number for number in numbers if number not in self._done]
            offset = min(unfinished, default=max(numbers, default=offset - 1) + 1)

    def _word(self, error: TelegramError) -> str:
        return "token" if isinstance(error, InvalidToken) else delivery_error(error, self._clock()).reason
