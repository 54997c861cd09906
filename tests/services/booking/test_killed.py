"""A process killed in the middle of a burst loses no seat and nothing that it had answered."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from db.booking import Appointment, AppointmentEvent, Hold, Offer
from db.migrate import migrate
from db.session import Database
from db.vault import Vault, new_key
from services import holds, offers
from tests.services.booking.office import NOW, opened
from tests.services.booking.test_any_order import check_history, check_order

ROOT = Path(__file__).resolve().parents[3]
ANSWERED = 150


def test_after_kill_9_every_seat_is_free_held_offered_or_booked(database_url: str) -> None:
    key = new_key()
    database = Database(database_url, Vault([key]))
    migrate(database.engine)
    office = opened(database)
    people = office.people(40)

    told = burst(database_url, key, people)

    office.check_seats()
    office.read(check_order)
    office.read(check_history)
    kept = office.read(
        lambda session: {
            (row[0], row[1])
            for row in session.execute(select(AppointmentEvent.appointment_id, AppointmentEvent.version))
        }
    )
    assert len(told) >= ANSWERED
    assert told <= kept

    later = NOW + timedelta(hours=30)
    for _ in range(60):
        office.do(holds.expire_holds, now=later)
        office.do(offers.expire_offers, now=later + timedelta(days=7))
    office.check_seats()
    live = select(func.count()).select_from(Hold).where(Hold.status == "live")
    open_offers = select(func.count()).select_from(Offer).where(Offer.status == "open")
    booked = select(func.count()).select_from(Appointment).where(Appointment.status == "booked")
    counts = [
        office.read(lambda session, one=one: session.execute(one).scalar_one()) for one in (live, open_offers)
    ]
    assert counts == [0, 0]
    assert office.read(lambda session: session.execute(booked).scalar_one()) == sum(
        map(office.booked, office.slots())
    )
    database.close_now()


def burst(url: str, key: str, people: list[int]) -> set[tuple[int, int]]:
    """Killed while it answers; what it had said until then."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "YOUCAI_TEST_KEY": key}
    script = Path(__file__).with_name("burst.py")
    command = [sys.executable, str(script), url, ",".join(map(str, people))]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(ANSWERED)]
    process.kill()
    said += process.stdout.readlines()
    process.wait()
    lines = [line.split() for line in said if line.endswith("\n")]
    return {(int(one[0]), int(one[1])) for one in lines}
