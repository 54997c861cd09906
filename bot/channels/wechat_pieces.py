"""How a Reply is said on WeChat: as much as one passive answer holds, the rest in pieces that each fit a message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.orm import Session

from bot.channels.rendering import numbered, split
from services.messaging import Attachment, Message
from services.texts import Texts

LIMIT = 2_000  # bytes of UTF-8 in one text; the platform refuses a little more than that
_APART = "\n\n"
_PICTURES = frozenset({"image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is fetched, and the day that this ends, as it is said."""

    url: str
    until: str


Link = Callable[[Session, str, Attachment], Place]


@dataclass(frozen=True, slots=True)
class Speech:
    """How the account speaks. `link` lays a file out for the address it goes to, where there is such a place.

    `follows` says whether what does not fit comes by itself; else people are told to ask for it.
    """

    texts: Texts
    link: Link | None = None
    follows: Callable[[], bool] = lambda: True
    lay_out: Callable[[Attachment], Place] | None = None

    def within(self, session: Session, address: str) -> "Speech":
        """Files are laid out in this transaction; said once it is over. Without it they cannot be given."""
        if self.link is None:
            return self
        return replace(self, lay_out=partial(self.link, session, address))

    def compose(self, own: Sequence[Message], in_front: Sequence[Message]) -> tuple[str, tuple[Message, ...]]:
        """The passive answer, and the pieces that do not fit in it, in order."""
        queue = [self._earlier(message) for message in in_front]
        queue += self._numbered([part for message in own for part in self._apart(message)])
        said = ""
        while queue:
            text = f"{said}{_APART}{queue[0].text}" if said else queue[0].text
            if queue[0].message.attachments or _size(text) > LIMIT:
                break
            said = text
            del queue[0]
        return self._with_rest(said, queue)

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """The message as the customer-service API takes it: texts that fit, choices with the last, pictures alone."""
        return tuple(piece for part in self._apart(message) for piece in self._fitting(part, LIMIT))

    def plain(self, message: Message) -> str:
        """In words alone."""
        files = [self._file(file) for file in message.attachments]
        return _APART.join(part for part in (message.text, *files) if part)

    def _with_rest(self, said: str, queue: Sequence["_Part"]) -> tuple[str, tuple[Message, ...]]:
        if not queue:
            return said, ()
        more = "" if self.follows() else _APART + self.texts.label("wechat/more")
        room = LIMIT - _size(more)
        first = queue[0]
        if said:
            said, *cut = split(said, room, bytes=True)
            pieces = [Message(part) for part in cut] + self._fitting(first.message, room)
        elif first.message.attachments:
            said, pieces = self.plain(first.message), []
        else:
            long = _size(first.message.text) > room  # else only its choices do not fit, and go on as words
            head, *pieces = self._fitting(first.message if long else Message(first.text), room)
            said = head.text
        pieces += [piece for part in queue[1:] for piece in self._fitting(part.message, room)]
        return (said + more if pieces else said), tuple(pieces)

    def _numbered(self, messages: Sequence[Message]) -> list["_Part"]:
        """Numbers run through the whole Reply, as its choices are kept."""
        parts, first = [], 1
        for message in messages:
            parts.append(_Part(numbered(message, first), message))
            first += len(message.buttons)
        return parts

    def _apart(self, message: Message) -> list[Message]:
        """Pictures on their own, where they can follow; other files as a line that says where they are."""
        follow = self.follows()
        pictures = [file for file in message.attachments if follow and file.type in _PICTURES]
        files = tuple(file for file in message.attachments if file not in pictures)
        text = self.plain(replace(message, attachments=files))
        apart = [Message("", attachments=(picture,)) for picture in pictures]
        return ([Message(text, message.buttons)] if text else []) + apart

    def _fitting(self, message: Message, room: int) -> list[Message]:
        if message.attachments:
            return [message]
        parts = split(message.text, room, bytes=True)
        return [*(Message(part) for part in parts[:-1]), Message(parts[-1], message.buttons)]

    def _earlier(self, message: Message) -> "_Part":
        """Its choices went with the moment: a number means those offered last."""
        text = self.texts.say("wechat/earlier", text=self.plain(message))
        return _Part(text, Message(text))

    def _file(self, file: Attachment) -> str:
        if self.lay_out is None:
            return self.texts.say("wechat/file_elsewhere", file=file.name)
        place = self.lay_out(file)
        return self.texts.say("wechat/file", file=file.name, url=place.url, until=place.until)


@dataclass(frozen=True, slots=True)
class _Part:
    """A message and how it reads in a passive answer."""

    text: str
    message: Message


def _size(text: str) -> int:
    return len(text.encode())


@dataclass(frozen=True, slots=True)
class Spoken:
    """One Reply in this speech."""

    speech: Speech
    messages: tuple[Message, ...]

    def compose(self, in_front: Sequence[Message]) -> tuple[str, Sequence[Message]]:
        return self.speech.compose(self.messages, in_front)

    def pieces(self) -> Sequence[Message]:
        return [piece for message in self.messages for piece in self.speech.pieces(message)]
