"""Nothing that was written is lost: failures, retries, reloads, limits."""

import asyncio

from playwright.async_api import Route, expect


async def test_a_failed_message_stays_and_is_sent_again_with_the_same_id(chat):
    await chat.page.route("**/chat/messages", lambda route: route.abort())
    await chat.say("建站补贴怎么申请？")
    retry = chat.page.get_by_role("button", name="没有发出，点这里重试")
    await expect(retry).to_be_visible()
    await chat.page.unroute("**/chat/messages")
    await retry.click()
    await expect(chat.last).to_contain_text("建站补贴")
    await expect(retry).to_be_hidden()
    await expect(chat.said).to_have_count(1)
    ids = {body["update_id"] for body in chat.sent if "text" in body}
    assert len(ids) == 1


async def test_a_lost_answer_is_fetched_again_by_itself_and_done_only_once(chat):
    """The service did it, but the answer got lost on the way."""
    lost = asyncio.Event()

    async def lose_the_first(route: Route) -> None:
        if lost.is_set():
            await route.continue_()
        else:
            await route.fetch()
            lost.set()
            await route.abort()

    await chat.page.route("**/chat/messages", lose_the_first)
    await chat.say("建站补贴怎么申请？")
    await expect(chat.cards).to_have_count(2)
    await chat.open()
    await expect(chat.said).to_have_text(["建站补贴怎么申请？"])


async def test_what_is_said_while_offline_waits_in_order_and_goes_out_by_itself(chat):
    await chat.page.context.set_offline(True)
    await expect(chat.page.locator("#banner")).to_contain_text("网络断开了")
    await chat.say("第一句")
    await chat.say("第二句")
    await expect(chat.page.locator(".said").first).to_contain_text("没有发出，点这里重试")
    await expect(chat.page.locator(".said").last).to_contain_text("等待发送")
    await chat.page.context.set_offline(False)
    await expect(chat.page.locator(".turn").last.locator(".card")).to_be_visible()
    said = [body["text"] for body in chat.sent if "text" in body]
    assert said.index("第二句") > said.index("第一句")
    assert said[-1] == "第二句"
    await expect(chat.page.locator("#banner")).to_be_empty()


async def test_what_is_unsent_survives_a_reload_and_is_not_shown_twice(chat):
    await chat.page.route("**/chat/messages", lambda route: route.abort())
    await chat.say("建站补贴怎么申请？")
    await expect(chat.page.get_by_role("button", name="没有发出，点这里重试")).to_be_visible()
    await chat.page.unroute("**/chat/messages")
    await chat.open()
    await expect(chat.cards).to_have_count(2)
    await expect(chat.said).to_have_text(["建站补贴怎么申请？"])
    assert len({body["update_id"] for body in chat.sent if "text" in body}) == 1
    await chat.open()
    await expect(chat.said).to_have_text(["建站补贴怎么申请？"])


async def test_a_refusal_is_told_in_the_services_own_words_and_holds_up_nothing(chat):
    async def refuse(route: Route) -> None:
        await route.fulfill(status=413, json={"error": "这条消息太长了，请分开发。"})

    await chat.page.route("**/chat/messages", refuse, times=1)
    await chat.say("第一句")
    await expect(chat.page.locator(".said").first).to_contain_text("这条消息太长了，请分开发。")
    await chat.say("建站补贴怎么申请？")
    await expect(chat.last).to_contain_text("建站补贴")


async def test_too_fast_waits_as_long_as_the_service_asks(chat):
    async def too_fast(route: Route) -> None:
        await route.fulfill(
            status=429, headers={"Retry-After": "120"}, json={"error": "发得有点快，请 120 秒后再试。"}
        )

    await chat.page.clock.install()
    await chat.page.route("**/chat/messages", too_fast, times=1)
    await chat.say("建站补贴怎么申请？")
    await expect(chat.page.locator(".said")).to_contain_text("发得有点快，请 120 秒后再试。")
    tries = len(chat.sent)
    await chat.page.clock.fast_forward(100_000)
    assert len(chat.sent) == tries
    await chat.page.clock.fast_forward(30_000)
    await expect(chat.last).to_contain_text("建站补贴")


async def test_a_draft_survives_a_reload_and_goes_when_it_is_sent(chat):
    await chat.field.fill("写到一半")
    await chat.open()
    await expect(chat.field).to_have_value("写到一半")
    await chat.field.press("Enter")
    await expect(chat.said).to_have_text("写到一半")
    await chat.open()
    await expect(chat.field).to_have_value("")


async def test_too_long_is_told_before_it_is_sent(chat):
    limit = int(await chat.field.get_attribute("data-limit") or 0)
    count = chat.page.locator("#count")
    await expect(count).to_be_empty()
    await chat.field.fill("字" * (limit - 10))
    await expect(count).to_contain_text("还可以写 10 个字")
    await chat.field.fill("字" * (limit + 3))
    await expect(count).to_contain_text("请删去 3 个字再发")
    await expect(chat.field).to_have_attribute("aria-invalid", "true")
    tries = len(chat.sent)
    await chat.field.press("Enter")
    await expect(chat.said).to_have_count(0)
    assert len(chat.sent) == tries
    await chat.field.fill("😀" * limit)  # counted in characters, as the service counts
    await expect(chat.field).to_have_attribute("aria-invalid", "false")
