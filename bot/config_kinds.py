"""The kinds of values that settings hold; each says in one Chinese phrase what was expected of it."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, SecretStr

_T = TypeVar("_T")


def _like(pattern: str, expected: str) -> AfterValidator:
    known = re.compile(pattern)

    def check(value: str) -> str:
        if not known.fullmatch(value):
            raise ValueError(expected)
        return value

    return AfterValidator(check)


def _secret_like(pattern: str, expected: str) -> AfterValidator:
    known = re.compile(pattern)

    def check(value: SecretStr) -> SecretStr:
        if not known.fullmatch(value.get_secret_value()):
            raise ValueError(expected)
        return value

    return AfterValidator(check)


def _that(holds: Callable[[_T], bool], expected: str) -> Callable[[_T], _T]:
    def check(value: _T) -> _T:
        if not holds(value):
            raise ValueError(expected)
        return value

    return check


def _is_moment(written: str) -> bool:
    try:
        datetime.strptime(written, "%Y-%m-%d %H:%M")
    except ValueError:
        return False
    return len(written) == len("2026-01-05 09:00")  # strptime also takes "2026-1-5 9:00"


def _all_different(values: tuple[object, ...]) -> bool:
    return len(set(values)) == len(values)


def _ends_elsewhere(span: str) -> bool:
    begins, _, ends = span.partition("-")
    return not span or begins != ends


_HOUR = r"([01]\d|2[0-3]):[0-5]\d"
_once = AfterValidator(_that(_all_different, "不能有重复的"))

Filled = Annotated[str, _like(r".*\S.*", "不能空着")]
Site = Annotated[
    str, _like(r"(https?://[^\s/]+)?", "要写成 https://rc.example.gov.cn 这样，后面不带斜杠；没有就空着")
]
Api = Annotated[str, _like(r"https?://\S+", "要写成 https:// 开头的网址")]
Proxy = Annotated[
    SecretStr, _secret_like(r"(https?://\S+)?", "要写成 http://127.0.0.1:7890 这样；没有就空着")
]
DatabaseUrl = Annotated[
    SecretStr,
    _secret_like(r"((postgres|sqlite)\S*:/\S+)?", "要以 postgresql:// 或 sqlite:/// 开头；用自带的就空着"),
]
LongSecret = Annotated[SecretStr, _secret_like(r"(?s).{32,}", "每个密钥至少 32 个字符")]
AesKey = Annotated[SecretStr, _secret_like(r"([A-Za-z0-9+/]{43})?", "应为 43 个字母或数字；明文模式就空着")]
HookSecret = Annotated[
    SecretStr, _secret_like(r"[A-Za-z0-9_-]{0,256}", "只能用字母、数字、下划线和连字符，最多 256 个")
]

Clock = Annotated[str, _like(_HOUR, "时间要写成 09:00 这样")]
Clocks = Annotated[tuple[Clock, ...], _once]
Span = Annotated[
    str,
    _like(rf"({_HOUR}-{_HOUR})?", "要写成 22:00-08:00 这样；不限就空着"),
    AfterValidator(_that(_ends_elsewhere, "开始和结束不能一样")),
]
Moment = Annotated[str, AfterValidator(_that(_is_moment, "要写成 2026-01-05 09:00 这样"))]
Weekday = Annotated[int, Field(ge=1, le=7)]
Weekdays = Annotated[tuple[Weekday, ...], Field(min_length=1), _once]
