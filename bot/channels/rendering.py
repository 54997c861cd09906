"""What channels do alike to a message: choices as numbered lines, long texts cut where a reader would pause."""

from collections.abc import Callable

from services.messaging import Message

_PAUSES = ("\n\n", "\n", "。！？!?", "；;", "，、, ")  # the best first; of one kind the last that fits
_WORTH = 0.5  # a pause in the first half would leave parts too short


def numbered(message: Message, first: int = 1) -> str:
    """For channels without buttons: a number means the choice beside it. `first` counts on within a Reply."""
    lines = [f"{number}. {button.label}" for number, button in enumerate(message.buttons, first)]
    return "\n".join([message.text, *(["", *lines] if lines else [])]).strip()


def split(text: str, limit: int, *, bytes: bool = False) -> list[str]:
    """Parts of at most `limit` characters, or bytes of UTF-8; always at least one."""
    beginning = _first_bytes if bytes else _first_characters
    parts, rest = [], text.strip()
    while len(head := beginning(rest, limit)) < len(rest):
        cut = _pause(head) or len(head) or 1
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


def _first_characters(text: str, limit: int) -> str:
    return text[:limit]


def _first_bytes(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")
