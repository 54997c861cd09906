"""WeChat's server API over one aiohttp session: calls, their errors as DeliveryError, and what a fault asks of us."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog

from bot.channels.wechat_errors import ALARMS, STALE_TOKEN, error_of, unreachable
from bot.channels.wechat_token import SharedToken, Token
from db.session import Database
from services.messaging import Attachment, DeliveryError

log = structlog.get_logger(__name__)
_TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)
_BULK_AT_ONCE = 4  # of bulk calls; answers have the other connections to themselves
_CONNECTIONS = 32
_SAY = "/cgi-bin/message/custom/send"
_SUBSCRIBED = "/cgi-bin/message/subscribe/bizsend"
_TEMPLATE = "/cgi-bin/message/template/send"
_SPEAKING = frozenset({_SAY, _TEMPLATE, _SUBSCRIBED})
_SCENE_DAYS, _SCENE_CHARACTERS = 30, 64


class WeChatApi:
    """Nothing but DeliveryError leaves it. `alarm` names what somebody has to put right, '' when all is well."""

    def __init__(
        self,
        base_url: str,
        app_id: str,
        secret: str,
        database: Database,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self._base, self._app_id, self._secret, self._clock = base_url.rstrip("/"), app_id, secret, clock
        self.token = SharedToken(database, app_id, self._fetch_token, clock)
        self._session: aiohttp.ClientSession | None = None
        self._bulk = asyncio.Semaphore(_BULK_AT_ONCE)
        self._in_a_row = 0  # faults without one success between them
        self._closed_until: dict[str, datetime] = {}  # path -> when its daily limit ends
        self._alarms: dict[str, str] = {}

    @property
    def alarm(self) -> str:
        return ", ".join(self._alarms.values())

    @property
    def speaks(self) -> bool:
        """Customer-service messages go out, as far as we know."""
        return _SAY not in self._alarms

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
        self._session = aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, trust_env=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def say(self, address: str, text: str, *, bulk: bool = False) -> None:
        await self._custom(address, "text", {"content": text}, bulk)

    async def offer(self, address: str, head: str, choices: Mapping[str, str], *, bulk: bool = False) -> None:
        """A list to tap: choice -> label."""
        entries = [{"id": choice, "content": label} for choice, label in choices.items()]
        menu = {"head_content": head, "list": entries, "tail_content": ""}
        await self._custom(address, "msgmenu", menu, bulk)

    async def show(self, address: str, picture: Attachment, *, bulk: bool = False) -> None:
        form = aiohttp.FormData()
        name = f"picture.{picture.type.removeprefix('image/')}"  # the platform goes by its ending
        form.add_field("media", picture.content, filename=name, content_type=picture.type)
        uploaded = await self.call("/cgi-bin/media/upload", form=form, query={"type": "image"}, bulk=bulk)
        await self._custom(address, "image", {"media_id": str(uploaded.get("media_id", ""))}, bulk)

    async def subscribe_notice(self, address: str, template: str, fields: Mapping[str, str]) -> str:
        """The platform's id where it gives one: it is in some of its answers, though not in its documentation."""
        return await self._form(_SUBSCRIBED, address, template, fields)

    async def template_notice(self, address: str, template: str, fields: Mapping[str, str]) -> str:
        """The platform's id, under which it tells later what became of it."""
        return await self._form(_TEMPLATE, address, template, fields)

    async def set_menu(self, menu: Mapping[str, Any]) -> None:
        await self.call("/cgi-bin/menu/create", menu)

    async def scene(self, payload: str, lasts: timedelta = timedelta(days=_SCENE_DAYS)) -> str:
        """The address to draw as a QR code; whoever scans it sends us `payload`."""
        if not 0 < len(payload) <= _SCENE_CHARACTERS:
            raise ValueError(f"a scene has 1 to {_SCENE_CHARACTERS} characters")
        seconds = int(min(lasts, timedelta(days=_SCENE_DAYS)).total_seconds())
        action = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": payload}}}
        made = await self.call("/cgi-bin/qrcode/create", {"expire_seconds": seconds, **action})
        return str(made.get("url", ""))

    async def call(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        form: aiohttp.FormData | None = None,
        query: Mapping[str, str] | None = None,
        bulk: bool = False,
    ) -> dict[str, Any]:
        """A refused token is replaced and the call made again, once."""
        self._check_open(path)
        if not bulk:
            return await self._call(path, body, form, query)
        async with self._bulk:
            return await self._call(path, body, form, query)

    async def _call(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        form: aiohttp.FormData | None,
        query: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        token = await self.token.get()
        answer = await self._post(path, body, form, {**(query or {}), "access_token": token})
        if answer.get("errcode") in STALE_TOKEN:
            token = await self.token.replace(token)
            answer = await self._post(path, body, form, {**(query or {}), "access_token": token})
        return self._checked(path, answer)

    async def _fetch_token(self, force: bool) -> Token:
        asked_at = self._clock()
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        path = "/cgi-bin/stable_token"
        self._check_open(path)
        answer = self._checked(path, await self._post(path, body, None, {}))
        text, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(text, str) or not text or not isinstance(seconds, int):
            raise self._unreachable(path, "garbage", "no access_token")
        return Token(text, asked_at + timedelta(seconds=min(seconds, 7200)))

    async def _form(self, path: str, address: str, template: str, fields: Mapping[str, str]) -> str:
        body = {"touser": address, "template_id": template, "data": _values(fields)}
        taken = await self.call(path, body, bulk=True)
        return str(taken.get("msgid", ""))

    async def _custom(self, address: str, kind: str, content: Mapping[str, Any], bulk: bool) -> None:
        body = {"touser": address, "msgtype": kind, kind: content}
        await self.call(_SAY, body, bulk=bulk)

    async def _post(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        form: aiohttp.FormData | None,
        query: Mapping[str, str],
    ) -> dict[str, Any]:
        if self._session is None:
            raise self._unreachable(path, "closed", "not open")
        # The platform shows \uXXXX as it stands, so the JSON is UTF-8.
        content: Any = form or json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {} if form else {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with self._session.post(
                self._base + path, params=query, data=content, headers=headers, allow_redirects=False
            ) as response:
                if response.status != 200:
                    reason = "timeout" if response.status == HTTPStatus.GATEWAY_TIMEOUT else "network"
                    raise self._unreachable(path, reason, f"HTTP {response.status}")
                answer = json.loads(await response.read())
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            # its text may hold the token
            raise self._unreachable(path, _broken(error), type(error).__name__) from None
        except ValueError as error:
            raise self._unreachable(path, "garbage", "not JSON") from error
        if not isinstance(answer, dict):
            raise self._unreachable(path, "garbage", "not an object")
        return answer

    def _checked(self, path: str, answer: dict[str, Any]) -> dict[str, Any]:
        code = answer.get("errcode", 0)
        if code == 0:
            self._in_a_row = 0
            self._alarms.pop(path, None)
            return answer
        now = self._clock()
        self._in_a_row = self._in_a_row + 1 if code == -1 or code in STALE_TOKEN else 0
        error = error_of(
            code if isinstance(code, int) else 0, str(answer.get("errmsg", "")), now, self._in_a_row
        )
        if error.reason == "daily_limit" and error.retry_at is not None:
            self._closed_until[path] = error.retry_at
        if code in ALARMS or code in STALE_TOKEN:
            self._alarms[path] = f"{error.reason} at {path}"
            log.error("wechat needs somebody", reason=error.reason, code=code, path=path)
        raise error

    def _check_open(self, path: str) -> None:
        until = self._closed_until.get(path)
        if until is not None and self._clock() < until:
            raise DeliveryError("daily_limit", permanent=False, retry_at=until)

    def _unreachable(self, path: str, reason: str, detail: str) -> DeliveryError:
        self._in_a_row += 1
        error = unreachable(reason, detail, self._clock(), self._in_a_row)
        error.perhaps = error.perhaps and path in _SPEAKING  # all else may be asked for again
        return error


def _broken(error: Exception) -> str:
    """Without a connection nothing was sent; afterwards, nobody knows."""
    never_left = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return "network" if never_left else "timeout"


def _values(fields: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in fields.items()}
