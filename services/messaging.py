"""The shared vocabulary between channels, handlers and services: what comes in, what we say, how it may fail."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable


class UpdateKind(StrEnum):
    TEXT = "text"  # words typed (or recognised from speech)
    CHOICE = "choice"  # a button tapped
    JOIN = (
        "join"  # opened the chat for the first time or again; `text` is the deep link's or QR scene's payload
    )
    SCAN = "scan"  # a QR scene scanned by someone who already follows; `text` is the payload
    MEDIA = "media"  # something we cannot read; `text` names it: voice, photo, sticker, file, location, video
    LEAVE = "leave"  # blocked us or unfollowed: nothing can be sent any more


@dataclass(frozen=True, slots=True)
class Update:
    """One incoming event. `update_id` is unique within (channel, address) and the same when the platform repeats it.

    `address` is the person's own address on the channel, also in a group. `public` is true where others read along:
    a reply there never holds personal details.
    """

    channel: str
    address: str
    update_id: str
    received_at: datetime
    kind: UpdateKind = UpdateKind.TEXT
    text: str = ""
    name: str = ""
    language: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """`choice` comes back when it is tapped: a route's name, then its object and version, `:` between; <= 64 bytes."""

    label: str
    choice: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A small file that goes with a message (ICS, QR): bytes, never a path."""

    name: str
    type: str  # media type
    content: bytes


@dataclass(frozen=True, slots=True)
class Citation:
    """The clause behind an answer, word for word. `validity` is the sentence that says until when it holds."""

    document: str
    number: str
    label: str
    text: str
    in_force: bool
    validity: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing we say. `in_place` asks the channel to replace the card whose button was tapped, where it can."""

    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    citations: tuple[Citation, ...] = ()
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Where a dialogue stands and what was collected so far; values must be JSON."""

    name: str
    answers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers. Without `next_step` the dialogue is over and the next text is a question again."""

    messages: tuple[Message, ...] = ()
    next_step: Step | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the platform said when it took a message: its own id for it, or ''."""

    message_id: str = ""


_PERHAPS = frozenset({"timeout", "garbage"})  # no answer to a call that was made, or none that can be read


class DeliveryError(Exception):
    """A message that did not go out.

    `permanent`: never try this address again with it (blocked, unknown, refused). Else `retry_at` says when to,
    if the platform told. `reason` is one stable word for reports: blocked, window_over, quota, busy, timeout...
    `perhaps`: nobody can tell whether it arrived, so it must not go out again by itself.
    """

    def __init__(self, reason: str, *, permanent: bool, retry_at: datetime | None = None, detail: str = ""):
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_at = retry_at
        self.perhaps = reason in _PERHAPS


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can do; rendering and routing degrade by these, no handler asks which channel it is."""

    buttons: bool = True
    edits: bool = False
    files: bool = True
    personal_details: bool = True  # may details be typed into the chat itself (PIPL art. 36)


class Channel(Protocol):
    """A way to reach people. What it sends never delays an answer; `bulk` leaves the last of a quota to those."""

    name: str
    abilities: Abilities

    async def send(self, address: str, message: Message, *, bulk: bool = False) -> Sent:
        """Say it now. Raises DeliveryError; nothing else leaves it."""
        ...


@runtime_checkable
class EditingChannel(Channel, Protocol):
    """One that can change what it said, without a sound."""

    async def edit(self, address: str, message_id: str, message: Message) -> None:
        """At the pace of notices. Raises DeliveryError; nothing else leaves it."""
        ...
