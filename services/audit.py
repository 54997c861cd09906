"""The audit trail: entries chained by keyed hashes, so that a changed, missing or added one shows."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.audit import AuditEntry, AuditHead
from db.base import table
from db.locks import line_up
from db.session import vault_in

_HEAD = 1


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """`actor` and `subject` are references (person:12, staff:3), never names."""
    line_up(session, "audit")
    head = session.execute(
        select(AuditHead.number, AuditHead.seal).where(AuditHead.id == _HEAD)
    ).one_or_none()
    number, before = (head.number + 1, head.seal) if head else (1, "")
    entry = {
        "number": number,
        "at": now,
        "actor": actor,
        "action": action,
        "subject": subject,
        "details": dict(details or {}),
    }
    seal = _seal(vault_in(session).audit_key, before, entry)
    session.execute(insert(table(AuditEntry)), {**entry, "seal": seal})
    if head:
        session.execute(update(AuditHead).where(AuditHead.id == _HEAD).values(number=number, seal=seal))
    else:
        session.execute(insert(table(AuditHead)), {"id": _HEAD, "number": number, "seal": seal})


def verify(session: Session) -> tuple[int, int | None]:
    """How many entries there are, and the first number at which the chain is broken (None: whole).

    Entries pruned from the front are no break: the chain is checked from the first one kept.
    """
    key, count, before, expected = vault_in(session).audit_key, 0, None, 0
    rows = session.execute(select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=500))
    for entry in rows.scalars():
        fields = {
            name: getattr(entry, name) for name in ("number", "at", "actor", "action", "subject", "details")
        }
        if before is not None and (entry.number != expected or entry.seal != _seal(key, before, fields)):
            return count, entry.number
        if before is None and entry.number == 1 and entry.seal != _seal(key, "", fields):
            return count, 1
        count, before, expected = count + 1, entry.seal, entry.number + 1
    head = session.execute(
        select(AuditHead.number, AuditHead.seal).where(AuditHead.id == _HEAD)
    ).one_or_none()
    if head and (before is None or head.seal != before):
        return count, expected or 1
    return count, None


def _seal(key: bytes, before: str, entry: Mapping[str, Any]) -> str:
    written = {**entry, "at": entry["at"].isoformat()}
    text = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, f"{before}\n{text}".encode(), hashlib.sha256).hexdigest()
