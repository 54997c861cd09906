"""Runs migrations on the connection that `db/migrate.py` opened."""

from typing import Any, Literal

from alembic import context

from db import types
from db.tables import metadata


def in_our_words(kind: str, thing: Any, _: Any) -> str | Literal[False]:
    """Column types of our own are written by their names."""
    if kind != "type":
        return False
    if isinstance(thing, types.Moment):
        return "db.types.Moment()"
    named = next((name for name in ("BigId", "Json") if repr(thing) == repr(getattr(types, name))), "")
    return f"db.types.{named}" if named else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=in_our_words,
    compare_type=True,
    transactional_ddl=True,
)
context.run_migrations()
