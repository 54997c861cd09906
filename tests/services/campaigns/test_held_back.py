"""After a restore nothing is broadcast again by itself: staff decide."""

from datetime import timedelta

from services import campaign_runs, campaigns
from services.held_back import hold_back
from tests.cast import NOON
from tests.services.campaigns.public import Public


def test_what_was_going_out_stands_still_until_staff_say_so(publics: Public) -> None:
    publics.people(3)
    number = publics.approved(title="正在发")
    publics.tick()
    publics.send(limit=1)
    assert publics.do(hold_back) == ["正在发"]
    publics.tick()
    assert publics.status(number) == "paused"
    assert publics.send() == []
    publics.do(lambda s, now: campaign_runs.resume(s, number, "command", now))
    assert len(publics.send()) == 2
    publics.tick()
    assert publics.status(number) == "finished"


def test_what_should_have_begun_meanwhile_waits_to_be_started(public: Public) -> None:
    public.people(2)
    due, later = public.approved(title="到时间的"), public.approved(send_at=NOON + timedelta(hours=1))
    assert public.do(hold_back) == ["到时间的"]
    public.tick()
    assert (public.status(due), public.status(later)) == ("approved", "scheduled")
    assert public.send() == []
    public.do(lambda s, now: campaigns.start_now(s, due, "command", now))
    public.tick()
    assert public.read(lambda s: campaigns.find(s, due).halted_for) == ""
    assert len(public.send()) == 2


def test_what_is_over_or_not_begun_is_left_as_it_is(public: Public) -> None:
    public.people(1)
    over, draft = public.approved(), public.draft()
    public.tick()
    public.send()
    public.tick()
    assert public.do(hold_back) == []
    assert (public.status(over), public.status(draft)) == ("finished", "draft")
