"""Many people at once, on both databases: every seat goes to exactly one of them, and everyone gets an answer."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from itertools import repeat

import pytest
from sqlalchemy import func, select, update

from db.booking import Appointment, Offer, Slot
from db.session import Database
from services import availability, booking, holds, offers, waitlist
from services.booking_terms import Kind, Refused, SlotTaken, Tier
from services.cycles import BookingPlan, Service
from tests.services.booking.office import NOW, PLAN, TOLD, WEDNESDAY, Office, opened

ONE_BIG = replace(PLAN, times=(time(9),), counter_capacity=20)
TWENTY = replace(PLAN, times=(*PLAN.times, time(11), time(17)), counters=("1号窗口", "2号窗口"))
PEOPLE = {"sqlite": 1000, "postgresql": 300}


async def insists(office: Office, person: int, slot: int | None) -> bool:
    """What somebody does who takes whatever is left: choose, and when it is gone look what else there is."""
    while slot is not None:
        try:
            await office.run(hold_and_fill_in, person, slot)
            await office.run(booking.book, person, await office.run(live, person))
            return True
        except SlotTaken:
            left = await office.run(availability.times, Service.COUNTER, WEDNESDAY)
            slot = left[person % len(left)].slot_id if left else None
    return False


def hold_and_fill_in(session, desk, person, slot, now):  # type: ignore[no-untyped-def]
    held = holds.hold(session, desk, person, slot, Tier.SILVER, Kind.FIRST, now)
    holds.fill_in(session, held, TOLD, now)


def live(session, person, now):  # type: ignore[no-untyped-def]
    found = holds.live_of(session, person)
    return found.id if found else 0


@pytest.mark.parametrize("plan", [ONE_BIG, TWENTY], ids=["one slot of 20", "20 slots of one"])
async def test_a_thousand_people_get_exactly_twenty_seats(database: Database, plan: BookingPlan) -> None:
    office = await asyncio.to_thread(opened, database, plan)
    people = office.people(PEOPLE[database.dialect])
    slots = office.slots()
    choices = [slots[at % len(slots)] for at in range(len(people))]
    results = await asyncio.gather(*map(insists, repeat(office), people, choices))
    assert sum(results) == 20
    counted = select(func.count(), func.count(func.distinct(Appointment.person_id))).select_from(Appointment)
    assert tuple(office.read(lambda session: session.execute(counted).one())) == (20, 20)
    office.check_seats()


async def test_one_person_on_many_devices_books_once(database: Database) -> None:
    office = await asyncio.to_thread(opened, database)
    person, slots = office.person(), office.slots()
    results = await asyncio.gather(
        *(insists(office, person, slot) for slot in slots * 3), return_exceptions=True
    )
    assert sum(result is True for result in results) == 1
    office.check_seats()


async def test_two_who_change_places_with_others_neither_block_nor_lose_a_seat(database: Database) -> None:
    office = await asyncio.to_thread(opened, database)
    slots = office.slots()
    booked = [office.book(office.person(), slot) for slot in slots[:6]]

    async def moves(at: int) -> object:
        mine = booked[at]
        for slot in slots[at + 1 :] + slots[: at + 1]:
            try:
                await office.run(hold_and_fill_in, mine.person_id, slot)
                held = await office.run(live, mine.person_id)
                return await office.run(booking.move, mine.person_id, mine.id, 1, held)
            except Refused:
                continue
        return None

    await asyncio.gather(*(moves(at) for at in range(6)))
    office.check_seats()
    kept = select(func.count()).where(Appointment.status == "booked")
    assert office.read(lambda session: session.execute(kept).scalar_one()) == 6


async def test_seats_freed_while_others_join_the_line_reach_it_in_order(database: Database) -> None:
    office = await asyncio.to_thread(opened, database)
    full = office.fill()
    people = office.people(12)

    async def joins(person: int) -> None:
        await office.run(waitlist.join, person, WEDNESDAY, Tier.SILVER, Kind.FIRST)

    async def cancels(at: int) -> None:
        await office.run(booking.cancel, full[at].person_id, full[at].id, 1)

    await asyncio.gather(*(joins(person) for person in people[:4]))
    await asyncio.gather(
        *(joins(person) for person in people[4:]), *(cancels(at) for at in range(6)), return_exceptions=True
    )
    await office.run(offers.serve_lines)
    office.check_seats()
    offered = office.read(
        lambda session: (
            session.execute(select(Offer.entry_id).where(Offer.status == "open").order_by(Offer.entry_id))
            .scalars()
            .all()
        )
    )
    assert len(offered) == 6
    assert list(offered) == list(range(offered[0], offered[0] + 6))


async def test_an_offer_is_accepted_or_expires_never_both(database: Database) -> None:
    office = await asyncio.to_thread(opened, database)
    full = office.fill()
    first, second = office.people(2)
    for person in (first, second):
        await office.run(waitlist.join, person, WEDNESDAY, Tier.SILVER, Kind.FIRST)
    await office.run(booking.cancel, full[0].person_id, full[0].id, 1)
    offer = office.read(lambda session: session.execute(select(Offer.id)).scalar_one())
    end = NOW + timedelta(minutes=PLAN.offer_minutes)
    before = [office.run(holds.accept, first, offer, now=end - timedelta(seconds=1)) for _ in range(3)]
    ticks = [office.run(offers.expire_offers, now=end) for _ in range(3)]
    await asyncio.gather(*before, *ticks, return_exceptions=True)
    office.check_seats()
    statuses = office.read(lambda session: session.execute(select(Offer.status)).scalars().all())
    assert statuses in (["accepted"], ["expired", "open"])


async def test_ticks_of_many_processes_expire_each_hold_once(database: Database) -> None:
    office = await asyncio.to_thread(opened, database)
    for slot in office.slots():
        office.hold(office.person(), slot)
    later = NOW + timedelta(minutes=10)
    counts = await asyncio.gather(*(office.run(holds.expire_holds, now=later) for _ in range(8)))
    assert sum(counts) == len(office.slots())
    office.check_seats()


def test_the_database_itself_refuses_a_seat_too_many(database: Database) -> None:
    office = opened(database)
    too_many = update(Slot).values(booked=Slot.capacity + 1)
    with pytest.raises(Exception, match=r"CHECK|check"):
        office.read(lambda session: session.execute(too_many))
