"""What we say on WeChat unasked: which route a message takes, and what becomes of it when the platform refuses."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from bot.channels.wechat_account import Account
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_pieces import Speech
from db.session import Database, Unavailable
from services.messaging import DeliveryError, Message, Sent
from services.wechat import waiting, windows
from services.wechat.windows import WindowKind

log = structlog.get_logger(__name__)
_FIELD, _FIELD_CHARACTERS = "thing1", 20  # what the platform lets into such a field
_NO_WINDOW = frozenset({"window_over", "quota"})
_ROUTE_CLOSED = frozenset({"refused", "template", "not_granted"})  # this way is shut, another may be open
SendForm = Callable[[str, str, Mapping[str, str]], Awaitable[str]]


class Notices:
    def __init__(
        self,
        account: Account,
        api: WeChatApi | None,
        database: Database,
        speech: Speech,
        clock: Callable[[], datetime],
    ):
        self._account, self._api, self._database = account, api, database
        self._speech, self._clock = speech, clock

    async def send(self, address: str, message: Message, *, bulk: bool) -> Sent:
        """Customer service inside the window, a subscription notice, a template; else DeliveryError window_over."""
        if self._api is None:
            raise DeliveryError("not_granted", permanent=True, detail="no app_id and secret")
        try:
            sent = (
                await self._by_customer_service(self._api, address, message, bulk)
                or await self._by_subscription(self._api, address, message, bulk)
                or (None if bulk else await self._by_template(self._api, address, message))
            )
        except Unavailable as error:
            raise DeliveryError("database", permanent=False, detail=str(error)) from error
        if sent is None:
            raise DeliveryError("window_over", permanent=True)
        return sent

    async def say_next(self, address: str) -> bool:
        """Sends the oldest piece that waits for this person. False: no more of it can go out now."""
        if self._api is None:
            return False
        piece = await self._database.run(lambda s: waiting.next_to_send(s, address, self._clock()))
        if piece is None:
            return False
        try:
            await self._say(self._api, address, piece.message, bulk=False)
        except DeliveryError as error:
            await self._not_said(address, piece, error)
            return False
        await self._database.run(lambda s: waiting.sent(s, piece.id, self._clock()))
        return True

    async def _not_said(self, address: str, piece: waiting.Piece, error: DeliveryError) -> None:
        """It waits again, unless it can never arrive."""
        log.warning("wechat piece not sent", reason=error.reason)
        lost = error.permanent and error.reason not in _NO_WINDOW | _ROUTE_CLOSED
        await self._database.run(
            lambda s: (waiting.sent if lost else waiting.put_back)(s, piece.id, self._clock())
        )
        await self._correct(address, piece.taken_from, 1, error)

    async def _correct(self, address: str, kind: WindowKind, count: int, error: DeliveryError) -> None:
        """Our count after a refusal: the platform's word on the window, or what it did not take."""
        mark = partial(windows.mark_of, address=address)
        if error.reason in _NO_WINDOW:
            await self._database.run(lambda s: windows.close(s, mark(s)))
        elif not error.perhaps:
            await self._database.run(lambda s: windows.give_back(s, mark(s), kind, count))

    async def _by_customer_service(
        self, api: WeChatApi, address: str, message: Message, bulk: bool
    ) -> Sent | None:
        now = self._clock()
        taken = await self._database.run(partial(self._take, address, message, bulk, now))
        if taken is None:
            return None
        kind, pieces = taken
        for number, piece in enumerate(pieces):
            try:
                await self._say(api, address, piece, bulk=bulk)
            except DeliveryError as error:
                if number:  # begun is as good as said: the rest waits
                    with _part_of_it_is_out():
                        await self._correct(address, kind, len(pieces) - number, error)
                        await self._lay_down(address, pieces[number:], now)
                    return Sent()
                await self._correct(address, kind, len(pieces) - number, error)
                if error.reason in _NO_WINDOW | _ROUTE_CLOSED:
                    return None
                raise
        return Sent()

    def _take(
        self, address: str, message: Message, bulk: bool, now: datetime, session: Session
    ) -> tuple[WindowKind, Sequence[Message]] | None:
        """The message in pieces, and the window that has room for all of them."""
        mark, spare = windows.mark_of(session, address), 1 if bulk else 0  # the last is kept for an answer
        if windows.left(session, mark, now) <= spare:
            return None  # before a file is laid out for nobody
        pieces = self._pieces(address, message, bulk, session)
        kind = windows.take(session, mark, len(pieces), now, spare)
        return (kind, pieces) if kind else None

    def _pieces(self, address: str, message: Message, bulk: bool, session: Session) -> Sequence[Message]:
        """The file of a broadcast is nobody's own."""
        return self._speech.within(session, "" if bulk else address).pieces(message)

    async def _by_subscription(
        self, api: WeChatApi, address: str, message: Message, bulk: bool
    ) -> Sent | None:
        forms = self._account.subscribe_ids
        return await self._by_form(forms, address, message, api.subscribe_notice, bulk)

    async def _by_template(self, api: WeChatApi, address: str, message: Message) -> Sent | None:
        forms = self._account.template_ids
        return await self._by_form(forms, address, message, api.template_notice, False)

    async def _by_form(
        self, forms: Mapping[str, str], address: str, message: Message, send: SendForm, bulk: bool
    ) -> Sent | None:
        """The beginning stands in the form; all of it waits for the person's next word if it is longer."""
        text = message.text or " ".join(file.name for file in message.attachments)
        for form in forms.values():
            template, _, field = form.partition(":")
            try:
                message_id = await send(address, template, {field or _FIELD: _beginning(text)})
            except DeliveryError as error:
                if error.reason in _ROUTE_CLOSED:
                    continue
                raise
            if len(text) > _FIELD_CHARACTERS or message.buttons or message.attachments:
                with _part_of_it_is_out():
                    pieces = await self._database.run(partial(self._pieces, address, message, bulk))
                    await self._lay_down(address, pieces, self._clock())
            return Sent(message_id)
        return None

    async def _lay_down(self, address: str, pieces: Sequence[Message], now: datetime) -> None:
        name = hashlib.sha256(f"{now.isoformat()}{pieces}".encode()).hexdigest()[:32]
        await self._database.run(lambda s: waiting.lay_down(s, address, f"notice:{name}", pieces, now))

    async def _say(self, api: WeChatApi, address: str, piece: Message, *, bulk: bool) -> None:
        if piece.attachments:
            await api.show(address, piece.attachments[0], bulk=bulk)
        elif piece.buttons:
            choices = {button.choice: button.label for button in piece.buttons}
            await api.offer(address, piece.text, choices, bulk=bulk)
        else:
            await api.say(address, piece.text, bulk=bulk)


@contextmanager
def _part_of_it_is_out() -> Iterator[None]:
    """From here on it must not go out again as a whole."""
    try:
        yield
    except Unavailable as error:
        raise DeliveryError("timeout", permanent=False, detail=str(error)) from error


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _FIELD_CHARACTERS else line[: _FIELD_CHARACTERS - 1] + "…"
