"""Words stay words: nothing that is said becomes markup, a script or a way out of this site."""

import pytest
from playwright.async_api import expect

HOSTILE = [
    "<img src=x onerror=window.hurt=1>",
    "<script>window.hurt=1</script>",
    "javascript:window.hurt=1",
    "\"'><svg/onload=window.hurt=1>",
    "{{7*7}}${7*7}",
    "\u202e文字倒过来 & &lt;b&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_are_shown_as_they_are(chat, text):
    await chat.ask(text)
    await expect(chat.said).to_have_text(text)
    await chat.open()
    await expect(chat.said).to_have_text(text)
    assert await chat.page.evaluate("window.hurt") is None


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_in_every_place_of_a_message_are_inert(chat, text):
    cited = {
        "document": text,
        "number": text,
        "label": text,
        "text": text,
        "in_force": False,
        "validity": text,
    }
    await chat.answers_with(
        {
            "text": text,
            "buttons": [{"label": text, "choice": text}],
            "citations": [cited],
            "attachments": [{"name": text, "type": text, "url": text}],
        }
    )
    answer = await chat.ask("问")
    await answer.locator("summary").click()
    await expect(answer.locator("blockquote")).to_have_text(text)
    await expect(answer.get_by_role("button")).to_have_text(text)
    assert await answer.locator("script, .words img, .words svg, blockquote *").count() == 0
    assert await chat.page.evaluate("window.hurt") is None


async def test_only_addresses_of_this_site_become_links(chat):
    inside = f"{chat.url}/chat/files/1"
    await chat.answers_with(
        {"text": f"看这里：{inside}。不是 https://evil.example/x，也不是 javascript:alert(1)"}
    )
    answer = await chat.ask("问")
    await expect(answer.locator(".words a")).to_have_text([inside])
    await expect(answer.locator(".words a")).to_have_attribute("href", inside)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.png",
        "javascript:alert(1)",
        "data:text/html,<script>1</script>",
        "//evil.example/a",
    ],
)
async def test_a_file_from_elsewhere_is_named_but_not_loaded(chat, url):
    await chat.answers_with({"attachments": [{"name": "文件", "type": "image/png", "url": url}]})
    answer = await chat.ask("问")
    await expect(answer.locator(".file")).to_have_text("下载：文件")
    assert await answer.locator("img").count() == 0
    assert await answer.locator(".file").get_attribute("href") is None
