"""Everybody gets along: keyboard, screen reader, IME, large text, small screens, no scripts."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect


async def test_the_keyboard_alone_is_enough(chat):
    page = chat.page
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到输入框")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(chat.field).to_be_focused()
    await page.keyboard.type("建站补贴怎么申请？")
    await page.keyboard.press("Enter")
    await expect(chat.cards).to_have_count(2)
    await _shift_tab_to(page, chat.last.get_by_role("button").last)
    await _shift_tab_to(page, chat.last.locator("summary").first)
    await page.keyboard.press("Enter")
    await expect(chat.last.locator("blockquote").first).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(chat.said).to_have_count(2)


async def test_a_card_replaced_under_the_keyboard_keeps_the_focus_in_it(chat):
    button = [{"label": "下一页", "choice": "page:2"}]
    await chat.answers_with({"text": "第 1 页", "buttons": button, "in_place": True})
    await chat.ask("选日子")
    await chat.page.get_by_role("button", name="下一页").focus()
    await chat.answers_with({"text": "第 2 页", "buttons": button, "in_place": True})
    await chat.page.keyboard.press("Enter")
    await expect(chat.last).to_contain_text("第 2 页")
    await expect(chat.page.get_by_role("button", name="下一页")).to_be_focused()
    await expect(chat.cards).to_have_count(2)


async def test_shift_enter_breaks_the_line_and_enter_sends(chat):
    await chat.field.fill("第一行")
    await chat.field.press("Shift+Enter")
    await chat.page.keyboard.type("第二行")
    await chat.field.press("Enter")
    await expect(chat.said).to_have_text("第一行\n第二行", use_inner_text=True)


async def test_the_enter_that_ends_a_composition_does_not_send(chat):
    keys = await chat.page.context.new_cdp_session(chat.page)
    await chat.field.focus()
    await keys.send("Input.imeSetComposition", {"text": "jianzhan", "selectionStart": 8, "selectionEnd": 8})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    await keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    await keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    await expect(chat.field).to_have_value("jianzhan")
    await expect(chat.said).to_have_count(0)
    await keys.send("Input.insertText", {"text": "建站补贴"})
    await expect(chat.field).to_have_value("建站补贴")
    await chat.page.keyboard.press("Enter")
    await expect(chat.said).to_have_text("建站补贴")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_serious_fault(chat, scheme):
    await chat.page.emulate_media(color_scheme=scheme)
    answer = await chat.ask("建站补贴怎么申请？")
    await answer.locator("summary").first.click()
    await chat.page.route("**/chat/messages", lambda route: route.abort())
    await chat.say("没有发出的")
    await chat.say("还在等的")
    await chat.page.context.set_offline(True)
    await expect(chat.page.locator("#banner")).not_to_be_empty()
    await chat.field.fill("字" * 3000)
    found = await Axe().run(chat.page)
    grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], node["html"], node["failureSummary"]) for one in grave for node in one["nodes"]] == []


async def test_the_log_is_announced_politely_but_not_its_history(chat):
    log = chat.page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_contain_text("优才说：")
    await chat.ask("建站补贴怎么申请？")
    await expect(log).to_contain_text("我说：")
    await chat.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { const log = document.getElementById('log');"
        " new MutationObserver(() => (window.spoken ||= log.querySelector('.card') && log.ariaLive))"
        ".observe(log, {childList: true, subtree: true}) })"
    )
    await chat.open()
    assert await chat.page.evaluate("window.spoken") == "off"


@pytest.mark.parametrize(
    ("width", "text_size"), [(320, "100%"), (360, "100%"), (390, "200%"), (1280, "200%")]
)
async def test_nothing_is_cut_off_sideways(chat, width, text_size):
    page = chat.page
    await page.set_viewport_size({"width": width, "height": 740})
    await page.evaluate("size => { document.documentElement.style.fontSize = size }", text_size)
    answer = await chat.ask("建站补贴怎么申请？")
    await answer.locator("summary").first.click()
    await chat.answers_with({"text": "x" * 300, "buttons": [{"label": "很长的按钮" * 12, "choice": "a"}]})
    await chat.ask("y" * 300)
    wider = await page.evaluate(
        "[...document.querySelectorAll('body, #scroller, .card, .said, .composer')]"
        ".filter(it => it.scrollWidth > it.clientWidth + 1).map(it => it.className || it.tagName)"
    )
    assert wider == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_whatever_can_be_tapped_is_large_enough(chat):
    await chat.ask("建站补贴怎么申请？")
    small = await chat.page.evaluate(
        "[...document.querySelectorAll('button, summary, textarea')].filter(it => it.offsetParent)"
        ".filter(it => it.offsetHeight < 41.9 || it.offsetWidth < 43.9).map(it => it.outerHTML)"
    )
    assert small == []


async def test_the_composer_stays_in_sight_when_the_keyboard_takes_half_of_the_screen(chat):
    await chat.page.set_viewport_size({"width": 390, "height": 380})
    await expect(chat.field).to_be_in_viewport(ratio=1)
    await expect(chat.page.locator("#send")).to_be_in_viewport(ratio=1)
    await expect(chat.last.get_by_role("button").last).to_be_in_viewport()


async def test_without_scripts_the_page_says_plainly_what_to_do(browser: Browser, service):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(service.url)
    note = page.locator("noscript .plain-note")
    await expect(note).to_contain_text("需要浏览器的 JavaScript")
    await expect(note).to_be_visible()
    await expect(page.locator("#say")).to_be_disabled()
    await context.close()


async def _shift_tab_to(page: Page, target: Locator) -> None:
    for _ in range(8):
        if await target.evaluate("it => it === document.activeElement"):
            return
        await page.keyboard.press("Shift+Tab")
    await expect(target).to_be_focused()
