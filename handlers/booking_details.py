"""What is told for a held seat: asked one by one, or on our own page, then shown once more and confirmed."""

from datetime import timedelta
from typing import Any

from db.booking import Hold, Slot
from db.session import vault_in
from handlers.refusals import answering
from handlers.turn import Turn
from services import appointments, booking, holds
from services.appointments import Booked, shown_code
from services.booking_details import BadDetail, clean, fields, masked_phone, missing
from services.booking_files import calendar_file, code_image
from services.booking_terms import Standing, Tier
from services.cycles import Service
from services.messaging import Button, Message, Reply, Step
from services.signed_links import signed_path
from services.spoken import spoken_span, spoken_time

STEP = "book.details"
LINK_LASTS = timedelta(minutes=30)


def go_on(turn: Turn, held: Hold) -> Reply:
    """The next thing that is missing, or the card to confirm; who has an appointment already is asked to move it."""
    mine = appointments.open_of(turn.session, turn.person_id)
    if mine is not None:
        return _move_card(turn, held, mine)
    told = holds.details_of(turn.session, held)
    if missing(Tier(held.tier), told) is None:
        return confirm_card(turn, held, told)
    if turn.desk.keeps_details_out(turn.update.channel):
        return _elsewhere(turn, held)
    return _ask(turn, held, told)


def take(turn: Turn) -> Reply:
    """An answer typed in the chat."""
    held = _held(turn)
    if held is None:
        return _gone(turn)
    if turn.desk.keeps_details_out(turn.update.channel):
        return _elsewhere(turn, held)
    told = _told(turn, held)
    if turn.text.strip() in ("返回", "上一步", "改上一项"):
        return _ask(turn, held, _without_last(Tier(held.tier), told))
    field = missing(Tier(held.tier), told)
    if field is None:
        return confirm_card(turn, held, told)
    try:
        told[field] = clean(field, turn.text)
    except BadDetail as bad:
        return _ask(turn, held, told, wrong=bad.reason)
    return _next(turn, held, told)


def take_standing(turn: Turn) -> Reply:
    held = _held(turn)
    if held is None:
        return _gone(turn)
    told = _told(turn, held)
    if missing(Tier(held.tier), told) == "standing" and turn.object and turn.object[0] in set(Standing):
        told["standing"] = turn.object[0]
    return _next(turn, held, told)


def step_back(turn: Turn) -> Reply:
    """Asks for the answer before once more."""
    held = _held(turn)
    if held is None:
        return _gone(turn)
    return _ask(turn, held, _without_last(Tier(held.tier), _told(turn, held)))


def correct(turn: Turn) -> Reply:
    """From the first answer on, anew."""
    held = _held(turn)
    if held is None:
        return _gone(turn)
    holds.fill_in(turn.session, held.id, {}, turn.now)
    if turn.desk.keeps_details_out(turn.update.channel):
        return _elsewhere(turn, held)
    return _ask(turn, held, {})


def filled_in(turn: Turn) -> Reply:
    """Comes back from our own page."""
    held = _held(turn)
    return go_on(turn, held) if held is not None else _gone(turn)


def confirm_card(turn: Turn, held: Hold, told: dict[str, str]) -> Reply:
    slot = turn.session.get_one(Slot, held.slot_id)
    button = turn.desk.button
    return turn.reply(
        "booking/confirm",
        button("confirm", f"book.confirm:{held.id}"),
        button("correct", "book.correct"),
        button("other_time", f"book.day:{held.tier}:{held.kind}:{slot.day}"),
        button("drop", "book.drop"),
        step=Step(STEP),
        visit=slot.service == Service.VISIT,
        told=told | {"phone": masked_phone(told["phone"])},
        **_about(turn, held, slot),
    )


def _move_card(turn: Turn, held: Hold, mine: Booked) -> Reply:
    slot = turn.session.get_one(Slot, held.slot_id)
    zone = turn.desk.booking.plan.zone
    return turn.reply(
        "booking/move_sure",
        turn.desk.button("move_now", f"book.move.now:{mine.id}:{mine.version}:{held.id}"),
        turn.desk.button("keep_old", "book.drop"),
        before=when_of(turn, mine),
        after=spoken_span(slot.starts_at, slot.ends_at, zone),
        until=spoken_time(held.expires_at, zone),
    )


def when_of(turn: Turn, booked: Booked) -> str:
    return spoken_span(booked.starts_at, booked.ends_at, turn.desk.booking.plan.zone)


@answering
def confirm(turn: Turn) -> Reply:
    """Confirming is the consent that the card asked for. Tapped again, it is the same appointment."""
    mine = appointments.open_of(turn.session, turn.person_id)
    if mine is None:
        hold_id = int(turn.object[0])
        mine = booking.book(turn.session, turn.desk.booking, turn.person_id, hold_id, turn.now)
    held = _held(turn)
    return go_on(turn, held) if held is not None else confirmed(turn, mine)


def confirmed(turn: Turn, booked: Booked, said: str = "booking/confirmed") -> Reply:
    desk = turn.desk.booking
    text = turn.say(
        said,
        when=when_of(turn, booked),
        visit=booked.service is Service.VISIT,
        address=desk.address,
        place=booked.place,
        code=shown_code(booked.code),
        cutoff=desk.plan.cutoff_hours,
    )
    files = (code_image(desk, booked), calendar_file(desk, booked, turn.now))
    buttons = (turn.desk.button("my_appointment", "book.mine"), turn.desk.button("menu"))
    return Reply((Message(text, buttons, files),))


def _next(turn: Turn, held: Hold, told: dict[str, str]) -> Reply:
    if missing(Tier(held.tier), told) is not None:
        return _ask(turn, held, told)
    holds.fill_in(turn.session, held.id, told, turn.now)
    return confirm_card(turn, held, told)


def _ask(turn: Turn, held: Hold, told: dict[str, str], wrong: str = "") -> Reply:
    field = missing(Tier(held.tier), told)
    assert field is not None
    slot = turn.session.get_one(Slot, held.slot_id)
    every = fields(Tier(held.tier))
    return turn.reply(
        "booking/ask",
        *_choices(turn, field),
        *([turn.desk.button("back", "book.back")] if told else []),
        turn.desk.button("drop", "book.drop"),
        step=Step(STEP, {"told": told}),
        field=field,
        wrong=wrong,
        number=every.index(field) + 1,
        count=len(every),
        first=not told and not wrong,
        **_about(turn, held, slot),
    )


def _choices(turn: Turn, field: str) -> list[Button]:
    if field != "standing":
        return []
    return [turn.desk.button(f"standing_{one}", f"book.standing:{one}") for one in Standing]


def _elsewhere(turn: Turn, held: Hold) -> Reply:
    """Where the law keeps personal details out of the chat, they are told on our own page."""
    slot = turn.session.get_one(Slot, held.slot_id)
    path = signed_path(
        vault_in(turn.session), "details", str(held.id), min(held.expires_at, turn.now + LINK_LASTS)
    )
    return turn.reply(
        "booking/details_link",
        turn.desk.button("filled_in", "book.filled"),
        turn.desk.button("drop", "book.drop"),
        step=Step(STEP),
        link=f"{turn.desk.base_url}{path}" if turn.desk.base_url else "",
        **_about(turn, held, slot),
    )


def _held(turn: Turn) -> Hold | None:
    held = holds.live_of(turn.session, turn.person_id)
    return held if held is not None and held.expires_at > turn.now else None


def _told(turn: Turn, held: Hold) -> dict[str, str]:
    """What the step collected so far, or else what was told before the time was changed."""
    step = turn.step
    if step is not None and step.name == STEP and "told" in step.answers:
        return dict(step.answers["told"])
    return holds.details_of(turn.session, held)


def _without_last(tier: Tier, told: dict[str, str]) -> dict[str, str]:
    kept = [field for field in fields(tier) if field in told][:-1]
    return {field: told[field] for field in kept}


def _about(turn: Turn, held: Hold, slot: Slot) -> dict[str, Any]:
    zone = turn.desk.booking.plan.zone
    return {
        "when": spoken_span(slot.starts_at, slot.ends_at, zone),
        "tier": held.tier,
        "kind": held.kind,
        "until": spoken_time(held.expires_at, zone),
    }


def _gone(turn: Turn) -> Reply:
    return turn.reply("booking/no_hold_gone", turn.desk.button("book"), turn.desk.button("menu"))
