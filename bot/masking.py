"""Hides what is personal or secret in anything that is about to be logged."""

import logging
import re
from dataclasses import fields, is_dataclass
from typing import Any

from structlog.typing import EventDict, WrappedLogger

MASK = "***"

_PRIVATE = frozenset(  # by the last word of a key: `secret_token` is a token
    {"text", "name", "phone", "mobile", "email", "address", "contact", "employer", "card", "openid", "said"}
    | {"question", "content", "body", "token", "secret", "password", "key", "cookie", "authorization"}
)
_WORD_ENDS = re.compile(r"[^a-z]+")
_DEEPEST = 8
_PLAIN = (bool, float, type(None), logging.LogRecord)

# What is written with escapes (`\u4e2d`, `%E4`) may end in a digit or letter that belongs to the character before.
_AFTER_ESCAPE = "|".join(
    rf"(?<={escape})"
    for escape in (
        r"\\u[0-9a-fA-F]{4}",
        r"\\U[0-9a-fA-F]{8}",
        r"\\x[0-9a-fA-F]{2}",
        r"%[0-9a-fA-F]{2}",
        r"\\[nrt]",
    )
)
_NUMBER = rf"(?:(?<!\d)|{_AFTER_ESCAPE})"
_WORD = rf"(?:(?<![A-Za-z0-9_-])|{_AFTER_ESCAPE})"

# Every repetition has an end: a long text must not keep the process busy.
_BY_LOOKS = (
    re.compile(r"(?<=://)[^\s/@:]{0,64}:[^\s/@]{1,256}(?=@)"),  # user and password in an address
    re.compile(r"(?<=\[parameters: ).*"),  # of a failed statement, as SQLAlchemy tells it
    re.compile(r"(?<=DETAIL: ).*"),  # the same, as PostgreSQL tells it
    re.compile(_NUMBER + r"(?:\d[ -]?){14,18}[\dXxＸｘ](?!\d)"),  # ID cards and bank cards
    re.compile(_NUMBER + r"(?:(?:\+|00)?86[ -]?)?[1１][3-9３-９](?:[ -]?\d){9}(?!\d)"),  # mobile numbers
    re.compile(_NUMBER + r"0\d{2,3}[ -]\d{7,8}(?!\d)"),  # landlines
    re.compile(r"[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"),
    re.compile(_NUMBER + r"\d{5,12}:[A-Za-z0-9_-]{30,64}"),  # Telegram's tokens
    re.compile(  # WeChat's openids; an all-lowercase word of that length is a name in a program
        _WORD + r"o(?=[a-z_-]{0,26}[A-Z0-9])[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])"
    ),
    re.compile(r"(?i)(?<=bearer )[^\s\"']+"),
    re.compile(r"(?i)(?<=authorization: )[^\r\n\"']+|(?<=cookie: )[^\r\n\"']+"),
)
_BY_NAME = re.compile(
    r"(?i)((?:token|secret|password|openid)[\"']?\s{0,2}[:=]\s{0,2})(\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'&,;)}\]]+)"
)
_BY_LINK = re.compile(  # whoever has one of these links is let in, or gets the file
    r"(/(?:sign-in|file|details|calendar)/|登录\s{0,3}[:：]?\s{0,3}|\bstaff-)[A-Za-z0-9_.%-]{16,400}"
)


def masked(text: str) -> str:
    for pattern in _BY_LOOKS:
        text = pattern.sub(MASK, text)
    text = _BY_LINK.sub(rf"\g<1>{MASK}", text)
    return _BY_NAME.sub(rf"\g<1>{MASK}", text)


def mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor: hides values by their names and by their looks, however deep they stand."""
    return _entries(event, _DEEPEST)


def _entries(entries: EventDict, deep: int) -> dict[str, Any]:
    return {
        masked(str(key)): MASK if _is_private(str(key)) else _hidden(value, deep)
        for key, value in entries.items()
    }


def _is_private(key: str) -> bool:
    word = _WORD_ENDS.split(key.lower())[-1]
    return word in _PRIVATE or word.removesuffix("s") in _PRIVATE


def _hidden(value: Any, deep: int) -> Any:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, int):
        return value if masked(str(value)) == str(value) else MASK
    if isinstance(value, bytes) or not deep:
        return MASK
    if isinstance(value, dict):
        return _entries(value, deep - 1)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hidden(one, deep - 1) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _entries({one.name: getattr(value, one.name) for one in fields(value)}, deep - 1)
    return masked(repr(value))
