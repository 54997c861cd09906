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
        self._labels: dict[str, str] = {}

    def say(self, name: str, **values: Any) -> str:
        return self._environment.get_template(f"{name}.txt").render(values).strip()

    def label(self, name: str) -> str:
        """A sentence without values, kept once rendered: what stands on a button is asked for all the time."""
        if name not in self._labels:
            self._labels[name] = self.say(name)
        return self._labels[name]
