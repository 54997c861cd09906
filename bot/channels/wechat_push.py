"""The door for what WeChat pushes: signed, recent, said once, in plain, compatible or safe mode."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.channels.wechat_crypto import SafeMode, Undecipherable, Unsigned, signed
from bot.channels.wechat_xml import Fields, Malformed, fields_in, sealed_answer, text_answer

WINDOW = 600  # seconds that the platform's clock and ours may differ
_REMEMBERED = 100_000  # nonces; only signed requests get in, the oldest goes first


@dataclass(frozen=True, slots=True)
class Push:
    """What came in, and how its answer is to be written."""

    fields: Fields
    timestamp: str
    nonce: str
    safe: SafeMode | None

    def answer(self, text: str, created: int) -> str:
        xml = text_answer(self.fields["FromUserName"], self.fields["ToUserName"], text, created)
        return sealed_answer(self.safe.seal(xml, self.timestamp, self.nonce)) if self.safe else xml


class Door:
    """`check` before the body is read, `open` with it; raises Unsigned, Malformed or Undecipherable.

    A plain push is not bound to its signature by the platform: whoever overhears one may put other words under it.
    The nonce memory of this process refuses that; HTTPS keeps it from being overheard at all.
    """

    def __init__(
        self,
        token: str,
        safe: SafeMode | None,
        clock: Callable[[], float] = time.time,
        *,
        encrypted_only: bool = False,
    ):
        self._token, self._safe, self._clock, self._encrypted_only = token, safe, clock, encrypted_only
        self._seen: OrderedDict[tuple[str, str], str] = OrderedDict()

    def check(self, query: Mapping[str, str]) -> None:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not self._token or not signed(query.get("signature", ""), self._token, timestamp, nonce):
            raise Unsigned("signature")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 10):
            raise Unsigned("timestamp")
        if abs(self._clock() - int(timestamp)) > WINDOW:
            raise Unsigned("too old")

    def open(self, query: Mapping[str, str], body: bytes) -> Push:
        fields, timestamp, nonce = fields_in(body), query["timestamp"], query["nonce"]
        if query.get("encrypt_type", "raw") == "raw":
            if self._encrypted_only:
                raise Unsigned("plain")
            return Push(fields, timestamp, nonce, None)
        if self._safe is None:
            raise Undecipherable("no EncodingAESKey")
        if "Encrypt" not in fields:
            raise Malformed("Encrypt")
        inside = self._safe.open(fields["Encrypt"], query.get("msg_signature", ""), timestamp, nonce)
        return Push(fields_in(inside), timestamp, nonce, self._safe)

    def admit(self, push: Push, name: str) -> None:
        """A nonce belongs to the one message it came with; that one may be repeated."""
        key = (push.timestamp, push.nonce)
        if self._seen.setdefault(key, name) != name:
            raise Unsigned("nonce")
        self._forget()

    def _forget(self) -> None:
        too_old = self._clock() - 2 * WINDOW
        while self._seen:
            oldest = next(iter(self._seen))
            if len(self._seen) <= _REMEMBERED and int(oldest[0]) >= too_old:
                return
            del self._seen[oldest]
