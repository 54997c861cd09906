"""A freed seat goes down the line in order, is kept for a while, and is never lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from db.booking import Offer, Slot
from services import booking, holds, offers, waitlist
from services.booking_terms import Changed, Kind, NotFound, NotOpen, OfferGone, SlotTaken, Tier
from tests.services.booking.office import NOW, PLAN, TUESDAY, WEDNESDAY, Office

SECOND = timedelta(seconds=1)
WAIT = timedelta(minutes=PLAN.offer_minutes)
END = NOW + WAIT


def join(office: Office, person: int, now: datetime = NOW) -> int:
    return office.do(waitlist.join, person, WEDNESDAY, Tier.SILVER, Kind.FIRST, now=now)


def line(office: Office, count: int = 3) -> list[int]:
    """A full day, with this many people waiting for it."""
    people = [office.person() for _ in range(count)]
    for person in people:
        join(office, person)
    return people


def offer_to(office: Office, person: int) -> int:
    entry = office.read(lambda session: waitlist.entries_of(session, person)[0].id)
    offer = office.read(lambda session: offers.open_offer(session, entry))
    assert offer is not None
    return offer.id


def test_a_freed_seat_is_offered_to_the_first_in_line_and_to_nobody_else(office: Office) -> None:
    full = office.fill()
    first, second, third = line(office)
    office.do(booking.cancel, full[4].person_id, full[4].id, 1)
    assert [office.notices.to(person) for person in (first, second, third)] == [["booking.offer"], [], []]
    with pytest.raises(SlotTaken):
        office.hold(office.person(), full[4].slot_id)
    office.check_seats()


def test_an_accepted_offer_is_held_and_booked(office: Office) -> None:
    full = office.fill()
    first, *_ = line(office)
    office.do(booking.cancel, full[0].person_id, full[0].id, 1)
    held = office.do(holds.accept, first, offer_to(office, first), now=END - SECOND)
    office.do(
        holds.fill_in,
        held,
        {"name": "林清", "phone": "13900139000", "employer": "某院", "standing": "doctor"},
        now=END - SECOND,
    )
    assert office.do(booking.book, first, held, now=END).slot_id == full[0].slot_id
    office.check_seats()


def test_an_offer_ends_to_the_second_and_passes_to_the_next(office: Office) -> None:
    full = office.fill()
    first, second, _ = line(office)
    office.do(booking.cancel, full[0].person_id, full[0].id, 1)
    offer = offer_to(office, first)
    assert office.do(offers.expire_offers, now=END - SECOND) == 0
    with pytest.raises(OfferGone):
        office.do(holds.accept, first, offer, now=END)
    assert office.do(offers.expire_offers, now=END) == 1
    assert office.notices.to(first) == ["booking.offer", "booking.offer_lapsed"]
    assert office.notices.to(second) == ["booking.offer"]
    office.check_seats()


def test_a_declined_offer_passes_to_the_next_and_at_the_end_back_to_everybody(office: Office) -> None:
    full = office.fill()
    first, second = line(office, 2)
    office.do(booking.cancel, full[0].person_id, full[0].id, 1)
    office.do(waitlist.decline, first, offer_to(office, first))
    office.do(waitlist.decline, second, offer_to(office, second))
    assert office.booked(full[0].slot_id) == 0
    office.check_seats()
    office.book(office.person(), full[0].slot_id)


def test_who_leaves_with_an_offer_passes_it_on(office: Office) -> None:
    full = office.fill()
    first, second, _ = line(office)
    office.do(booking.cancel, full[0].person_id, full[0].id, 1)
    entry = office.read(lambda session: waitlist.entries_of(session, first)[0].id)
    office.do(waitlist.leave, first, entry)
    assert office.notices.to(second) == ["booking.offer"]
    with pytest.raises(NotFound):
        office.do(waitlist.leave, first, entry)
    office.check_seats()


def test_a_hold_that_expires_goes_down_the_line_too(office: Office) -> None:
    *rest, last = office.slots()
    for slot in rest:
        office.book(office.person(), slot)
    office.hold(office.person(), last)
    first, _ = line(office, 2)
    office.do(holds.expire_holds, now=NOW + timedelta(minutes=10))
    assert office.notices.to(first) == ["booking.offer"]
    office.check_seats()


def test_moving_to_another_day_serves_the_line_of_the_old_one(office: Office) -> None:
    full = office.fill()
    first, *_ = line(office)
    mover = full[2]
    held = office.hold(mover.person_id or 0, office.slots(TUESDAY)[0])
    office.do(booking.move, mover.person_id, mover.id, 1, held)
    assert office.notices.to(first) == ["booking.offer"]
    office.check_seats()


def test_a_place_in_line_is_kept_and_counted(office: Office) -> None:
    office.fill()
    first, second, _ = line(office)
    assert join(office, first) == join(office, first)

    def place(person: int) -> int:
        return office.read(
            lambda session: waitlist.place_in_line(session, waitlist.entries_of(session, person)[0])
        )

    assert (place(first), place(second)) == (1, 2)


def test_nobody_waits_where_there_is_a_seat_or_no_service(office: Office) -> None:
    with pytest.raises(Changed):
        join(office, office.person())
    with pytest.raises(NotOpen):
        join(office, office.person(), now=datetime(2026, 11, 25, 9, tzinfo=UTC))


def test_a_seat_that_is_free_while_people_wait_is_theirs_first_and_the_next_tick_offers_it(
    office: Office,
) -> None:
    full = office.fill()
    first, *_ = line(office)
    slot = full[0].slot_id
    office.read(lambda session: session.execute(update(Slot).where(Slot.id == slot).values(capacity=2)))
    with pytest.raises(SlotTaken):
        office.hold(office.person(), slot)
    assert office.do(offers.serve_lines) == 1
    assert office.do(offers.serve_lines) == 0
    assert office.notices.to(first) == ["booking.offer"]
    office.check_seats()


def test_an_erased_person_s_place_and_seat_pass_on(office: Office) -> None:
    full = office.fill()
    first, second, _ = line(office)
    office.do(booking.forget, full[0].person_id)
    office.do(booking.forget, first)
    assert office.notices.to(second) == ["booking.offer"]
    office.check_seats()


def test_a_line_whose_day_is_over_is_closed_and_told(office: Office) -> None:
    office.fill()
    people = line(office)
    after = datetime(2026, 11, 25, 0, tzinfo=UTC)
    office.do(offers.serve_lines, now=after)
    office.do(offers.serve_lines, now=after)
    assert all(office.notices.to(person) == ["booking.line_closed"] for person in people)
    assert {tuple(one.choice for one in sent[3].buttons) for sent in office.notices.sent} == {
        ("book", "subscribe:booking")
    }


def test_what_comes_free_at_night_is_kept_into_the_morning(office: Office) -> None:
    full = office.fill()
    line(office)
    night = datetime(2026, 11, 23, 18, tzinfo=UTC)  # two in the morning in Shanghai
    office.do(booking.cancel, full[0].person_id, full[0].id, 1, now=night)
    ends = office.read(lambda session: session.execute(select(Offer.expires_at)).scalar_one())
    assert ends == datetime(2026, 11, 24, 2, tzinfo=UTC)


def test_booking_a_seat_of_the_day_ends_the_waiting_for_it(office: Office) -> None:
    full = office.fill()
    first, second = line(office, 2)
    for one in full[:2]:
        office.do(booking.cancel, one.person_id, one.id, 1)
    held = office.do(holds.accept, first, offer_to(office, first))
    office.do(
        holds.fill_in,
        held,
        {"name": "林清", "phone": "13900139000", "employer": "某院", "standing": "doctor"},
    )
    office.do(booking.book, first, held)
    assert office.read(lambda session: waitlist.entries_of(session, first)) == []
    assert office.notices.to(second) == ["booking.offer"]
    office.check_seats()
