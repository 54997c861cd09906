"""A process that books, moves, cancels and waits without end, and says what it was told was done. Made to be killed."""

import asyncio
import os
import random
import sys
from itertools import count

from db.session import Database
from db.vault import Vault
from services import appointments, booking, holds, offers, waitlist
from services.booking_desk import BookingDesk
from services.booking_terms import Kind, Refused, Tier
from tests.services.booking.office import PLAN, TOLD, WEDNESDAY, Notices, Office


async def main(url: str, people: list[int]) -> None:
    database = Database(url, Vault([os.environ["YOUCAI_TEST_KEY"]]))
    notices = Notices()
    office = Office(database, BookingDesk(PLAN, notices, address="江海分中心"), notices)
    slots = office.slots()
    await asyncio.gather(*(goes_on(office, person, slots) for person in people))


async def goes_on(office: Office, person: int, slots: list[int]) -> None:
    chance = random.Random(person)
    for _ in count():
        try:
            mine = await office.run(open_of, person)
            if mine is not None and chance.random() < 0.5:
                await office.run(booking.cancel, person, mine.id, mine.version)
                continue
            held = await office.run(some_seat, person, chance.choice(slots))
            if mine is None:
                mine = await office.run(booking.book, person, held)
            else:
                mine = await office.run(booking.move, person, mine.id, mine.version, held)
            print(mine.id, mine.version, flush=True)
        except Refused:
            try:
                await office.run(waitlist.join, person, WEDNESDAY, Tier.SILVER, Kind.FIRST)
            except Refused:
                await asyncio.sleep(0.02)  # in line: others go on


def open_of(session, person, now):  # type: ignore[no-untyped-def]
    return appointments.open_of(session, person)


def some_seat(session, desk, person, slot, now):  # type: ignore[no-untyped-def]
    """The one that is offered to the person, or else the chosen one."""
    for entry in waitlist.entries_of(session, person):
        offer = offers.open_offer(session, entry.id)
        if offer is not None:
            held = holds.accept(session, desk, person, offer.id, now)
            break
    else:
        held = holds.hold(session, desk, person, slot, Tier.SILVER, Kind.FIRST, now)
    holds.fill_in(session, held, TOLD, now)
    return held


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [int(one) for one in sys.argv[2].split(",")]))
