"""Our own pages for appointments, reached by signed links: a calendar to choose from, and a form for what is personal.

Plain forms: they work without JavaScript, by keyboard and aloud. What was begun here goes on in the chat.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web
from jinja2 import Environment
from sqlalchemy.orm import Session

from bot.web import pages, static_version
from db.booking import Hold, Slot
from db.session import Database
from handlers.turn import Desk
from services import appointments, availability, holds, people
from services.availability import Day, Time
from services.booking_details import BadDetail, clean, fields
from services.booking_terms import HoldGone, HoldStatus, Kind, Refused, Standing, Tier
from services.signed_links import BadLink, opened, signed_path
from services.spoken import spoken_day, spoken_span, spoken_time


@dataclass(frozen=True, slots=True)
class Form:
    """A held seat with what is asked for it."""

    tier: Tier
    when: str
    until: str
    told: dict[str, str]


class BookingPages:
    def __init__(self, database: Database, desk: Desk, clock: Callable[[], datetime]):
        self._database, self._desk, self._clock = database, desk, clock
        self._pages: Environment = pages()
        self._version = static_version()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/details/{token}", self._spoken(self.ask)),
            web.post("/details/{token}", self._spoken(self.take)),
            web.get("/calendar/{token}", self._spoken(self.calendar)),
            web.post("/calendar/{token}", self._spoken(self.choose)),
        ]

    async def ask(self, request: web.Request) -> web.Response:
        hold_id = int(self._subject(request, "details"))
        form = await self._database.read(lambda session: self._form(session, hold_id))
        return self._page("details", form=form, told=form.told, wrong={})

    async def take(self, request: web.Request) -> web.Response:
        hold_id, now = int(self._subject(request, "details")), self._clock()
        posted = await request.post()
        form = await self._database.read(lambda session: self._form(session, hold_id))
        typed = {field: str(posted.get(field, "")) for field in fields(form.tier)}
        told, wrong = _checked(typed)
        if wrong:
            shown = {
                field: "" if reason == "number_hidden" else typed[field] for field, reason in wrong.items()
            }
            return self._page("details", status=422, form=form, told=told | shown, wrong=wrong)
        await self._database.run(lambda session: holds.fill_in(session, hold_id, told, now))
        return self._page("note", said="filled_in", values={"until": form.until})

    async def calendar(self, request: web.Request) -> web.Response:
        _, tier, _ = self._chooser(request)
        now = self._clock()
        chosen = _day(request.query.get("day", ""))
        days = await self._database.read(lambda session: availability.days(session, tier.service, now))
        times: list[Time] = []
        if chosen is not None and any(one.day == chosen and one.free for one in days):
            times = await self._database.read(
                lambda session: availability.times(session, tier.service, chosen, now)
            )
        return self._calendar(days, chosen, times)

    async def choose(self, request: web.Request) -> web.Response:
        """Holds the time; the form for what is personal comes next, or the chat, where a move is confirmed."""
        identity, tier, kind = self._chooser(request)
        posted, now = await request.post(), self._clock()
        written = str(posted.get("slot", ""))
        slot_id = int(written) if written.isascii() and written.isdigit() and len(written) < 18 else 0

        def work(session: Session) -> tuple[Hold, bool]:
            person_id = people.person_named(session, *identity)
            if person_id is None:
                raise BadLink
            hold_id = holds.hold(session, self._desk.booking, person_id, slot_id, tier, kind, now)
            moves = appointments.open_of(session, person_id) is not None
            return holds.find(session, person_id, hold_id, now), moves

        held, moves = await self._database.run(work)
        until = spoken_time(held.expires_at, self._desk.zone)
        if moves:
            return self._page("note", said="held_to_move", values={"until": until})
        path = signed_path(self._database.vault, "details", str(held.id), held.expires_at)
        raise web.HTTPSeeOther(path)

    def _spoken(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                return await handler(request)
            except (BadLink, HoldGone):
                return self._page("note", status=410, said="link_over", values={})
            except Refused:
                return self._page("note", status=409, said="taken", values={"again": request.path})

        return answer

    def _subject(self, request: web.Request, purpose: str) -> str:
        return opened(self._database.vault, purpose, request.match_info["token"], self._clock())

    def _chooser(self, request: web.Request) -> tuple[tuple[str, str], Tier, Kind]:
        number, mark, tier, kind = self._subject(request, "calendar").split("-")
        return (number, mark), Tier(tier), Kind(kind)

    def _form(self, session: Session, hold_id: int) -> Form:
        held = session.get(Hold, hold_id)
        if held is None or held.status != HoldStatus.LIVE or held.expires_at <= self._clock():
            raise HoldGone
        slot, zone = session.get_one(Slot, held.slot_id), self._desk.zone
        when = spoken_span(slot.starts_at, slot.ends_at, zone)
        told = holds.details_of(session, held)
        return Form(Tier(held.tier), when, spoken_time(held.expires_at, zone), told)

    def _calendar(self, days: list[Day], chosen: date | None, times: list[Time]) -> web.Response:
        zone = self._desk.zone
        return self._page(
            "calendar",
            weeks=_weeks(days),
            chosen=chosen,
            chosen_said=spoken_day(chosen) if chosen else "",
            times=[(one.slot_id, spoken_time(one.starts_at, zone)) for one in times],
        )

    def _page(self, name: str, *, status: int = 200, **values: Any) -> web.Response:
        text = self._pages.get_template(f"web/{name}.html").render(
            office=self._desk.office, version=self._version, standings=list(Standing), **values
        )
        response = web.Response(text=text, status=status, content_type="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _checked(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What can be kept, and for the rest the reason."""
    told, wrong = {}, {}
    for field, said in typed.items():
        try:
            told[field] = clean(field, said)
        except BadDetail as bad:
            wrong[field] = bad.reason
    return told, wrong


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _weeks(days: list[Day]) -> list[list[tuple[date, Day | None]]]:
    """From Monday to Sunday, every week from the first service day to the last."""
    if not days:
        return []
    served = {one.day: one for one in days}
    day = days[0].day - timedelta(days=days[0].day.weekday())
    weeks = []
    while day <= days[-1].day:
        week = [day + timedelta(days=count) for count in range(7)]
        weeks.append([(one, served.get(one)) for one in week])
        day += timedelta(days=7)
    return weeks
