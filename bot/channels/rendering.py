"""What channels do alike to a message: choices as numbered lines, long texts cut where a reader would pause."""

import unicodedata
from collections.abc import Callable

from services.messaging import Message

_PAUSES = ("\n\n", "\n", "。！？!?", "；;", "，、, ")  # the best first; of one kind the last that fits
_WORTH = 0.5  # a pause in the first half would leave parts too short
_JOINER = "\u200d"  # between the parts of one emoji


def numbered(message: Message, first: int = 1) -> str:
    """For channels without buttons: a number means the choice beside it. `first` counts on within a Reply."""
    lines = [f"{number}. {button.label}" for number, button in enumerate(message.buttons, first)]
    return "\n".join([message.text, *(["", *lines] if lines else [])]).strip()


def split(text: str, limit: int, *, bytes: bool = False) -> list[str]:
    """Parts of at most `limit` characters as platforms count them (in UTF-16), or bytes of UTF-8; at least one."""
    beginning = _first_bytes if bytes else _first_characters
    parts, rest = [], text.strip()
    while len(head := beginning(rest, limit)) < len(rest):
        cut = _pause(head) or _whole(rest, len(head)) or 1
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [part for part in (*parts, rest) if part] or [""]


def _pause(head: str) -> int:
    """Where to cut, 0 if there is no good place."""
    for marks in _PAUSES:
        find: Callable[[str], int] = head.rfind
        at = find(marks) if marks.isspace() else max(find(mark) for mark in marks)
        if at >= len(head) * _WORTH:
            return at + 1
    return 0


def units(text: str) -> int:
    """Characters as platforms count them: those beyond the first 65,536 are two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _whole(text: str, end: int) -> int:
    """The end of the last whole character: accents and the parts of an emoji stay with what they belong to."""
    cut = end
    while cut > 1 and (_leans(text[cut]) or text[cut - 1] == _JOINER):
        cut -= 1
    return cut if cut > 1 else end


def _leans(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Mn", "Me", "Mc", "Sk") or character == _JOINER


def _first_characters(text: str, limit: int) -> str:
    head = text[:limit]
    if units(head) <= limit:
        return head
    return head.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")


def _first_bytes(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")
