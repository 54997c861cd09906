"""Every sentence that is said comes from `templates/`: a name and its values in, plain text out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class Texts:
    """`say("welcome/greeting", name="…")` renders `templates/welcome/greeting.txt`."""

    def __init__(self, folder: Path = TEMPLATES, filters: Mapping[str, Callable[..., str]] | None = None):
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # plain text; each channel escapes for itself when it renders
            auto_reload=False,
        )
        self._environment.filters.update(filters or {})

    def say(self, name: str, **values: Any) -> str:
        return self._environment.get_template(f"{name}.txt").render(values).strip()
