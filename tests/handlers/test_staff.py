"""工作台: a colleague comes in by a token that is used once, and nobody else learns that there is such a place."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.audit import AuditEntry
from db.session import Database
from db.staff import Staff
from handlers.dispatch import Dispatch
from services import chatlog, staff
from services.messaging import UpdateKind
from services.people import identity_at
from services.staff import Role
from tests.cast import NOON, Guest


def token(house: Database, name: str = "王敏", role: Role = Role.EDITOR) -> str:
    return house.run_now(lambda s: staff.invite(s, name, role, NOON))


def entered(house: Database) -> list[str]:
    found = select(Staff.name).where(Staff.person_id.is_not(None))
    return house.run_now(lambda s: list(s.execute(found).scalars()))


async def test_a_token_said_in_the_chat_opens_the_desk_once(house: Database, chen: Guest, li: Guest) -> None:
    words = f"登录 {token(house)}"
    assert "王敏，您好" in (await chen.say(words)).text
    assert "王敏（编辑）" in (await chen.tap("工作台")).text
    assert "王敏（编辑）" in (await chen.say("工作台")).text
    assert "用过" in (await li.say(words)).text
    assert entered(house) == ["王敏"]


@pytest.mark.parametrize("kind", [UpdateKind.JOIN, UpdateKind.SCAN])
async def test_a_scanned_code_brings_the_token_along(house: Database, chen: Guest, kind: UpdateKind) -> None:
    for _ in range(8):  # some of them with - in the middle
        reply = await chen.come(kind, f"staff-{token(house)}")
        assert "登录好了" in reply.messages[0].text
    assert "第一次见面" in chen.heard[1].text


async def test_the_link_pasted_into_a_chat_does_the_same(house: Database, chen: Guest) -> None:
    assert "登录好了" in (await chen.say(f"https://a.example/console/sign-in/{token(house)}")).text


async def test_a_token_is_not_kept_in_the_log(house: Database, chen: Guest) -> None:
    given = token(house)
    await chen.say(f"登录 {given}")
    identity = house.run_now(lambda s: identity_at(s, "web", "chen"))
    assert identity is not None
    kept = house.run_now(lambda s: chatlog.history(s, identity))
    assert [one.said for one in kept] == [{"text": "登录 ······"}]
    assert given not in repr(kept)


async def test_a_token_does_nothing_where_others_read_along(
    house: Database, at_desk: Dispatch, chen: Guest
) -> None:
    said = await chen.say(f"登录 {token(house)}", public=True)
    assert "私下" in said.text
    await at_desk(chen.update(UpdateKind.JOIN, f"staff-{token(house)}", public=True))
    assert entered(house) == []


@pytest.mark.parametrize("kind", [UpdateKind.TEXT, UpdateKind.JOIN])
async def test_a_token_that_others_have_seen_is_good_for_nobody(
    house: Database, at_desk: Dispatch, chen: Guest, li: Guest, kind: UpdateKind
) -> None:
    given = token(house)
    words = f"登录 {given}" if kind is UpdateKind.TEXT else f"staff-{given}"
    shown = await at_desk(chen.update(kind, words, public=True))
    assert "已经作废" in shown.messages[0].text
    assert "用过" in (await li.say(f"登录 {given}")).text
    assert "私下" in (await chen.say(f"登录 {given}", public=True)).text
    assert entered(house) == []


async def test_guessing_ends_soon(house: Database, chen: Guest) -> None:
    for _ in range(5):
        assert "不对" in (await chen.say("登录 " + "a" * 32)).text
    assert "试的次数太多了" in (await chen.say(f"登录 {token(house)}")).text
    assert entered(house) == []


async def test_a_token_ends_after_a_day(house: Database, at_desk: Dispatch, chen: Guest) -> None:
    old = house.run_now(lambda s: staff.invite(s, "王敏", Role.CLERK, NOON - timedelta(hours=25)))
    assert "过期" in (await chen.say(f"登录 {old}")).text


async def test_to_everybody_else_the_desk_is_a_word_that_means_nothing(
    house: Database, at_desk: Dispatch, chen: Guest, li: Guest
) -> None:
    """Not even the buttons of a colleague's card, copied, tell more than any that is gone."""
    await chen.say(f"登录 {token(house)}")
    unknown, answered = await li.say("工作抬"), await li.say("工作台")
    assert answered.text == unknown.text
    assert (await li.choose("staff")).text == (await li.choose("nowhere")).text
    greeted = await li.come(UpdateKind.JOIN, "staff")
    assert greeted.messages[0].text == (await li.choose("start")).text
    assert "工作台" not in repr(li.heard[-1])
    assert "登录不了" not in repr(await li.say("登录 不了怎么办"))


async def test_the_menu_leads_colleagues_to_their_desk_and_not_in_public(
    house: Database, chen: Guest, li: Guest
) -> None:
    await chen.say(f"登录 {token(house)}")
    assert "staff" in [button.choice for button in (await chen.say("菜单")).buttons]
    assert "staff" not in [button.choice for button in (await chen.say("菜单", public=True)).buttons]
    assert "staff" not in [button.choice for button in (await li.say("菜单")).buttons]
    house.run_now(lambda s: staff.leave(s, 1, NOON))
    assert "staff" not in [button.choice for button in (await chen.say("菜单")).buttons]


async def test_a_link_that_was_not_used_ends_when_its_colleague_leaves(house: Database, chen: Guest) -> None:
    given = token(house)
    assert house.run_now(lambda s: staff.leave(s, 1, NOON))
    assert "用过" in (await chen.say(f"登录 {given}")).text
    assert entered(house) == []
    assert house.run_now(lambda s: s.execute(select(AuditEntry.action)).scalars().all())[-1] == "staff.leave"
