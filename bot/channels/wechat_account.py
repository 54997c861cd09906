"""One official account as configured, and the menu at the foot of its chat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels.wechat_updates import SAY

_WIDEST, _TALLEST = 3, 5  # entries the platform shows side by side, and under one of them


@dataclass(frozen=True, slots=True)
class Account:
    """`template_ids` and `subscribe_ids` hold `notice = "ID:field"`: a template, and the field a notice goes into."""

    token: str
    app_id: str = ""
    secret: str = ""
    aes_key: str = ""
    base_url: str = "https://api.weixin.qq.com"
    customer_window_hours: int = 48
    customer_quota: int = 5
    template_ids: Mapping[str, str] = field(default_factory=dict)
    subscribe_ids: Mapping[str, str] = field(default_factory=dict)
    menu: Sequence[str] = ()
    encrypted_only: bool = False  # refuses plain pushes, which anybody who overheard one could imitate

    @property
    def can_call(self) -> bool:
        """Without the account's secret we can only answer."""
        return bool(self.app_id and self.secret)


def menu_of(entries: Sequence[str]) -> dict[str, Any]:
    """`"标签"` types its own label, `"标签=route"` chooses a route, `"标签=https://…"` opens a page;
    `"组/标签…"` stands under `组`. More than the platform shows is left out.
    """
    columns: dict[str, dict[str, Any]] = {}
    for entry in entries:
        label, _, target = entry.partition("=")
        group, grouped, name = label.rpartition("/")
        if not grouped:
            columns[name] = _entry(name, target)
            continue
        column = columns.setdefault(group, {"name": group, "sub_button": []})
        if len(column["sub_button"]) < _TALLEST:
            column["sub_button"].append(_entry(name, target))
    return {"button": list(columns.values())[:_WIDEST]}


def _entry(label: str, target: str) -> dict[str, Any]:
    if target.startswith(("http://", "https://")):
        return {"name": label, "type": "view", "url": target}
    return {"name": label, "type": "click", "key": target or SAY + label}
