"""A message as Telegram shows it: HTML that is escaped by construction, keyboards, and what is short enough to send."""

import html
import re
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.rendering import split, units
from services.messaging import Attachment, Button, Citation, Message

LONGEST = 4_096  # characters of one message, after its markup is read
_ROOM = 3_900
_TAG = re.compile(r"</?(?:blockquote(?: expandable)?|b)>")
_CITED = 900  # characters of one clause shown unfolded on a tap
_ROW = 22  # characters of labels beside each other on a phone


@dataclass(frozen=True, slots=True)
class Piece:
    """What goes out in one call: words with their keyboard, or a file."""

    html: str = ""
    keyboard: dict[str, Any] | None = None  # an InlineKeyboardMarkup
    file: Attachment | None = None
    in_place: bool = False  # may take the place of the card that was tapped


def pieces(message: Message) -> list[Piece]:
    """The buttons stand under the last words. Clauses go along where they fit, else as a piece of their own."""
    written = [_lines(part) for part in split(message.text, _ROOM)]
    for clause in map(_clause, message.citations):
        together = f"{written[-1]}\n\n{clause}"
        if units(together) <= LONGEST:
            written[-1] = together
        else:
            written.append(clause)
    words = [Piece(part) for part in written if part]
    if words:
        words[-1] = replace(words[-1], keyboard=_keyboard(message.buttons))
    files = [Piece(file=file) for file in message.attachments]
    if message.in_place and len(words) == 1 and not files:
        return [replace(words[0], in_place=True)]
    return words + files


def plain(marked: str) -> str:
    """The same words without markup, should Telegram not understand it."""
    return html.unescape(_TAG.sub("", marked))


def _lines(text: str) -> str:
    """A line wholly in 「」 is a quotation."""
    return "\n".join(map(_line, text.split("\n")))


def _line(text: str) -> str:
    escaped = html.escape(text, quote=False)
    quoted = text.startswith("「") and text.endswith("」") and text.count("「") == 1
    return f"<blockquote>{escaped}</blockquote>" if quoted else escaped


def _clause(citation: Citation) -> str:
    place = " ".join(part for part in (citation.number, citation.label) if part)
    text = citation.text if len(citation.text) <= _CITED else citation.text[: _CITED - 1] + "…"
    lines = (f"<b>{html.escape(place, quote=False)}</b>", html.escape(text, quote=False))
    validity = html.escape(citation.validity, quote=False)
    return f"<blockquote expandable>{chr(10).join((*lines, validity)).strip()}</blockquote>"


def _keyboard(buttons: tuple[Button, ...]) -> dict[str, Any] | None:
    rows: list[list[dict[str, str]]] = []
    width = _ROW
    for button in buttons:
        width += len(button.label) + 2
        if width > _ROW or len(rows[-1]) == 3:
            rows.append([])
            width = len(button.label) + 2
        rows[-1].append({"text": button.label, "callback_data": button.choice})
    return {"inline_keyboard": rows} if rows else None
