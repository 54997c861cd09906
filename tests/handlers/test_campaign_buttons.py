"""A button below a campaign: chosen in the chat, looked at like the rest, taken away again."""

from services.messaging import Message
from tests.cast import Guest
from tests.handlers.test_staff_campaigns import Office, drafted, submitted, tapped
from tests.handlers.test_staff_campaigns import office as office


async def test_a_button_leads_on_and_is_looked_at_like_the_rest(office: Office) -> None:
    zhao, qian, _ = await submitted(office)
    office.person("71")
    await zhao.choose("staff.campaign:1")
    await zhao.tap("改一改")
    assert "放哪个" in (await zhao.tap("按钮")).text
    assert "没有这样的按钮" in (await zhao.say("随便")).text
    assert "按钮：办卡预约\n时间：" in (await tapped(zhao, "办卡预约")).text
    await zhao.tap("提交审核")
    for reviewer in (qian, office.guests["sun"]):
        await reviewer.choose("staff.campaign:1")
        await reviewer.tap("同意发出")
    office.tick()
    [notice] = office.send(limit=1)
    assert [one.choice for one in notice.buttons] == ["go:1:book", "unsubscribe"]


async def test_a_button_is_taken_away_again(office: Office) -> None:
    zhao = office.guests["zhao"]
    await drafted(zhao)
    for label in ("近期活动", "不放按钮"):
        await zhao.tap("改一改")
        await zhao.tap("按钮")
        card = await tapped(zhao, label)
        assert ("按钮：近期活动" in card.text) is (label == "近期活动")
    assert "没有这样的按钮" in (await pressed(zhao, "staff.campaign.fill:event:99")).text


async def pressed(guest: Guest, choice: str) -> Message:
    """While the question stands."""
    await guest.tap("改一改")
    await guest.tap("按钮")
    return await guest.choose(choice)
