"""People in front of the platforms' peers: they say and tap through the service's own front doors."""

from datetime import UTC, datetime

from aiohttp import ClientSession

from tests.bot.channels.fake_telegram import Call, FakeTelegram, bring
from tests.bot.channels.platform import Platform
from tests.bot.conftest import Client

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


class OnTelegram:
    """One of several people in front of the same bot."""

    def __init__(self, telegram: FakeTelegram, client: Client, who: int):
        self.telegram, self.client, self.who = telegram, client, who
        self.seen = 0

    async def say(self, text: str) -> Call:
        return await self._answered(self.telegram.text(text, who=self.who))

    async def tap(self, label: str) -> Call:
        return await self._answered(self.telegram.tap(self.last.choice(label), who=self.who))

    async def hears(self, words: str) -> Call:
        """Something that comes unasked, or as an answer."""
        for number in range(1, 200):
            calls = await self.telegram.said(number)
            found = [call for call in calls if self._mine(call) and words in call.fields["text"]]
            if found:
                return found[-1]
        raise AssertionError(words)

    @property
    def last(self) -> Call:
        return [call for call in self.telegram.calls if self._mine(call) and call.labels][-1]

    def _mine(self, call: Call) -> bool:
        told = call.method in ("sendMessage", "editMessageText")
        return told and int(str(call.fields["chat_id"])) == self.who

    async def _answered(self, update: object) -> Call:
        before = sum(map(self._mine, self.telegram.calls))
        url = str(self.client.make_url("/telegram"))
        async with ClientSession() as session:
            status = await bring(session, url, update)
        assert status == 200, status
        async with self.telegram.heard:
            await self.telegram.heard.wait_for(lambda: sum(map(self._mine, self.telegram.calls)) > before)
        return [call for call in self.telegram.calls if self._mine(call)][-1]


class OnWeChat:
    """Everything by words and numbers."""

    def __init__(self, client: Client):
        self.client, self.platform, self.last = client, Platform(now=NOON.timestamp()), ""

    async def say(self, text: str) -> str:
        query, body = self.platform.push(self.platform.message(Content=text))
        async with self.client.post("/wechat", params=query, data=body) as response:
            self.last = self.platform.answer(await response.text())["Content"]
        return self.last

    async def pick(self, label: str) -> str:
        """The number that stands before it."""
        numbers = [line.split(".")[0] for line in self.last.splitlines() if line.endswith(label)]
        assert numbers, self.last
        return await self.say(numbers[-1])
