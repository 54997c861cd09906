"""A tap on Telegram is answered, whether or not its little clock could be stopped."""

import pytest

from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.telegram_house import hooked


@pytest.mark.parametrize(
    ("status", "description"), [(400, "Bad Request: query is too old"), (502, "Bad Gateway")]
)
async def test_a_tap_that_cannot_be_acknowledged_is_answered_all_the_same(
    telegram: FakeTelegram, status: int, description: str
) -> None:
    telegram.refuse("answerCallbackQuery", status, description=description)
    async with hooked(telegram) as house:
        assert await house.bring(telegram.tap("menu")) == 200
        await telegram.said(1, "answerCallbackQuery")
        said = [call.fields["text"] for call in telegram.calls if call.method == "sendMessage"]
        assert said == ["menu"]
        assert house.unsaid == []
        assert await house.channel.health() == ""
