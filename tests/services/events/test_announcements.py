"""What subscribers hear of a published event: once each, in the words that hold when it goes out to them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.campaigns import Campaign
from db.delivery import Delivery
from services import campaign_runs, campaigns, delivery, events
from services.delivery import DeliveryStatus
from services.staff import Role
from tests.services.events.town import START, Town


def announced(town: Town, *addresses: str) -> int:
    """To so many, all of whose deliveries wait."""
    town.subscribe(*addresses)
    number = town.published()
    town.broadcast()
    return number


def change(town: Town, number: int, **more: object) -> None:
    draft = town.draft(**more)
    town.do(events.change, town.desk, number, draft, town.colleague("何审核", Role.REVIEWER))


def campaign(town: Town) -> Campaign:
    found: Campaign = town.read(lambda s: s.execute(select(Campaign)).scalar_one())
    return found


def test_who_has_not_got_it_yet_gets_it_as_it_is_now_and_nobody_twice(towns: Town) -> None:
    number = announced(towns, "chen", "li", "wang")
    first, old = towns.deliver(limit=1)[0]
    change(towns, number, title="经纶江海：夜话", place="礼乐书院", text="带上名片", audience="博士")
    towns.broadcast()
    rest = towns.deliver()
    assert sorted([first, *(address for address, _ in rest)]) == ["chen", "li", "wang"]
    for _, told in rest:
        assert all(word in told.text for word in ("夜话", "礼乐书院", "带上名片", "博士"))
        assert told.buttons == old.buttons
    towns.broadcast()
    assert towns.deliver() == []


def test_the_time_it_tells_is_the_new_one(town: Town) -> None:
    number = announced(town, "chen")
    change(town, number, starts_at=START + timedelta(hours=1), ends_at=START + timedelta(hours=3))
    ((_, told),) = town.deliver()
    assert "13:00—15:00" in told.text


def test_one_that_has_not_begun_to_go_out_is_announced_in_the_new_words(town: Town) -> None:
    town.subscribe("chen")
    number = town.published()
    change(town, number, place="礼乐书院")
    town.broadcast()
    assert ["礼乐书院" in told.text for _, told in town.deliver()] == [True]


def test_words_that_come_back_go_out_as_they_were(town: Town) -> None:
    town.subscribe("chen")
    number = town.published()
    for place in ("礼乐书院", "青禾中心三楼"):
        change(town, number, place=place)
    town.broadcast()
    assert ["青禾中心三楼" in told.text for _, told in town.deliver()] == [True]


def test_what_was_sent_in_vain_is_sent_again_in_the_new_words(town: Town) -> None:
    number = announced(town, "chen")
    town.deliver(status=DeliveryStatus.FAILED)
    change(town, number, place="礼乐书院")
    failed = (DeliveryStatus.FAILED,)
    town.do(lambda s, now: campaign_runs.retry(s, 1, failed, "command", now))
    assert ["礼乐书院" in told.text for _, told in town.deliver()] == [True]


def test_a_paused_one_is_reworded_and_stays_paused(town: Town) -> None:
    number = announced(town, "chen")
    town.do(lambda s, now: campaign_runs.pause(s, 1, "command", now))
    change(town, number, place="礼乐书院", sign_up_until=START)
    town.broadcast()
    assert town.deliver() == []
    town.do(lambda s, now: campaign_runs.resume(s, 1, "command", now))
    assert ["礼乐书院" in told.text for _, told in town.deliver()] == [True]


@pytest.mark.parametrize("by", [{"hours": 20}, {"hours": -20}])
def test_it_goes_out_and_is_joined_until_the_new_deadline(towns: Town, by: dict[str, float]) -> None:
    number = announced(towns, "chen", "li")
    until = START - timedelta(days=1) + timedelta(**by)
    change(towns, number, sign_up_until=until)
    towns.broadcast()
    assert (campaign(towns).useful_until, campaign(towns).join_until) == (until, until)
    rows = towns.read(lambda s: s.execute(select(Delivery.useful_until).where(Delivery.bulk)).scalars().all())
    assert rows == [until, until]
    towns.now = until - timedelta(minutes=2)
    towns.subscribe("late")
    towns.broadcast()
    assert sorted(address for address, _ in towns.deliver()) == ["chen", "late", "li"]
    towns.now = until + timedelta(minutes=1)
    towns.broadcast()
    assert campaign(towns).status == "finished"


def test_a_deadline_put_off_while_it_is_written_down_reaches_every_row_once(
    towns: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "_BIT", 2)
    towns.subscribe("chen", "li", "wang", "zhao", "qian")
    number = towns.published()
    towns.do(lambda s, now: campaign_runs.start_due(s, towns.desk.campaigns, now))
    towns.do(campaign_runs.expand_some)
    assert len(towns.deliver()) == 2
    change(towns, number, sign_up_until=START)
    towns.broadcast()
    assert len(towns.deliver()) == 3
    rows = select(Delivery.useful_until).where(Delivery.bulk, Delivery.useful_until != START)
    assert len(towns.read(lambda s: s.execute(rows).scalars().all())) == 2, "of those who had it before"


def test_a_deadline_put_off_after_it_had_passed_reaches_those_whom_it_had_kept_out(town: Town) -> None:
    number = announced(town, "chen", "li")
    town.deliver(limit=1)
    town.now = START - timedelta(hours=23)
    assert town.deliver() == []
    town.broadcast()
    assert campaign(town).status == "finished"
    change(town, number, sign_up_until=START)
    town.broadcast()
    assert len(town.deliver()) == 1
    assert town.deliver() == []


def test_once_sign_up_is_closed_early_nothing_more_goes_out(town: Town) -> None:
    number = announced(town, "chen", "li")
    town.deliver(limit=1)
    town.wait(minutes=1)
    change(town, number, sign_up_until=town.now)
    assert town.deliver() == []
    town.broadcast()
    counted = town.read(lambda s: delivery.counts(s, "campaign", "1"))
    assert (campaign(town).status, counted["skipped"]) == ("cancelled", 1)


def test_what_a_colleague_took_in_hand_is_not_reworded(town: Town) -> None:
    town.subscribe("chen")
    number = town.published()
    own = campaigns.Draft(title="自己写", text="自己写的话", topic="event.jinglun", send_at=town.now)
    town.do(lambda s, now: campaigns.edit(s, 1, own, "staff:1", now))
    change(town, number, place="礼乐书院")
    assert (campaign(town).text, campaign(town).status) == ("自己写的话", "draft")


def test_the_new_words_count_as_looked_at(town: Town) -> None:
    number = announced(town, "chen")
    change(town, number, place="礼乐书院")
    looked = town.read(lambda s: campaigns.is_approved(s, town.desk.campaigns, campaigns.find(s, 1)))
    assert looked


def test_who_signed_up_is_told_of_the_change_and_who_has_the_announcement_is_not(town: Town) -> None:
    number = announced(town, "chen", "li")
    town.joins(number, town.person("chen"))
    town.deliver()
    change(town, number, place="礼乐书院")
    town.broadcast()
    assert len(town.words("changed")) == 1
    assert town.deliver() == []
