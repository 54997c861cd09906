"""A Bot API on loopback for the tests of Telegram."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from tests.bot.channels.fake_telegram import FakeTelegram


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    fake = FakeTelegram()
    async with TestServer(fake.app, host="127.0.0.1") as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake
