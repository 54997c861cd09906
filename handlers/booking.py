"""办卡预约: tier, then kind, day and time; the seat is held from the choice of the time."""

from collections.abc import Callable
from datetime import date, timedelta

from db.session import vault_in
from handlers import booking_details, subscription, welcome
from handlers.refusals import answering
from handlers.turn import Turn
from services import appointments, availability, holds, people
from services.availability import Day, Time
from services.booking_terms import Kind, SlotTaken, Tier
from services.messaging import Button, Reply
from services.signed_links import signed_path
from services.spoken import short_day, spoken_day, spoken_moment, spoken_time

MOST_DAYS = 10
LINK_LASTS = timedelta(hours=2)


def begin(turn: Turn) -> Reply:
    """The open appointment, the held seat, the choice of the tier, or when booking opens next."""
    held = holds.live_of(turn.session, turn.person_id)
    if held is not None and held.expires_at > turn.now:
        return booking_details.go_on(turn, held)
    if appointments.open_of(turn.session, turn.person_id) is not None:
        return turn.reply("booking/already", turn.desk.button("my_appointment", "book.mine"))
    tiers = [
        _tier_button(turn, tier) for tier in Tier if availability.days(turn.session, tier.service, turn.now)
    ]
    if not tiers:
        return _closed(turn)
    buttons = (*tiers, turn.desk.button("unsure", "book.unsure"), turn.desk.button("menu"))
    return turn.reply("booking/which_tier", *buttons, address=turn.desk.booking.address)


def unsure(turn: Turn) -> Reply:
    """Which tier somebody gets stands in no public document: the office decides."""
    tiers = [_tier_button(turn, tier) for tier in Tier]
    return turn.reply("booking/unsure", *tiers, turn.desk.button("handoff"))


@answering
def choose_tier(turn: Turn) -> Reply:
    tier = Tier(turn.object[0])
    kinds = [turn.desk.button(f"kind_{kind}", f"book.kind:{tier}:{kind}") for kind in Kind]
    return turn.reply("booking/which_kind", *kinds, turn.desk.button("back", "book"), in_place=True)


@answering
def choose_kind(turn: Turn) -> Reply:
    tier, kind = Tier(turn.object[0]), Kind(turn.object[1])
    back = turn.desk.button("back", f"book.tier:{tier}")
    return days(turn, tier, kind, lambda day: f"book.day:{tier}:{kind}:{day}", back)


def days(turn: Turn, tier: Tier, kind: Kind, choice: Callable[[date], str], back: Button) -> Reply:
    """The service days at a glance, here or on our calendar page; a full one leads to its line."""
    found = availability.days(turn.session, tier.service, turn.now)[:MOST_DAYS]
    if not found:
        return _closed(turn)
    buttons = [_day_button(turn, one, choice(one.day)) for one in found]
    visit = tier is not Tier.SILVER
    return turn.reply(
        "booking/which_day", *buttons, back, visit=visit, link=_calendar_link(turn, tier, kind), in_place=True
    )


@answering
def choose_day(turn: Turn) -> Reply:
    tier, kind, day = Tier(turn.object[0]), Kind(turn.object[1]), date.fromisoformat(turn.object[2])
    back = turn.desk.button("back", f"book.kind:{tier}:{kind}")
    return times(turn, tier, kind, day, lambda slot_id: f"book.slot:{slot_id}:{tier}:{kind}", back)


def times(
    turn: Turn,
    tier: Tier,
    kind: Kind,
    day: date,
    choice: Callable[[int], str],
    back: Button,
    said: str = "booking/which_time",
) -> Reply:
    found = _open_times(turn, tier, day)
    if not found:
        return full(turn, tier, kind, day, back)
    zone = turn.desk.booking.plan.zone
    buttons = [Button(spoken_time(one.starts_at, zone), choice(one.slot_id)) for one in found]
    return turn.reply(said, *buttons, back, day=spoken_day(day), in_place=said == "booking/which_time")


def full(turn: Turn, tier: Tier, kind: Kind, day: date, back: Button) -> Reply:
    """Nothing left, or people wait already: offers a place in line."""
    waits = availability.waiting(turn.session, tier.service, day)
    join = turn.desk.button("join_line", f"book.join:{tier}:{kind}:{day}")
    return turn.reply("booking/day_full", join, back, day=spoken_day(day), waiting=waits)


@answering
def choose_time(turn: Turn) -> Reply:
    """The seat is kept from here on; who comes a moment late sees what is left."""
    slot_id, tier, kind = int(turn.object[0]), Tier(turn.object[1]), Kind(turn.object[2])
    try:
        hold_id = holds.hold(turn.session, turn.desk.booking, turn.person_id, slot_id, tier, kind, turn.now)
    except SlotTaken:
        day = availability.day_of(turn.session, slot_id)
        back = turn.desk.button("back", f"book.kind:{tier}:{kind}")
        return times(
            turn, tier, kind, day, lambda slot: f"book.slot:{slot}:{tier}:{kind}", back, "booking/just_taken"
        )
    return booking_details.go_on(turn, holds.find(turn.session, turn.person_id, hold_id, turn.now))


def drop(turn: Turn) -> Reply:
    """The held seat is given up."""
    holds.release(turn.session, turn.desk.booking, turn.person_id, turn.now)
    return turn.reply("booking/dropped", turn.desk.button("book"), turn.desk.button("menu"))


def stop(turn: Turn) -> Reply:
    """取消 in the middle of it gives the seat up at once."""
    in_the_middle = turn.step is not None and turn.step.name == booking_details.STEP
    return drop(turn) if in_the_middle else welcome.cancel(turn)


def _open_times(turn: Turn, tier: Tier, day: date) -> list[Time]:
    if availability.waiting(turn.session, tier.service, day):
        return []
    return availability.times(turn.session, tier.service, day, turn.now)


def _closed(turn: Turn) -> Reply:
    after = availability.next_opening(turn.session, turn.now)
    return turn.reply(
        "booking/not_open",
        *subscription.tell_opening(turn),
        turn.desk.button("my_appointment", "book.mine"),
        turn.desk.button("menu"),
        opens=spoken_moment(after.opens_at, turn.desk.booking.plan.zone) if after else "",
        provisional=after is not None and after.provisional,
        every=turn.desk.booking.plan.every_days,
    )


def _calendar_link(turn: Turn, tier: Tier, kind: Kind) -> str:
    if not turn.desk.base_url:
        return ""
    subject = f"{people.named(turn.session, turn.identity_id)}-{tier}-{kind}"
    until = turn.now + LINK_LASTS
    return turn.desk.base_url + signed_path(vault_in(turn.session), "calendar", subject, until)


def _tier_button(turn: Turn, tier: Tier) -> Button:
    return turn.desk.button(f"tier_{tier}", f"book.tier:{tier}")


def _day_button(turn: Turn, one: Day, choice: str) -> Button:
    label = turn.say("buttons/day", day=short_day(one.day), free=one.free)
    return Button(label, choice)
