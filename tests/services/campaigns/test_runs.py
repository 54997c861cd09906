"""A campaign reaches everybody once, at a decent hour or never, and is finished when nothing of it is open."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.delivery import Delivery
from services import arrivals, campaign_reports, campaign_runs, campaigns, delivery, outgoing, subscriptions
from services.arrivals import Arrival
from services.campaign_terms import NotInThatState
from services.delivery import DeliveryStatus
from services.messaging import Button
from services.staff import Role
from services.texts import Texts
from tests.cast import NOON
from tests.services.campaigns.public import Public


def test_everybody_gets_it_once_and_then_it_is_finished(
    publics: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "_BIT", 3)  # several bits
    publics.people(10)
    number = publics.approved()
    publics.tick()
    assert (publics.status(number), publics.counts(number)) == ("running", {"queued": 10})
    sent = publics.send(limit=4) + publics.send()
    assert len(sent) == len(set(sent)) == 10
    publics.tick()
    assert (publics.status(number), publics.counts(number)) == ("finished", {"sent": 10})


def test_it_never_starts_before_its_time(public: Public) -> None:
    public.people(1)
    number = public.approved(send_at=NOON + timedelta(minutes=5))
    public.tick()
    assert public.status(number) == "scheduled"
    public.wait(minutes=5)
    public.tick()
    assert public.status(number) == "running"


def test_an_expansion_that_was_cut_off_goes_on_where_it_was(
    publics: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "_BIT", 4)
    publics.people(10)
    number = publics.approved()
    publics.do(lambda s, now: campaign_runs.start_due(s, publics.desk, now))
    publics.do(campaign_runs.expand_some)
    publics.send()
    publics.do(campaign_runs.finish_done)
    assert (publics.status(number), publics.counts(number)) == ("running", {"sent": 4})
    publics.tick()
    assert publics.counts(number) == {"sent": 4, "queued": 6}


def test_who_comes_to_match_before_the_deadline_gets_it_once(publics: Public) -> None:
    publics.people(2)
    number = publics.approved(join_until=NOON + timedelta(hours=1))
    publics.tick()
    publics.send()
    publics.tick()
    assert publics.status(number) == "running", "somebody may still come"
    publics.person("late")
    publics.wait(minutes=2)
    publics.tick()
    assert publics.counts(number) == {"sent": 2, "queued": 1}
    assert publics.send() == ["late"]
    publics.wait(hours=1)
    publics.person("too-late")
    publics.tick()
    assert (publics.status(number), publics.counts(number)) == ("finished", {"sent": 3})


def test_among_more_people_those_who_join_are_looked_for_less_often(
    public: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "_LOOKED_AT", 1)
    public.people(5)
    number = public.approved(join_until=NOON + timedelta(hours=1))
    public.tick()
    public.person("late")
    public.wait(minutes=5)
    public.tick()
    assert public.counts(number) == {"queued": 5}
    public.wait(minutes=1)
    public.tick()
    assert public.counts(number) == {"queued": 6}


def test_who_has_it_on_one_channel_does_not_get_it_on_another_one(public: Public) -> None:
    from sqlalchemy import update

    from db.base import table
    from db.people import Identity

    chen = public.person("chen")
    number = public.approved(join_until=NOON + timedelta(hours=1))
    public.tick()
    public.send()
    other = public.person("chen", "wechat")
    rows = update(table(Identity)).where(Identity.person_id == other).values(person_id=chen)
    public.do(lambda s, now: s.execute(rows))
    public.seen_at("chen", "wechat", NOON + timedelta(minutes=5))
    public.wait(minutes=10)
    public.tick()
    assert public.counts(number) == {"sent": 1}


def test_a_pause_holds_at_once_and_goes_on_exactly(publics: Public) -> None:
    publics.people(5)
    number = publics.approved()
    publics.tick()
    publics.send(limit=2)
    publics.do(lambda s, now: campaign_runs.pause(s, number, "command", now))
    assert publics.send() == []
    publics.tick()
    assert publics.status(number) == "paused"
    with pytest.raises(NotInThatState):
        publics.do(lambda s, now: campaign_runs.pause(s, number, "command", now))
    publics.do(lambda s, now: campaign_runs.resume(s, number, "command", now))
    assert len(publics.send()) == 3


def test_cancelled_is_cancelled_for_whatever_has_not_gone(publics: Public) -> None:
    publics.people(5)
    number = publics.approved()
    publics.tick()
    publics.send(limit=2)
    publics.do(lambda s, now: campaign_runs.cancel(s, number, "command", now))
    assert publics.send() == []
    publics.tick()
    assert (publics.status(number), publics.counts(number)) == ("cancelled", {"sent": 2, "skipped": 3})
    with pytest.raises(NotInThatState):
        publics.do(lambda s, now: campaign_runs.resume(s, number, "command", now))


def test_a_notice_past_its_use_expires_and_never_goes_out(publics: Public) -> None:
    publics.people(3)
    number = publics.approved(useful_until=NOON + timedelta(hours=2))
    publics.tick()
    publics.send(limit=1)
    publics.wait(hours=3)
    assert publics.send() == []
    publics.tick()
    assert (publics.status(number), publics.counts(number)) == ("finished", {"sent": 1, "expired": 2})


def test_after_a_days_downtime_nothing_comes_late_and_nothing_twice(public: Public) -> None:
    public.people(3)
    colleague = public.colleague("编辑", Role.EDITOR)
    late = public.approved(useful_until=NOON + timedelta(hours=2))
    in_time = public.approved(send_at=NOON + timedelta(hours=1))
    public.wait(days=1)
    public.tick()
    assert (public.status(late), public.counts(late)) == ("cancelled", {})
    assert len(public.send()) == 3
    public.tick()
    public.send()
    told = select(Delivery.reason).where(Delivery.reason.like("campaign.%"))
    assert public.read(lambda s: s.execute(told).scalars().all()) == ["campaign.too_late"]
    assert colleague.person_id
    assert public.counts(in_time)["sent"] == 3


def test_a_clock_that_jumps_back_and_forth_sends_nothing_twice(public: Public) -> None:
    public.people(4)
    number = public.approved(join_until=NOON + timedelta(days=30))
    public.tick()
    public.send(limit=2)
    for jump in (timedelta(hours=-5), timedelta(days=2), timedelta(days=-1), timedelta(minutes=1)):
        public.now += jump
        public.tick()
        public.send()
    assert public.counts(number) == {"sent": 4}


def test_at_night_nobody_is_woken_and_on_a_day_off_only_what_is_their_own_comes(public: Public) -> None:
    chen = public.person("chen")
    number = public.approved()
    public.tick()
    from tests.services.test_delivery import tell

    public.do(lambda s, now: tell(s, chen))
    assert public.send(quiet=True) == []
    assert len(public.send(resting=True)) == 1, "their own reminder"
    assert public.counts(number) == {"queued": 1}
    assert len(public.send()) == 1


def test_consent_is_asked_for_again_at_the_moment_of_sending(publics: Public) -> None:
    people = publics.people(3)
    for person in people:
        publics.do(lambda s, now, p=person: subscriptions.subscribe(s, p, "policy", "telegram", now))
    number = publics.approved(topic="policy")
    publics.tick()
    publics.do(lambda s, now: subscriptions.unsubscribe(s, people[0], "policy", now))
    publics.do(lambda s, now: subscriptions.stop(s, people[1], "telegram", now))
    assert len(publics.send()) == 1
    assert publics.counts(number) == {"sent": 1, "skipped": 2}
    assert publics.read(lambda s: campaign_reports.report(s, number).why) == {"unsubscribed": 2}


def test_what_the_platform_tells_later_is_counted_as_it_is(publics: Public) -> None:
    publics.people(3)
    number = publics.approved()
    publics.tick()
    publics.send()
    words = (Arrival.ARRIVED, Arrival.BLOCKED, Arrival.REFUSED)
    for at, word in enumerate(words):
        publics.do(
            lambda s, now, at=at, word=word: arrivals.note(s, "telegram", f"telegram-{at}", "7", word, now)
        )
    report = publics.read(lambda s: campaign_reports.report(s, number))
    assert publics.counts(number) == {"sent": 1, "failed": 2}
    assert (report.why, report.blocked) == ({"blocked": 1, "refused": 1}, 1)


def test_single_notices_go_before_a_broadcast(public: Public) -> None:
    people = public.people(5)
    public.approved()
    public.tick()
    from tests.services.test_delivery import tell

    public.do(lambda s, now: tell(s, people[4]))
    claimed = public.do(lambda s, now: outgoing.claim(s, "telegram", now, 1, "w"))
    assert [one.bulk for one in claimed] == [False]


def test_failed_ones_are_sent_again_when_told_and_unconfirmed_ones_only_then(publics: Public) -> None:
    publics.people(3)
    number = publics.approved()
    publics.tick()
    publics.settle_as(DeliveryStatus.FAILED, "network", limit=1)
    publics.settle_as(DeliveryStatus.UNCONFIRMED, "timeout", limit=1)
    publics.send()
    publics.tick()
    assert publics.status(number) == "finished"
    failed, unconfirmed = (DeliveryStatus.FAILED,), (DeliveryStatus.UNCONFIRMED,)
    assert publics.do(lambda s, now: campaign_runs.retry(s, number, failed, "command", now)) == 1
    assert publics.status(number) == "running"
    assert len(publics.send()) == 1
    publics.tick()
    assert publics.counts(number) == {"sent": 2, "unconfirmed": 1}
    names = publics.do(lambda s, now: campaign_reports.unconfirmed(s, Texts(), number, "command", now))
    assert names == ["Telegram 2 号"]
    assert publics.do(lambda s, now: campaign_runs.retry(s, number, unconfirmed, "command", now)) == 1
    publics.send()
    publics.tick()
    assert (publics.status(number), publics.counts(number)) == ("finished", {"sent": 3})


def test_a_halt_pauses_tells_staff_and_can_be_lifted(public: Public) -> None:
    public.people(3)
    public.colleague("编辑", Role.EDITOR)
    number = public.approved()
    public.tick()
    public.do(lambda s, now: campaign_runs.halt(s, public.desk, str(number), "token", now))
    public.do(lambda s, now: campaign_runs.halt(s, public.desk, str(number), "token", now))
    assert public.status(number) == "paused"
    assert public.read(lambda s: campaigns.find(s, number).halted_for) == "token"
    assert public.send() == []
    told = select(Delivery.id).where(Delivery.reason == "campaign.halted")
    assert len(public.read(lambda s: s.execute(told).all())) == 1
    public.do(lambda s, now: campaign_runs.resume(s, number, "command", now))
    assert len(public.send()) == 3


def test_taps_count_once_and_only_of_those_who_got_it(public: Public) -> None:
    chen, li = public.people(2)
    number = public.approved(buttons=(Button("看看", "menu"),))
    public.tick()
    claimed = public.do(lambda s, now: outgoing.claim(s, "telegram", now, 9, "w"))
    assert [one.choice for one in claimed[0].message.buttons] == [f"go:{number}:menu", "unsubscribe"]
    stranger = public.person("stranger")
    for person in (chen, chen, li, stranger):
        public.do(lambda s, now, p=person: campaign_reports.tapped(s, number, p, now))
    assert public.read(lambda s: campaign_reports.report(s, number).tapped) == 2


def test_progress_tells_the_pace_and_the_time_left(public: Public) -> None:
    public.people(10)
    number = public.approved()
    public.tick()
    for _ in range(2):
        public.wait(seconds=1)
        public.send(limit=2)
    public.wait(seconds=1)
    found = public.do(lambda s, now: campaign_reports.progress(s, number, now))
    assert (found.done, found.total, found.per_second) == (4, 10, 2.0)
    assert found.left == timedelta(seconds=3)


def test_the_list_for_a_table_has_a_line_for_each_and_no_address(public: Public) -> None:
    public.people(3)
    number = public.approved()
    public.tick()
    public.send(limit=2)
    lines = public.read(lambda s: list(campaign_reports.as_csv(s, public.desk, number)))
    assert lines[0] == "人员编号,渠道,结果,原因,试了几次,时间\r\n"
    assert len(lines) == 4
    assert sum(",Telegram,已送出,,1,2026-11-24 12:00:00" in line for line in lines) == 2
    assert sum(",Telegram,等着发,,0,\r\n" in line for line in lines) == 1
    assert "telegram-0" not in "".join(lines)


def test_the_list_for_a_table_says_why_in_words(public: Public) -> None:
    public.people(1)
    number = public.approved()
    public.tick()
    public.settle_as(DeliveryStatus.SKIPPED, "blocked")
    lines = public.read(lambda s: list(campaign_reports.as_csv(s, public.desk, number)))
    assert ",没有发,对方已停用或拉黑," in lines[1]


def test_the_same_origin_makes_one_campaign(public: Public) -> None:
    from services.campaigns import Draft

    def make() -> int | None:
        return public.do(lambda s, now: campaigns.create(s, Draft("t", "x"), "tick", now, origin="cycle:1"))

    assert make() == 1
    assert make() is None


def test_counts_are_always_those_of_the_rows(public: Public) -> None:
    public.people(4)
    number = public.approved()
    public.tick()
    public.send(limit=1)
    counted = public.read(lambda s: delivery.counts(s, "campaign", str(number)))
    assert (counted["sent"], counted["queued"], sum(counted.values())) == (1, 3, 4)
