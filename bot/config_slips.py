"""What is wrong with the settings, in one plain Chinese sentence that names the key and never its value."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

_EXPECTED = (  # by the beginning of pydantic's own name for the mistake
    ("int", "应为整数"),
    ("float", "应为数字"),
    ("finite", "应为数字"),
    ("bool", "应为 true 或 false"),
    ("string", "应为文字，写在引号里"),
    ("path", "应为文件夹的位置，写在引号里"),
    ("tuple", "应为方括号里的一列"),
    ("dict", "应为花括号里的 名字 = 值"),
    ("greater_than_equal", "不能小于 {ge}"),
    ("less_than_equal", "不能大于 {le}"),
    ("greater_than", "要大于 {gt}"),
    ("too_short", "至少要有 {min_length} 个"),
)


def in_file(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, tomllib.TOMLDecodeError):
        line = re.search(r"line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else "末尾"
        return f"配置文件 {path} {where}写得不对，不是正确的 TOML。"
    if isinstance(error, OSError):
        return f"打不开配置文件 {path}。"
    return f"配置文件 {path} 不是 UTF-8 编码。"


def in_value(error: ValidationError) -> str:
    """The first mistake of them; the next one shows when this is mended."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = key(*first["loc"])
    if first["type"] == "extra_forbidden":
        return f"没有这个设置：{name}。"
    return f"设置 {name} 的值不对：{_expected(first['type'], first.get('ctx', {}))}。"


def key(section: object = "", *rest: object) -> str:
    """('booking', 'times', 0) as somebody would find it in the file."""
    names = [f"第 {one + 1} 个" if isinstance(one, int) else str(one) for one in rest]
    return " ".join([f"[{section}]", *names])


def _expected(kind: str, context: dict[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"只能是 {context['expected'].replace(' or ', '、').replace(', ', '、')}"
    limits = {name: f"{limit:g}" for name, limit in context.items() if isinstance(limit, (int, float))}
    phrases = (phrase for beginning, phrase in _EXPECTED if kind.startswith(beginning))
    return next(phrases, "写法不对").format(**limits)
