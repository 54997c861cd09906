"""The audit trail: entries chained by keyed hashes, so that a changed, missing or added one shows."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from db.audit import AuditEntry, AuditHead
from db.base import table
from db.locks import line_up, one_moment
from db.session import changed, vault_in
from db.types import Moment

_HEAD = 1
_SEALED = ("number", "at", "actor", "action", "subject", "details")
_PRUNE = "audit.prune"


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
    """How many entries hold, and the first number at which the chain is broken (None: all of them hold).

    Values are read as the driver gives them: what somebody wrote by hand need not even be a date or JSON.
    """
    one_moment(session)
    key = vault_in(session).audit_key
    number, before = forgotten = _forgotten(session)
    columns = AuditEntry.__table__.columns
    raw = [type_coerce(columns[name], NullType()).label(name) for name in (*_SEALED, "seal")]
    rows = session.execute(select(*raw).order_by(columns["number"]).execution_options(yield_per=500))
    for row in rows.mappings():
        number += 1
        if row["number"] != number or row["seal"] != _seal_of(session, key, before, dict(row)):
            return number - forgotten[0] - 1, min(number, row["number"])
        before = row["seal"]
    head = session.execute(
        select(AuditHead.number, AuditHead.seal).where(AuditHead.id == _HEAD)
    ).one_or_none()
    whole = (head.number, head.seal) == (number, before) if head else not number
    return number - forgotten[0], None if whole else number + 1


def prune(session: Session, before: datetime, now: datetime) -> int:
    """Forgets the entries older than `before`, and notes where the chain begins from now on. How many went."""
    line_up(session, "audit")
    number, seal = AuditEntry.number, AuditEntry.seal
    kept = select(func.min(number)).where(AuditEntry.at >= before).scalar_subquery()
    last = session.execute(
        select(number, seal).where(AuditEntry.at < before, number < func.coalesce(kept, number + 1))
        .order_by(number.desc()).limit(1)
    ).one_or_none()  # fmt: skip
    if last is None:
        return 0
    record(session, "service", _PRUNE, "audit", now, {"until": last.number, "seal": last.seal})
    return changed(session.execute(delete(AuditEntry).where(number <= last.number)))


def _forgotten(session: Session) -> tuple[int, str]:
    """The last entry that was pruned: its number, and the seal with which the next one begins."""
    raw = type_coerce(AuditEntry.details, NullType())
    last = select(raw).where(AuditEntry.action == _PRUNE).order_by(AuditEntry.number.desc()).limit(1)
    try:
        details = _opened(session.execute(last).scalar())
        return (int(details["until"]), details["seal"]) if details else (0, "")
    except (ValueError, TypeError, KeyError):
        return 0, ""


def _seal_of(session: Session, key: bytes, before: str, row: Mapping[str, Any]) -> str | None:
    """None: there is nothing in it that we could have sealed."""
    try:
        moment = Moment().process_result_value(row["at"], session.get_bind().dialect)
        entry = {**{name: row[name] for name in _SEALED}, "at": moment, "details": _opened(row["details"])}
        return _seal(key, before, entry)
    except (ValueError, TypeError, AttributeError):
        return None


def _opened(details: Any) -> Any:
    return json.loads(details) if isinstance(details, str) else details


def _seal(key: bytes, before: str, entry: Mapping[str, Any]) -> str:
    written = {**entry, "at": entry["at"].isoformat()}
    text = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, f"{before}\n{text}".encode(), hashlib.sha256).hexdigest()
