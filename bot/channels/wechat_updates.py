"""What a WeChat push means: an Update, what became of a notice, or nothing to answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from bot.channels.wechat_xml import Fields, Malformed
from services.arrivals import Arrival
from services.messaging import Update, UpdateKind

NAME = "wechat"
SAY = "say:"  # what a menu entry without a route of its own types for the person
_SENT = "SubscribeMsgSentEvent/List"  # one call of ours sends one notice: its list has one entry
_LONGEST = 64  # of an address, an event's name, a menu key
_MEDIA = {
    "image": "photo",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
    "file": "file",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a notice that the platform took, and whose it was."""

    address: str
    message_id: str
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Heard:
    """An Update, when the platform says it happened, and whether it opens the long window or only the short one."""

    update: Update
    happened_at: datetime
    written: bool

    def packed(self) -> dict[str, Any]:
        """As JSON values, for an answer that is owed."""
        update = asdict(self.update) | {"received_at": self.update.received_at.isoformat()}
        return {"update": update, "happened_at": self.happened_at.isoformat(), "written": self.written}

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Self:
        kept = dict(packed["update"])
        kept |= {
            "kind": UpdateKind(kept["kind"]),
            "received_at": datetime.fromisoformat(kept["received_at"]),
        }
        return cls(Update(**kept), datetime.fromisoformat(packed["happened_at"]), packed["written"])


def heard(fields: Fields, received_at: datetime) -> Heard | Outcome | None:
    """None: acknowledged and left alone. Raises Malformed when it names nobody or has no name of its own."""
    address, kind = fields.get("FromUserName", ""), fields.get("MsgType", "")
    if not fields.get("ToUserName") or not kind or not 0 < len(address) <= _LONGEST:
        raise Malformed("who and what")
    happened_at = min(_moment(fields.get("CreateTime", "")) or received_at, received_at)
    if kind == "event":
        return _event(fields, address, happened_at, received_at)
    name = fields.get("MsgId", "")
    if not _number(name):
        raise Malformed("MsgId")
    meaning, text = _message(kind, fields)
    return Heard(Update(NAME, address, name, received_at, meaning, text), happened_at, True)


def _message(kind: str, fields: Fields) -> tuple[UpdateKind, str]:
    if kind == "text" and fields.get("bizmsgmenuid"):
        return UpdateKind.CHOICE, fields["bizmsgmenuid"][:_LONGEST]
    if kind == "text":
        return UpdateKind.TEXT, fields.get("Content", "")
    recognised = fields.get("Recognition", "").strip()
    if kind == "voice" and recognised:
        return UpdateKind.TEXT, recognised
    return UpdateKind.MEDIA, _MEDIA.get(kind, "file")


def _event(
    fields: Fields, address: str, happened_at: datetime, received_at: datetime
) -> Heard | Outcome | None:
    event, key = fields.get("Event", "")[:_LONGEST], fields.get("EventKey", "")
    if event == "TEMPLATESENDJOBFINISH":
        status = fields.get("Status", "").strip()
        return _outcome(address, fields.get("MsgID") or fields.get("MsgId", ""), _template_arrival(status))
    if event == "subscribe_msg_sent_event":
        code = fields.get(f"{_SENT}/ErrorCode", "").strip()
        return _outcome(address, fields.get(f"{_SENT}/MsgID", ""), _subscription_arrival(code))
    meaning = _meaning(event, key)
    if meaning is None:
        return None
    # The person's address, the second and the event name it; the address stands beside it in every Update.
    name = f"{fields.get('CreateTime', '')[:10]}:{event}"
    return Heard(Update(NAME, address, name, received_at, *meaning), happened_at, False)


def _outcome(address: str, message_id: str, arrival: Arrival | None) -> Outcome | None:
    """A word that we do not know, or on nothing, says nothing."""
    if arrival is None or not _number(message_id):
        return None
    return Outcome(address, message_id, arrival)


def _template_arrival(status: str) -> Arrival | None:
    """The platform writes success, `failed:user block`, `failed: system failed`."""
    if status == "success":
        return Arrival.ARRIVED
    if not status.startswith("failed"):
        return None
    return Arrival.BLOCKED if status.endswith("user block") else Arrival.REFUSED


def _subscription_arrival(code: str) -> Arrival | None:
    if not _number(code.removeprefix("-")):
        return None
    return Arrival.REFUSED if code.strip("0") else Arrival.ARRIVED


def _number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) <= _LONGEST


def _meaning(event: str, key: str) -> tuple[UpdateKind, str] | None:
    if event == "subscribe":
        return UpdateKind.JOIN, key.removeprefix("qrscene_")[:_LONGEST]
    if event == "SCAN":
        return UpdateKind.SCAN, key[:_LONGEST]
    if event == "unsubscribe":
        return UpdateKind.LEAVE, ""
    if event == "CLICK":
        return (UpdateKind.TEXT, key.removeprefix(SAY)) if key.startswith(SAY) else (UpdateKind.CHOICE, key)
    return None


def _moment(seconds: str) -> datetime | None:
    if seconds.isascii() and seconds.isdigit() and len(seconds) <= 10:
        return datetime.fromtimestamp(int(seconds), UTC)
    return None
