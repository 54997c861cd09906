"""Messages that come later: notices and answers of staff, over breaks and sleeps of the phone."""

from playwright.async_api import expect


async def test_a_later_message_arrives_by_itself(chat, service):
    await service.tell(chat, "工作人员：请带身份证原件。")
    await expect(chat.last).to_contain_text("请带身份证原件")
    await expect(chat.cards).to_have_count(2)


async def test_a_message_of_the_time_without_a_connection_is_caught_up_once(chat, service):
    await service.tell(chat, "第一条")
    await expect(chat.last).to_contain_text("第一条")
    await chat.page.context.set_offline(True)
    await chat.page.evaluate("dispatchEvent(new Event('pagehide'))")
    await service.tell(chat, "第二条")
    await chat.page.context.set_offline(False)
    await expect(chat.last).to_contain_text("第二条")
    await expect(chat.cards).to_have_count(3)


async def test_a_refused_stream_is_asked_for_again_until_it_is_back(chat, service):
    await chat.page.route("**/chat/events*", lambda route: route.fulfill(status=503), times=2)
    await chat.open()
    await service.tell(chat, "又通了。")
    await expect(chat.last).to_contain_text("又通了。")


async def test_the_title_tells_of_a_message_that_came_while_the_page_was_hidden(chat, service):
    title = await chat.page.title()
    await _hide(chat, True)
    await service.tell(chat, "您的预约快到了。")
    await expect(chat.page).to_have_title(f"（1）新消息 · {title}")
    await _hide(chat, False)
    await expect(chat.page).to_have_title(title)


async def test_after_a_long_sleep_the_page_shows_what_was_said_elsewhere(chat):
    await chat.page.clock.install()
    other = type(chat)(await chat.page.context.new_page(), chat.url)
    await other.open()
    await _hide(chat, True)
    await other.ask("建站补贴怎么申请？")
    await chat.page.clock.fast_forward(120_000)
    await _hide(chat, False)
    await expect(chat.said).to_have_text(["建站补贴怎么申请？"])


async def test_who_reads_further_up_is_told_and_not_pulled_away(chat, service):
    await chat.answers_with({"text": "很长。\n" * 100})
    await chat.ask("说长一点")
    await chat.page.locator("#scroller").evaluate("it => { it.scrollTop = 0 }")
    pill = chat.page.get_by_role("button", name="新消息")
    await expect(pill).to_be_hidden()
    await service.tell(chat, "请带身份证原件。")
    await expect(pill).to_be_visible()
    assert await chat.page.locator("#scroller").evaluate("it => it.scrollTop") == 0
    await pill.click()
    await expect(chat.last).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def _hide(chat, hidden: bool) -> None:
    """A tab cannot be sent to the background without a window: the page is told that it was."""
    await chat.page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')) }",
        hidden,
    )
