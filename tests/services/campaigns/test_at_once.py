"""What colleagues and ticks do at the same moment, or in a pause, ends in one of the orders that the office knows."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services import broadcasts, campaign_runs, campaigns
from services.campaign_terms import CampaignRefused, NotInThatState
from services.delivery import DeliveryStatus
from services.staff import Role
from tests.cast import NOON
from tests.races import before_the_commit_of
from tests.services.campaigns.public import Public

FAILED = (DeliveryStatus.FAILED,)


def test_who_comes_to_match_while_it_is_paused_gets_it(publics: Public) -> None:
    publics.people(1)
    publics.approved(join_until=NOON + timedelta(hours=1))
    publics.tick()
    publics.do(lambda s, now: campaign_runs.pause(s, 1, "command", now))
    publics.person("late")
    publics.wait(minutes=30)
    publics.tick()
    publics.wait(hours=1)
    publics.do(lambda s, now: campaign_runs.resume(s, 1, "command", now))
    assert publics.send() == ["telegram-0", "late"]


def failed(public: Public) -> int:
    public.people(3)
    number = public.approved()
    public.tick()
    public.settle_as(DeliveryStatus.FAILED, "network", limit=1)
    return number


def test_failed_ones_that_are_to_go_again_wait_for_the_end_of_a_pause(publics: Public) -> None:
    number = failed(publics)
    publics.do(lambda s, now: campaign_runs.halt(s, publics.desk, str(number), "network", now))
    assert publics.do(lambda s, now: campaign_runs.retry(s, number, FAILED, "command", now)) == 1
    assert (publics.status(number), publics.send()) == ("paused", [])
    assert publics.read(lambda s: campaigns.find(s, number).halted_for) == "network"
    publics.do(lambda s, now: campaign_runs.resume(s, number, "command", now))
    assert len(publics.send()) == 3


def test_one_that_was_finished_in_a_pause_goes_on_when_failed_ones_are_to_go_again(publics: Public) -> None:
    number = failed(publics)
    publics.send()
    publics.do(lambda s, now: campaign_runs.pause(s, number, "command", now))
    publics.tick()
    assert publics.status(number) == "finished"
    publics.do(lambda s, now: campaign_runs.retry(s, number, FAILED, "command", now))
    assert (publics.status(number), len(publics.send())) == ("running", 1)


def at_once(public: Public, first: Callable[..., Any], second: Callable[..., Any]) -> None:
    def refused(work: Callable[..., Any]) -> Callable[[Session], None]:
        def answered(session: Session) -> None:
            with suppress(CampaignRefused):
                work(session, public.now)

        return answered

    before_the_commit_of(public.database, refused(first), refused(second))


def test_it_is_not_finished_while_failed_ones_are_queued_again(publics: Public) -> None:
    number = failed(publics)
    publics.send()
    at_once(
        publics,
        lambda s, now: campaign_runs.retry(s, number, FAILED, "command", now),
        campaign_runs.finish_done,
    )
    assert publics.status(number) == "running"
    assert len(publics.send()) == 1


def test_nothing_of_a_cancelled_one_is_queued_again(publics: Public) -> None:
    number = failed(publics)
    at_once(
        publics,
        lambda s, now: campaign_runs.cancel(s, number, "command", now),
        lambda s, now: campaign_runs.retry(s, number, FAILED, "command", now),
    )
    assert (publics.status(number), publics.send()) == ("cancelled", [])


def test_a_cancelled_one_is_not_brought_back_by_an_approval(publics: Public) -> None:
    editor = publics.colleague("编辑", Role.EDITOR)
    reviewer = publics.colleague("复审", Role.REVIEWER)
    number = publics.draft()
    publics.do(lambda s, now: campaigns.submit(s, publics.desk, number, editor, now))
    seen = publics.read(lambda s: campaigns.content_hash(campaigns.find(s, number)))
    at_once(
        publics,
        lambda s, now: campaign_runs.cancel(s, number, "command", now),
        lambda s, now: campaigns.approve(s, publics.desk, number, reviewer, seen, now),
    )
    assert publics.status(number) == "cancelled"
    with pytest.raises(NotInThatState):
        publics.do(lambda s, now: campaign_runs.cancel(s, number, "command", now))
    assert not publics.read(lambda s: broadcasts.is_open(s, "campaign", str(number)))
