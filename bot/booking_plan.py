"""The settings of `[booking]` as the plan that the office works by."""

from datetime import date, time

from bot.campaign_desk import quiet_hours
from bot.config import Settings
from services.booking_desk import Announce, BookingDesk
from services.cycles import BookingPlan
from services.texts import Texts


def booking_desk(settings: Settings, announce: Announce, texts: Texts) -> BookingDesk:
    section = settings.booking
    return BookingDesk(booking_plan(settings, texts), announce, section.place, texts, section.yearly_goal)


def booking_plan(settings: Settings, texts: Texts) -> BookingPlan:
    section = settings.booking
    first_on, opens_at = section.first_opening.split()
    return BookingPlan(
        first_opening=date.fromisoformat(first_on),
        every_days=section.every_days,
        opens_at=time.fromisoformat(opens_at),
        weekdays=section.days,
        serve_after_days=section.first_service_after_days,
        times=_times(section.times),
        counters=_named(texts, "counter_name", section.counters),
        counter_minutes=section.counter_minutes,
        counter_capacity=section.per_counter,
        visit_times=_times(section.visit_times),
        teams=_named(texts, "team_name", section.visit_teams),
        visit_minutes=section.visit_minutes,
        travel_minutes=section.visit_buffer_minutes,
        team_daily=section.visits_per_team_day,
        lead_hours=section.lead_hours,
        cutoff_hours=section.cutoff_hours,
        hold_minutes=section.hold_minutes,
        offer_minutes=section.offer_minutes,
        quiet=quiet_hours(settings),
        weeks_ahead=section.weeks_ahead,
        zone=settings.zone,
    )


def _times(written: tuple[str, ...]) -> tuple[time, ...]:
    return tuple(map(time.fromisoformat, written))


def _named(texts: Texts, name: str, count: int) -> tuple[str, ...]:
    return tuple(texts.say(f"booking/{name}", number=number) for number in range(1, count + 1))
