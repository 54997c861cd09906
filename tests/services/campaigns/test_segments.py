"""Segments select by known words only, count who is left out and why, and write to each person once."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from db.base import table
from db.people import Identity, PersonTag
from services import segments, subscriptions
from services.segments import BadCriteria
from tests.cast import NOON
from tests.services.campaigns.public import Public


def tag(public: Public, person: int, word: str) -> None:
    public.do(lambda s, now: s.add(PersonTag(person_id=person, tag=word)))


def subscribe(public: Public, person: int, topic: str) -> None:
    public.do(lambda s, now: subscriptions.subscribe(s, person, topic, "telegram", now))


def left(public: Public, person: int) -> None:
    rows = update(table(Identity)).where(Identity.person_id == person).values(left_at=NOON)
    public.do(lambda s, now: s.execute(rows))


def test_everybody_is_selected_unless_they_asked_for_silence_or_left(publics: Public) -> None:
    _, li, wang = publics.people(3)
    publics.do(lambda s, now: subscriptions.stop(s, li, "telegram", now))
    left(publics, wang)
    assert publics.preview("all") == (1, {"silent": 1, "unreachable": 1})
    assert publics.selected("all") == 1


def test_a_topic_reaches_those_who_subscribed_and_counts_the_rest(publics: Public) -> None:
    chen, li, wang = publics.people(3)
    subscribe(publics, chen, "policy")
    subscribe(publics, li, "policy")
    publics.do(lambda s, now: subscriptions.unsubscribe(s, li, "policy", now))
    subscribe(publics, wang, "needs")
    assert publics.preview("", topic="policy") == (1, {"unsubscribed": 2})
    assert publics.selected("topic=policy,needs") == 2


def test_words_side_by_side_all_hold_and_values_are_alternatives(publics: Public) -> None:
    chen, li, wang = publics.people(3)
    for person, word in ((chen, "博士后"), (li, "博士"), (wang, "企业")):
        tag(publics, person, word)
    publics.seen_at("telegram-0", "telegram", NOON - timedelta(days=40))
    assert publics.selected("tag=博士后,博士") == 2
    assert publics.selected("tag=博士后,博士 seen=30") == 1
    assert publics.selected("unseen=30") == 1
    assert publics.selected("channel=wechat") == 0


def test_each_person_gets_one_identity_the_one_used_last_and_pushed_to_before_fetched(
    publics: Public,
) -> None:
    chen = publics.person("chen", "web")
    for channel, at in (("telegram", 2), ("wechat", 1)):
        other = publics.person("chen", channel)
        rows = update(table(Identity)).where(Identity.person_id == other).values(person_id=chen)
        publics.do(lambda s, now, rows=rows: s.execute(rows))
        publics.seen_at("chen", channel, NOON + timedelta(minutes=at))
    publics.seen_at("chen", "web", NOON + timedelta(hours=1))

    def channels(written: str) -> list[str]:
        query = segments.recipients(segments.parse(written), "", NOON)
        return publics.read(lambda s: [row[1] for row in s.execute(query)])

    assert channels("all") == ["telegram"]
    assert channels("channel=web") == ["web"]
    assert channels("channel=wechat,web") == ["wechat"]


@pytest.mark.parametrize(
    "written",
    ["name=x", "channel=pigeon", "seen=soon", "seen=-1", "event=1;drop", "tag=", "tier=iron", "signup=waiting", "x",
     "seen=999999", "unseen=999999999", "tag=" + ",".join(map(str, range(40_000)))],
    ids=lambda written: written[:20],
)  # fmt: skip
def test_what_nobody_knows_is_refused_by_name(written: str) -> None:
    with pytest.raises(BadCriteria):
        segments.parse(written)


def test_words_of_people_never_become_statements(public: Public) -> None:
    public.people(2)
    assert public.selected("tag=x'OR'1'='1") == 0
    assert public.preview("tag=%") == (0, {})


def test_a_stored_segment_is_found_by_its_name(public: Public) -> None:
    def work(session: Session) -> object:
        segments.save(session, "博士后", {"tag": ["博士后"]}, NOON)
        segments.save(session, "博士后", {"tag": ["在站"]}, NOON)
        return segments.named(session, " 博士后 ")

    assert public.read(work) == {"tag": ["在站"]}


def test_who_left_all_and_took_one_topic_again_gets_that_one_and_nothing_sent_to_everybody(
    publics: Public,
) -> None:
    chen, _ = publics.people(2)
    publics.do(lambda s, now: subscriptions.stop(s, chen, "telegram", now))
    subscribe(publics, chen, "policy")
    assert publics.preview("", topic="policy") == (1, {"unsubscribed": 1})
    assert publics.preview("all") == (1, {"silent": 1})
    publics.approved(topic="policy")
    publics.approved(text="发给大家")
    publics.tick()
    assert sorted(publics.send()) == ["telegram-0", "telegram-1"]


def test_who_left_all_while_it_was_being_sent_gets_nothing_more(publics: Public) -> None:
    chen, li = publics.people(2)
    subscribe(publics, chen, "policy")
    publics.approved(topic="policy")
    publics.approved(text="发给大家")
    publics.tick()
    for person in (chen, li):
        publics.do(lambda s, now, p=person: subscriptions.stop(s, p, "telegram", now))
    assert publics.send() == []
