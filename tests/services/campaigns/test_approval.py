"""三审三校: different accounts, and an approval holds for exactly what was looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services import campaigns, staff
from services.campaign_terms import (
    BadContent,
    CampaignDesk,
    CampaignStatus,
    ContentChanged,
    NotInThatState,
    RoleTooLow,
    SameAccount,
)
from services.campaigns import Draft
from services.messaging import Button
from services.staff import BadInvitation, Colleague, Role
from tests.cast import NOON
from tests.services.campaigns.public import Public


def submit(public: Public, number: int, by: Colleague) -> None:
    public.do(lambda s, now: campaigns.submit(s, public.desk, number, by, now))


def approve(public: Public, number: int, by: Colleague, seen: str = "") -> None:
    seen = seen or public.read(lambda s: campaigns.content_hash(campaigns.find(s, number)))
    public.do(lambda s, now: campaigns.approve(s, public.desk, number, by, seen, now))


@pytest.fixture
def three(public: Public) -> tuple[Colleague, Colleague, Colleague]:
    return (
        public.colleague("编辑", Role.EDITOR),
        public.colleague("复审", Role.REVIEWER),
        public.colleague("终审", Role.ADMIN),
    )


def test_three_accounts_look_one_after_the_other(public: Public, three: tuple[Colleague, ...]) -> None:
    editor, reviewer, admin = three
    number = public.draft()
    for look, status in (
        (lambda: submit(public, number, editor), "submitted"),
        (lambda: approve(public, number, reviewer), "reviewed"),
        (lambda: approve(public, number, admin), "scheduled"),
    ):
        look()
        assert public.status(number) == status
    public.tick()
    assert public.status(number) == "running"


def test_nobody_approves_their_own(public: Public, three: tuple[Colleague, ...]) -> None:
    _, reviewer, admin = three
    number = public.draft()
    submit(public, number, reviewer)
    with pytest.raises(SameAccount):
        approve(public, number, reviewer)
    approve(public, number, admin)
    with pytest.raises(SameAccount):
        approve(public, number, admin)
    written = public.do(lambda s, now: campaigns.create(s, Draft("通知", "好"), admin.ref, now))
    submit(public, written, reviewer)
    with pytest.raises(SameAccount):
        approve(public, written, admin)


def test_who_wrote_some_of_it_does_not_approve_it_whoever_began(
    public: Public, three: tuple[Colleague, ...]
) -> None:
    editor, reviewer, admin = three
    number = public.do(lambda s, now: campaigns.create(s, Draft("通知", "好"), editor.ref, now))
    public.do(lambda s, now: campaigns.edit(s, number, Draft("通知", "我自己的话"), reviewer.ref, now))
    public.do(lambda s, now: campaigns.edit(s, number, Draft("通知", "又改了字"), editor.ref, now))
    submit(public, number, editor)
    with pytest.raises(SameAccount):
        approve(public, number, reviewer)
    approve(public, number, admin)


def test_roles_bound_what_an_account_may_do(public: Public, three: tuple[Colleague, ...]) -> None:
    editor, reviewer, _ = three
    clerk = public.colleague("窗口", Role.CLERK)
    number = public.draft()
    with pytest.raises(RoleTooLow):
        submit(public, number, clerk)
    submit(public, number, reviewer)
    with pytest.raises(RoleTooLow):
        approve(public, number, editor)


@pytest.mark.parametrize(
    "change",
    [{"text": "另一句"}, {"title": "另一个"}, {"buttons": (Button("看看", "menu"),)}, {"topic": "policy"},
     {"criteria": {"channel": ["wechat"]}}, {"send_at": NOON + timedelta(hours=1)},
     {"useful_until": NOON + timedelta(days=1)}, {"join_until": NOON + timedelta(hours=2)}],
)  # fmt: skip
def test_any_edit_voids_what_was_approved(
    public: Public, three: tuple[Colleague, ...], change: dict[str, object]
) -> None:
    editor, reviewer, admin = three
    draft = Draft("通知", "明天开放预约。", send_at=NOON)
    number = public.do(lambda s, now: campaigns.create(s, draft, "command", now))
    submit(public, number, editor)
    approve(public, number, reviewer)
    seen = public.read(lambda s: campaigns.content_hash(campaigns.find(s, number)))
    public.do(lambda s, now: campaigns.edit(s, number, replace(draft, **change), editor.ref, now))  # type: ignore[arg-type]
    assert public.status(number) == "draft"
    submit(public, number, editor)
    with pytest.raises(ContentChanged):
        approve(public, number, admin, seen)
    assert public.status(number) == "submitted", "and it has to be reviewed again"


def test_content_changed_behind_an_approval_does_not_go_out(public: Public) -> None:
    public.people(2)
    number = public.approved(send_at=NOON + timedelta(hours=1))
    public.do(lambda s, now: setattr(campaigns.find(s, number), "text", "别的"))
    public.wait(hours=1)
    public.tick()
    assert (public.status(number), public.counts(number)) == ("draft", {})


def test_how_many_look_is_a_setting(public: Public, three: tuple[Colleague, ...]) -> None:
    editor, reviewer, _ = three
    public.desk = CampaignDesk(steps=0)
    number = public.draft()
    submit(public, number, editor)
    assert public.status(number) == "scheduled"
    public.desk = CampaignDesk(steps=1)
    number = public.draft(send_at=None)
    submit(public, number, editor)
    approve(public, number, reviewer)
    assert public.status(number) == "approved"
    public.do(lambda s, now: campaigns.start_now(s, number, editor.ref, now))
    assert public.status(number) == CampaignStatus.SCHEDULED


def test_sent_back_it_is_a_draft_that_differs_before_it_is_submitted_again(
    public: Public, three: tuple[Colleague, ...]
) -> None:
    editor, reviewer, _ = three
    number = public.draft()
    submit(public, number, editor)
    public.do(lambda s, now: campaigns.send_back(s, number, reviewer, now))
    assert public.status(number) == "draft"
    with pytest.raises(SameAccount):
        submit(public, number, editor)


def test_a_running_one_is_not_edited(public: Public) -> None:
    public.people(1)
    number = public.approved()
    public.tick()
    with pytest.raises(NotInThatState):
        public.do(lambda s, now: campaigns.edit(s, number, Draft("x", "y"), "command", now))


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (Draft("通知", " "), "empty"),
        (Draft("通知", "长" * 1501), "too_long"),
        (Draft("通知", "好", buttons=(Button("看", "x" * 41),)), "label"),
        (Draft("通知", "好", send_at=NOON, useful_until=NOON - timedelta(hours=1)), "too_late"),
    ],
)
def test_what_cannot_be_sent_is_refused_as_a_draft(public: Public, draft: Draft, why: str) -> None:
    with pytest.raises(BadContent, match=why):
        public.do(lambda s, now: campaigns.create(s, draft, "command", now))


def test_a_title_is_one_line_without_orders_to_a_terminal(public: Public) -> None:
    number = public.draft(title="预约\n\x1b]0;x\x07开放\u202e")
    assert public.read(lambda s: campaigns.find(s, number).title) == "预约 ]0;x开放"


def test_an_invitation_is_good_once_and_for_a_day(public: Public) -> None:
    token = public.do(lambda s, now: staff.invite(s, "王", Role.CLERK, now))
    person = public.person("wang", "web")
    public.do(lambda s, now: staff.redeem(s, token, person, now))
    with pytest.raises(BadInvitation):
        public.do(lambda s, now: staff.redeem(s, token, person, now))
    token = public.do(lambda s, now: staff.invite(s, "王", Role.EDITOR, now))
    public.wait(hours=24)
    with pytest.raises(BadInvitation):
        public.do(lambda s, now: staff.redeem(s, token, person, now))
    assert public.read(lambda s: staff.of_person(s, person).role) == Role.EDITOR
    public.do(lambda s, now: staff.leave(s, 1, now))
    assert public.read(lambda s: staff.of_person(s, person)) is None
