"""Notices on Telegram: the whole once, told openly where it cannot be; and a webhook that nobody reaches is named."""

import time

import pytest

from services.messaging import Attachment, DeliveryError, Message
from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.telegram_house import House, hooked

CODE = Attachment("码.png", "image/png", b"png")
CALENDAR = Attachment("预约.ics", "text/calendar", b"ics")
NOTICE = Message("明天 9:00 见", attachments=(CODE, CALENDAR))


def sent(telegram: FakeTelegram) -> list[str]:
    return [
        call.method for call in telegram.calls if call.method in ("sendMessage", "sendPhoto", "sendDocument")
    ]


async def failure(house: House, address: str = "7") -> tuple[str, bool]:
    with pytest.raises(DeliveryError) as told:
        await house.channel.send(address, NOTICE, bulk=True)
    return told.value.reason, told.value.permanent


async def test_what_is_out_in_part_waits_for_the_rest_and_is_not_begun_again(telegram: FakeTelegram) -> None:
    async with hooked(telegram) as house:
        telegram.refuse("sendPhoto", 429, retry_after=1)
        telegram.refuse("sendDocument", 502, times=2)
        await house.channel.send("7", NOTICE, bulk=True)
        assert sent(telegram) == ["sendMessage", *["sendPhoto"] * 2, *["sendDocument"] * 3]


async def test_what_stays_out_in_part_is_not_taken_for_unsent(telegram: FakeTelegram) -> None:
    """`timeout` leaves it to staff: it is never sent again by itself."""
    async with hooked(telegram) as house:
        telegram.refuse("sendPhoto", 429, retry_after=300)
        assert await failure(house) == ("timeout", False)


@pytest.mark.parametrize("status", [0, 504])
async def test_what_may_have_gone_out_is_told_as_such(telegram: FakeTelegram, status: int) -> None:
    async with hooked(telegram) as house:
        telegram.refuse("sendMessage", status)
        with pytest.raises(DeliveryError) as told:
            await house.channel.send("7", NOTICE, bulk=True)
        assert (told.value.reason, told.value.perhaps) == ("timeout", True)
        assert sent(telegram) == ["sendMessage"]


async def test_what_never_began_is_tried_later(telegram: FakeTelegram) -> None:
    async with hooked(telegram) as house:
        telegram.refuse("sendMessage", 502)
        assert await failure(house) == ("network", False)
        telegram.refuse("sendMessage", 429, retry_after=300)
        assert await failure(house) == ("busy", False)
        assert sent(telegram) == ["sendMessage"] * 2


@pytest.mark.parametrize("address", ["@chen", "", "7 7", "9" * 30])
async def test_an_address_that_telegram_cannot_have_is_never_tried(
    telegram: FakeTelegram, address: str
) -> None:
    async with hooked(telegram) as house:
        assert await failure(house, address) == ("unknown", True)
        assert sent(telegram) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"url": "https://elsewhere.test/telegram"}, "webhook set elsewhere"),
        ({"last_error_message": "Connection refused", "pending_update_count": 1}, "webhook unreachable"),
        ({"last_error_message": "Wrong response from the webhook: 503", "pending_update_count": 1}, ""),
        ({"last_error_message": "Connection refused", "pending_update_count": 0}, ""),
    ],
)
async def test_a_webhook_that_telegram_does_not_reach_is_named(
    telegram: FakeTelegram, found: dict[str, object], told: str
) -> None:
    async with hooked(telegram) as house:
        telegram.webhook |= {"last_error_date": int(time.time()), **found}
        looks = sum(call.method == "getWebhookInfo" for call in telegram.calls)
        await telegram.said(looks + 3, "getWebhookInfo")
        assert await house.channel.health() == told
