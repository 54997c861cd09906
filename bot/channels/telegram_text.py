"""A message as Telegram shows it: HTML that is escaped by construction, keyboards, and what is short enough to send."""

import html
import re
from dataclasses import dataclass
from typing import Any

from bot.channels.rendering import split
from services.messaging import Button, Citation, Message

LONGEST = 4_096  # characters of one message, after its markup is read
_ROOM = 3_900
_TAG = re.compile(r"</?(?:blockquote(?: expandable)?|b)>")
_CITED = 900  # characters of one clause shown unfolded on a tap
_ROW = 22  # characters of labels beside each other on a phone


@dataclass(frozen=True, slots=True)
class Part:
    html: str
    keyboard: dict[str, Any] | None = None  # an InlineKeyboardMarkup


def parts(message: Message) -> list[Part]:
    """At least one; the buttons stand under the last. Clauses go along where they fit, else as a part of their own."""
    written = [_lines(piece) for piece in split(message.text, _ROOM)]
    for clause in map(_clause, message.citations):
        together = f"{written[-1]}\n\n{clause}"
        if len(together) <= LONGEST:
            written[-1] = together
        else:
            written.append(clause)
    keyboard = _keyboard(message.buttons)
    return [*map(Part, written[:-1]), Part(written[-1], keyboard)]


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
