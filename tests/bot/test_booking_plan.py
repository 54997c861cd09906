"""What is set in `[booking]` is what the office works by."""

from datetime import date, time

from bot.booking_plan import booking_plan
from bot.config import Settings
from services.cycles import BookingPlan
from services.texts import Texts


def test_without_settings_it_is_the_default_plan() -> None:
    plan = booking_plan(Settings(), Texts())
    assert plan == BookingPlan(date(2026, 1, 5), counters=("1号窗口",), teams=("上门1组",))


def test_every_setting_arrives() -> None:
    section = {
        "first_opening": "2026-03-02 10:30",
        "every_days": 7,
        "days": [1],
        "times": ["08:00"],
        "counters": 2,
        "visit_times": [],
        "visit_teams": 0,
        "cutoff_hours": 48,
        "hold_minutes": 5,
    }
    plan = booking_plan(Settings(booking=section), Texts())  # type: ignore[arg-type]
    assert (plan.first_opening, plan.opens_at) == (date(2026, 3, 2), time(10, 30))
    assert (plan.every_days, plan.weekdays, plan.times) == (7, (1,), (time(8),))
    assert (plan.counters, plan.teams, plan.visit_times) == (("1号窗口", "2号窗口"), (), ())
    assert (plan.cutoff_hours, plan.hold_minutes) == (48, 5)
