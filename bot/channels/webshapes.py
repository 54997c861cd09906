"""The web chat's JSON: what a request must look like, and how messages and exchanges are shown."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web

from bot.errors import Refused
from db.vault import random_bytes
from services.chatlog import Exchange
from services.messaging import Attachment, Citation, Message, Update, UpdateKind

_UPDATE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_CHOICE_BYTES = 64
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]")
_SHOWN_TYPES = frozenset({"application/json", "text/calendar", "image/png", "application/pdf", "text/csv"})


async def update_in(request: web.Request, channel: str, address: str, most: int, now: datetime) -> Update:
    """Raises Refused with a sentence for whatever is not a message of at most `most` characters."""
    body = await _body(request)
    text, choice = body.get("text"), body.get("choice")
    update_id = body.get("update_id") or random_bytes(12).hex()
    if not isinstance(update_id, str) or not _UPDATE_ID.fullmatch(update_id):
        raise Refused(400, "bad_update_id")
    if isinstance(text, str) and choice is None:
        return Update(channel, address, update_id, now, UpdateKind.TEXT, _text(text, most))
    if isinstance(choice, str) and text is None:
        return Update(channel, address, update_id, now, UpdateKind.CHOICE, _choice(choice))
    raise Refused(400, "text_or_choice")


def payload_in(request: web.Request) -> str:
    payload = request.match_info["payload"]
    if not _PAYLOAD.fullmatch(payload):
        raise Refused(404, "no_such_page")
    return payload


def shown(messages: Iterable[Message], exchange: str) -> list[dict[str, Any]]:
    """Files are counted through the whole exchange: `file_of` finds them again by that number."""
    numbers = iter(range(1_000))
    return [
        {
            "text": message.text,
            "buttons": [{"label": button.label, "choice": button.choice} for button in message.buttons],
            "attachments": [_file(file, exchange, next(numbers)) for file in message.attachments],
            "citations": [_citation(one) for one in message.citations],
            "in_place": message.in_place,
        }
        for message in messages
    ]


def turn(exchange: Exchange) -> dict[str, Any]:
    return {
        "id": exchange.id,
        "at": exchange.at.isoformat(),
        "said": exchange.said,
        "messages": shown(exchange.messages, exchange.id),
    }


def json_response(value: Any) -> web.Response:
    return web.Response(body=orjson.dumps(value), headers=_JSON)


def file_of(exchange: Exchange | None, number: str) -> Attachment:
    files = [file for message in (exchange.messages if exchange else ()) for file in message.attachments]
    if not re.fullmatch(r"[0-9]{1,3}", number) or int(number) >= len(files):
        raise Refused(404, "no_file")
    return files[int(number)]


def file_response(file: Attachment) -> web.Response:
    """A picture shows, anything else is saved; nothing in it may run."""
    kind = file.type if file.type in _SHOWN_TYPES else "application/octet-stream"
    disposition = "inline" if kind.startswith("image/") else "attachment"
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name)}",
    }
    return web.Response(body=file.content, content_type=kind, headers=headers)


def exchange_name(path: str) -> str:
    return path.replace("pushed~", "pushed ")


def check_site(request: web.Request) -> None:
    """Another site's page sends no cookie of ours: answered, it would put a new one in the place of the old."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Refused(403, "other_site")


async def _body(request: web.Request) -> dict[str, Any]:
    check_site(request)
    try:
        body = orjson.loads(await request.read())
    except ValueError:
        raise Refused(400, "not_json") from None
    if not isinstance(body, dict):
        raise Refused(400, "not_json")
    return body


def _text(text: str, most: int) -> str:
    """Without control characters and halves of characters, which no person types."""
    said = _CONTROL.sub("", text.encode("utf-8", "replace").decode())
    if len(said) > most:
        raise Refused(400, "too_long", limit=most)
    if not said.strip():
        raise Refused(400, "empty")
    return said


def _choice(choice: str) -> str:
    if not choice or len(choice.encode("utf-8", "replace")) > _CHOICE_BYTES or not choice.isprintable():
        raise Refused(400, "text_or_choice")
    return choice


def _file(file: Attachment, exchange: str, number: int) -> dict[str, str]:
    path = quote(exchange.replace("pushed ", "pushed~"))
    return {"name": file.name, "type": file.type, "url": f"/chat/files/{path}/{number}"}


def _citation(one: Citation) -> dict[str, Any]:
    return {
        "document": one.document,
        "number": one.number,
        "label": one.label,
        "text": one.text,
        "in_force": one.in_force,
        "validity": one.validity,
    }
