"""Appointments as they stand: changed only together with a line of their history, found by person or code."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.booking import Appointment, AppointmentEvent, Slot
from db.session import vault_in
from services.booking_terms import AppointmentStatus, Changed, Happened, Kind, NotFound, Tier
from services.cycles import Service

_appointment, _event = table(Appointment), table(AppointmentEvent)
OPEN = (AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment with its interval, without the sealed details."""

    id: int
    code: str
    person_id: int | None
    version: int
    status: AppointmentStatus
    tier: Tier
    tier_confirmed: bool
    kind: Kind
    slot_id: int
    service: Service
    place: str
    day: date
    starts_at: datetime
    ends_at: datetime
    change_until: datetime
    issued_on: date | None
    valid_until: date | None


_BOOKED = select(
    Appointment.id,
    Appointment.code,
    Appointment.person_id,
    Appointment.version,
    Appointment.status,
    Appointment.tier,
    Appointment.tier_confirmed,
    Appointment.kind,
    Appointment.slot_id,
    Slot.service,
    Slot.place,
    Slot.day,
    Slot.starts_at,
    Slot.ends_at,
    Slot.change_until,
    Appointment.issued_on,
    Appointment.valid_until,
).join(Slot, Slot.id == Appointment.slot_id)


def find(session: Session, appointment_id: int) -> Booked:
    found = session.execute(_BOOKED.where(Appointment.id == appointment_id)).one_or_none()
    if found is None:
        raise NotFound
    return _booked(found)


def find_own(session: Session, person_id: int, appointment_id: int) -> Booked:
    found = find(session, appointment_id)
    if found.person_id != person_id:
        raise NotFound
    return found


def find_code(session: Session, code: str) -> Booked:
    found = session.execute(_BOOKED.where(Appointment.code == plain_code(code))).one_or_none()
    if found is None:
        raise NotFound
    return _booked(found)


def open_of(session: Session, person_id: int) -> Booked | None:
    found = _BOOKED.where(Appointment.person_id == person_id, Appointment.status.in_(OPEN))
    row = session.execute(found).one_or_none()
    return _booked(row) if row else None


def latest_of(session: Session, person_id: int) -> Booked | None:
    """The open one, or else the last one: what 我的预约 shows."""
    last = _BOOKED.where(Appointment.person_id == person_id).order_by(Appointment.id.desc()).limit(1)
    row = session.execute(last).one_or_none()
    return open_of(session, person_id) or (_booked(row) if row else None)


def at_slot(session: Session, slot_id: int) -> list[Booked]:
    found = _BOOKED.where(Appointment.slot_id == slot_id, Appointment.status.in_(OPEN))
    return [_booked(row) for row in session.execute(found.order_by(Appointment.id))]


def on_day(session: Session, day: date) -> list[Booked]:
    """In the order of place, then time; cancelled ones left out."""
    found = _BOOKED.where(Slot.day == day, Appointment.status != AppointmentStatus.CANCELLED)
    return [
        _booked(row) for row in session.execute(found.order_by(Slot.place, Slot.starts_at, Appointment.id))
    ]


def change(
    session: Session,
    appointment_id: int,
    happened: Happened,
    actor: str,
    now: datetime,
    *,
    was: Collection[AppointmentStatus],
    version: int | None = None,
    **values: Any,
) -> None:
    """The one way an appointment changes. Raises `Changed` if it is not what the caller saw."""
    guarded = update(_appointment).where(_appointment.c.id == appointment_id, _appointment.c.status.in_(was))
    if version is not None:
        guarded = guarded.where(_appointment.c.version == version)
    done = guarded.values(version=_appointment.c.version + 1, **values).returning(*_TOLD)
    row = session.execute(done).one_or_none()
    if row is None:
        raise Changed
    tell(session, row, happened, actor, now)


_TOLD = (
    _appointment.c.id,
    _appointment.c.version,
    _appointment.c.slot_id,
    _appointment.c.tier,
    _appointment.c.status,
)


def begin_history(session: Session, appointment_id: int, actor: str, now: datetime) -> None:
    row = session.execute(select(*_TOLD).where(_appointment.c.id == appointment_id)).one()
    tell(session, row, Happened.BOOKED, actor, now)


def tell(session: Session, row: Row[*tuple[Any, ...]], happened: Happened, actor: str, now: datetime) -> None:
    """One line of history, of the appointment as it stands now."""
    line = {"appointment_id": row.id, "version": row.version, "slot_id": row.slot_id}
    line |= {"tier": row.tier, "status": row.status, "happened": happened, "actor": actor, "at": now}
    session.execute(insert(_event), line)


def history(session: Session, appointment_id: int) -> list[AppointmentEvent]:
    found = select(AppointmentEvent).where(AppointmentEvent.appointment_id == appointment_id)
    return list(session.execute(found.order_by(AppointmentEvent.version)).scalars())


def details_of(session: Session, appointment_id: int) -> dict[str, str]:
    """Opened; {} once erased. Whoever shows it to staff records that in the audit trail."""
    sealed = session.execute(
        select(_appointment.c.sealed_details).where(_appointment.c.id == appointment_id)
    ).scalar_one()
    return dict(vault_in(session).open_json(sealed)) if sealed else {}


def lacking_of(session: Session, appointment_id: int) -> str:
    """Which documents the desk found missing, in its own words."""
    sealed = session.execute(
        select(_appointment.c.sealed_lacking).where(_appointment.c.id == appointment_id)
    ).scalar_one()
    return vault_in(session).open(sealed) if sealed else ""


def told_of(session: Session, person_id: int) -> list[dict[str, Any]]:
    """Everything that is kept of a person's appointments, opened, as JSON values."""
    found = session.execute(_BOOKED.where(Appointment.person_id == person_id).order_by(Appointment.id))
    return [
        {
            "code": one.code,
            "starts_at": one.starts_at.isoformat(),
            "service": one.service,
            "tier": one.tier,
            "status": one.status,
            "told": details_of(session, one.id),
            "missing_documents": lacking_of(session, one.id),
            "history": [
                {"at": line.at.isoformat(), "happened": line.happened} for line in history(session, one.id)
            ],
        }
        for one in map(_booked, found)
    ]


def plain_code(code: str) -> str:
    """As it is stored, however it was typed or scanned."""
    return "".join(one for one in code.upper() if one.isalnum())[-8:]


def shown_code(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


def _booked(row: Row[*tuple[Any, ...]]) -> Booked:
    found = dict(row._mapping)
    found["status"] = AppointmentStatus(found["status"])
    found["tier"], found["kind"] = Tier(found["tier"]), Kind(found["kind"])
    found["service"] = Service(found["service"])
    return Booked(**found)
