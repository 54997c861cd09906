"""Saying, tapping, reading: what a person does on the page most of the time."""

import asyncio

from playwright.async_api import Route, expect


async def test_the_first_visit_is_greeted_without_a_bubble_of_ones_own(chat):
    assert [body.get("choice") for body in chat.sent] == ["start"]
    await expect(chat.cards).to_have_count(1)
    await expect(chat.said).to_have_count(0)
    await expect(chat.page.get_by_role("button", name="问政策")).to_be_visible()


async def test_a_question_shows_at_once_and_its_answer_under_it(chat):
    answer = await chat.ask("建站补贴怎么申请？")
    await expect(chat.said).to_have_text("建站补贴怎么申请？")
    await expect(answer).to_contain_text("建站补贴")
    assert await chat.page.locator(".turn").last.locator(".said, .card").count() == 2
    await expect(chat.field).to_have_value("")
    await expect(chat.field).to_be_focused()


async def test_a_button_sends_its_choice_and_shows_its_label_as_said(chat):
    await chat.answers_with({"text": "记下了。"})
    await chat.tap("转人工")
    await expect(chat.last).to_contain_text("记下了。")
    await expect(chat.said).to_have_text("转人工")
    assert chat.sent[-1]["choice"] == "handoff"


async def test_the_buttons_of_older_messages_stay_usable_but_step_back(chat):
    button = chat.page.get_by_role("button", name="问政策").first
    before = await button.evaluate("it => getComputedStyle(it).backgroundColor")
    await chat.ask("建站补贴怎么申请？")
    assert await button.evaluate("it => getComputedStyle(it).backgroundColor") != before
    count = await chat.cards.count()
    await button.click()
    await expect(chat.cards).not_to_have_count(count)


async def test_a_citation_unfolds_to_the_clause_and_says_that_it_ran_out(chat):
    answer = await chat.ask("建站补贴怎么申请？")
    citation = answer.locator(".citation").first
    await expect(citation).to_contain_text("〔2022〕")
    await expect(citation.locator(".term")).to_have_text("不在有效期")
    await expect(citation.locator("blockquote")).to_be_hidden()
    await citation.locator("summary").click()
    await expect(citation.locator("blockquote")).to_contain_text("给予建站补贴")
    await expect(citation.locator(".validity")).to_contain_text("已届满")
    await citation.locator("summary").click()
    await expect(citation.locator("blockquote")).to_be_hidden()


async def test_a_card_meant_to_be_in_place_takes_the_place_of_the_one_that_was_tapped(chat):
    choose = [{"label": "下一页", "choice": "page:2"}]
    await chat.answers_with({"text": "第 1 页", "buttons": choose})
    await chat.ask("选日子")
    await chat.answers_with({"text": "第 2 页", "buttons": choose, "in_place": True})
    before = await chat.cards.count()
    await chat.tap("下一页")
    await expect(chat.last).to_contain_text("第 2 页")
    await expect(chat.cards).to_have_count(before)
    await expect(chat.said).to_have_text(["选日子"])
    await expect(chat.page.get_by_text("第 1 页")).to_have_count(0)


async def test_the_menu_below_brings_the_menu_as_a_new_card(chat):
    await chat.page.locator("#menu").click()
    await expect(chat.cards).to_have_count(2)
    await expect(chat.said).to_have_text("菜单")
    assert chat.sent[-1]["choice"] == "menu"


async def test_waiting_is_shown_when_an_answer_takes_its_time(chat):
    go_on = asyncio.Event()

    async def slow(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await chat.page.route("**/chat/messages", slow)
    await chat.say("建站补贴怎么申请？")
    typing = chat.page.locator("#typing")
    await expect(typing).to_contain_text("优才正在查找")
    await expect(typing).to_have_attribute("role", "status")
    go_on.set()
    await expect(chat.cards).to_have_count(2)
    await expect(typing).to_be_empty()


async def test_several_things_said_quickly_keep_their_order_and_their_answers(chat):
    async def echo(route: Route) -> None:
        text = route.request.post_data_json["text"]
        await asyncio.sleep(0.2 if text == "一" else 0)
        await route.fulfill(json={"messages": [{"text": f"答{text}"}]})

    await chat.page.route("**/chat/messages", echo)
    for text in "一二三":
        await chat.say(text)
    await expect(chat.last).to_contain_text("答三")
    lines = await chat.page.locator(".words").all_inner_texts()
    assert lines[1:] == ["一", "答一", "二", "答二", "三", "答三"]


async def test_the_history_is_there_after_a_reload_and_nothing_is_sent_for_it(chat):
    await chat.ask("建站补贴怎么申请？")
    await chat.tap("转人工")
    await expect(chat.cards).to_have_count(3)
    before = await chat.page.locator(".words").all_inner_texts()
    chat.sent.clear()
    await chat.open()
    await expect(chat.cards).to_have_count(3)
    assert await chat.page.locator(".words").all_inner_texts() == before
    assert chat.sent == []


async def test_files_come_as_named_downloads_and_pictures_are_shown(chat):
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
    files = [
        {"name": "预约.ics", "type": "text/calendar", "url": "/static/icon.svg"},
        {"name": "签到码.gif", "type": "image/gif", "url": dot},
    ]
    await chat.answers_with({"text": "约好了。", "attachments": files})
    answer = await chat.ask("预约")
    await expect(answer.get_by_role("link", name="下载： 预约.ics")).to_have_attribute("download", "预约.ics")
    picture = answer.get_by_role("img", name="签到码.gif")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("it => it.naturalWidth") == 1


async def test_a_long_answer_begins_at_its_beginning(chat):
    await chat.answers_with({"text": "很长。\n" * 200})
    await chat.ask("说长一点")
    await expect(chat.said.last).to_be_in_viewport()


async def test_what_is_quoted_from_a_document_is_set_apart(chat):
    await chat.answers_with({"text": "文件里写的是：\n\n「给予建站补贴。」\n\n没有写「多少」。"})
    answer = await chat.ask("建站")
    await expect(answer.locator(".words p")).to_have_count(3)
    await expect(answer.locator(".quote")).to_have_text(["「给予建站补贴。」"])
