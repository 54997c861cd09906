"""The people who appear in tests. Each has a purpose: 陈博士 asks, 李博士 comes in between, 过客 comes once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from services.messaging import Message, Reply, Update, UpdateKind

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)  # a Tuesday, 12:00 in 江门
_numbers = count(1)


@dataclass
class Guest:
    """Somebody in front of a channel: says and taps, and remembers what was answered."""

    dispatch: Callable[[Update], Awaitable[Reply]]
    address: str
    channel: str = "web"
    heard: list[Message] = field(default_factory=list)

    async def say(self, text: str, **more: object) -> Message:
        return await self._send(UpdateKind.TEXT, text, **more)

    async def tap(self, label: str) -> Message:
        """The newest button of that label."""
        buttons = [button for message in self.heard for button in message.buttons if button.label == label]
        assert buttons, f"no button {label!r} in {[m.buttons for m in self.heard[-3:]]}"
        return await self.choose(buttons[-1].choice)

    async def choose(self, choice: str) -> Message:
        return await self._send(UpdateKind.CHOICE, choice)

    async def come(self, kind: UpdateKind, text: str = "") -> Reply:
        reply = await self.dispatch(self.update(kind, text))
        self.heard += reply.messages
        return reply

    def update(self, kind: UpdateKind, text: str, **more: object) -> Update:
        update_id = f"u{next(_numbers)}"
        return Update(self.channel, self.address, update_id, datetime.now(UTC), kind, text, **more)  # type: ignore[arg-type]

    async def _send(self, kind: UpdateKind, text: str, **more: object) -> Message:
        reply = await self.dispatch(self.update(kind, text, **more))
        self.heard += reply.messages
        return reply.messages[0]
