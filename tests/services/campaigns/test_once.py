"""Nobody is left out and nobody gets it twice, whatever people and colleagues do while it goes out."""

from datetime import timedelta
from typing import Any

import pytest

from services import campaign_reports, campaign_runs, joining, old_deliveries, subscriptions
from services.delivery import DeliveryStatus
from tests.cast import NOON
from tests.races import before_the_commit_of
from tests.services.campaigns.public import Public

FAILED = (DeliveryStatus.FAILED,)


def on_both(public: Public, minutes: int = 0) -> int:
    """One person who was on Telegram first and then on WeChat, with everybody else between the two."""
    chen = public.person("chen")
    public.people(6)
    joined(public, public.person("chen", "wechat"), chen)
    public.seen_at("chen", "wechat", NOON + timedelta(minutes=minutes))
    return chen


def joined(public: Public, leaving: int, staying: int) -> None:
    public.do(lambda s, now: joining.join(s, leaving, staying, now))


def sent(public: Public) -> list[str]:
    return sorted(public.send() + public.send(channel="wechat") + public.send(channel="web"))


def begun(public: Public, monkeypatch: pytest.MonkeyPatch, **more: Any) -> int:
    """A campaign of which one bit is written."""
    monkeypatch.setattr(campaign_runs, "_BIT", 3)
    number = public.approved(**more)
    public.do(lambda s, now: campaign_runs.start_due(s, public.desk, now))
    public.do(campaign_runs.expand_some)
    return number


def test_who_turns_to_another_channel_while_it_is_written_gets_it_once(
    publics: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_both(publics, minutes=-5)
    begun(publics, monkeypatch)
    publics.seen_at("chen", "wechat", NOON + timedelta(minutes=5))
    publics.tick()
    assert sent(publics).count("chen") == 1


def test_who_comes_back_to_an_earlier_channel_while_it_is_written_is_not_left_out(
    publics: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_both(publics, minutes=5)
    begun(publics, monkeypatch)
    publics.seen_at("chen", "telegram", NOON + timedelta(minutes=9))
    publics.tick()
    assert sent(publics).count("chen") == 1


def test_who_links_a_channel_while_it_is_written_gets_it_once(
    publics: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen = publics.person("chen")
    publics.people(6)
    other = publics.person("chen", "wechat")
    begun(publics, monkeypatch)
    publics.seen_at("chen", "wechat", NOON + timedelta(minutes=5))
    joined(publics, chen, other)
    publics.tick()
    assert sent(publics).count("chen") == 1


def test_whose_subscription_comes_with_another_channel_while_it_is_written_is_not_left_out(
    publics: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen = publics.person("chen")
    publics.people(6)
    other = publics.person("chen", "wechat")
    publics.do(lambda s, now: subscriptions.subscribe(s, other, "policy", "wechat", now))
    begun(publics, monkeypatch, topic="policy")
    joined(publics, other, chen)
    publics.tick()
    assert sent(publics) == ["chen"]


def test_who_links_a_channel_at_the_very_moment_gets_it_once(publics: Public) -> None:
    chen, other = publics.person("chen"), publics.person("chen", "wechat")
    number = publics.approved()
    publics.do(lambda s, now: campaign_runs.start_due(s, publics.desk, now))
    before_the_commit_of(
        publics.database,
        lambda s: campaign_runs.expand_some(s, publics.now),
        lambda s: joining.join(s, other, chen, publics.now),
    )
    publics.tick()
    assert sent(publics) == ["chen"]
    assert publics.counts(number) == {"sent": 1, "skipped": 1}


@pytest.mark.parametrize("went_out", ["", "telegram", "wechat"])
def test_who_links_a_channel_while_both_wait_gets_it_once(publics: Public, went_out: str) -> None:
    chen, other = publics.person("chen"), publics.person("chen", "wechat")
    number = publics.approved()
    publics.tick()
    before = publics.send(channel=went_out) if went_out else []
    joined(publics, other, chen)
    assert before + sent(publics) == ["chen"]
    assert publics.counts(number) == {"sent": 1, "skipped": 1}


def test_what_failed_on_one_channel_and_came_on_the_other_does_not_come_again(publics: Public) -> None:
    chen, other = publics.person("chen"), publics.person("chen", "wechat")
    number = publics.approved()
    publics.tick()
    publics.settle_as(DeliveryStatus.FAILED, "network")
    assert sent(publics) == ["chen"]
    joined(publics, other, chen)
    assert publics.do(lambda s, now: campaign_runs.retry(s, number, FAILED, "command", now)) == 0


def test_as_long_as_it_goes_on_nobody_is_forgotten_and_told_again(publics: Public) -> None:
    publics.people(2)
    number = publics.approved(join_until=NOON + timedelta(days=300))
    publics.tick()
    publics.send()
    publics.wait(days=200)
    publics.do(lambda s, now: old_deliveries.forget_settled(s, now - timedelta(days=180)))
    publics.tick()
    assert publics.send() == []
    assert publics.counts(number) == {"sent": 2}
    publics.wait(days=100)
    publics.tick()
    publics.do(lambda s, now: old_deliveries.forget_settled(s, now - timedelta(days=180)))
    assert publics.counts(number) == {"sent": 2}, "its rows go together"
    person = publics.person("telegram-0")
    publics.do(lambda s, now: campaign_reports.tapped(s, number, person, now))
    publics.wait(days=181)
    publics.do(lambda s, now: old_deliveries.forget_settled(s, now - timedelta(days=180)))
    assert publics.counts(number) == {}
    assert publics.read(lambda s: campaign_reports.report(s, number)).tapped == 0
