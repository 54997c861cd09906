"""Figures count what happened, each service its own."""

from datetime import UTC, date, datetime

import pytest

from bot.measures import Measures
from services.knowledge.answering.answers import answers
from services.knowledge.answering.library import Library
from services.messaging import Message, Reply, Update
from services.outgoing import DeliveryStatus, Settled

UPDATE = Update("web", "chen", "1", datetime(2026, 11, 24, tzinfo=UTC), text="你好")
TODAY = date(2026, 11, 24)


async def greet(update: Update) -> Reply:
    return Reply((Message("您好"),))


async def fail(update: Update) -> Reply:
    raise ConnectionResetError


async def test_updates_are_counted_and_timed_by_their_end() -> None:
    measures = Measures()
    assert await measures.measured(greet)(UPDATE) == Reply((Message("您好"),))
    with pytest.raises(ConnectionResetError):
        await measures.measured(fail)(UPDATE)
    figures = measures.text().decode()
    assert 'youcai_updates_total{channel="web",kind="text",outcome="answered"} 1.0' in figures
    assert 'youcai_updates_total{channel="web",kind="text",outcome="failed"} 1.0' in figures
    assert 'youcai_dispatch_seconds_count{channel="web"} 2.0' in figures


def test_policy_answers_are_counted_by_outcome_and_left_as_they_are() -> None:
    measures, library = Measures(), Library.build([])
    counted = measures.answering(lambda message, today, previous: answers(message, library, today, previous))
    assert counted("有多少补贴", TODAY, "") == answers("有多少补贴", library, TODAY, "")
    assert 'youcai_policy_answers_total{outcome="refuse"} 1.0' in measures.text().decode()


def test_notices_and_ticks_are_counted_by_outcome() -> None:
    measures = Measures()
    measures.delivered("wechat", Settled(1, DeliveryStatus.SENT))
    measures.delivered("wechat", Settled(2, DeliveryStatus.FAILED, "blocked"))
    measures.ticked("seats", "done")
    figures = measures.text().decode()
    assert 'youcai_deliveries_total{channel="wechat",status="sent"} 1.0' in figures
    assert 'youcai_deliveries_total{channel="wechat",status="failed"} 1.0' in figures
    assert 'youcai_ticks_total{job="seats",outcome="done"} 1.0' in figures


def test_two_services_in_one_process_count_apart() -> None:
    one, other = Measures(), Measures()
    one.ticked("seats", "done")
    assert "seats" not in other.text().decode()
