"""What a handler is given: the desk that answers, and one turn of one person's dialogue."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services import delivery
from services.booking_desk import BookingDesk
from services.campaign_terms import CampaignDesk
from services.conversations import Stand
from services.event_terms import EventDesk
from services.knowledge.answering.answer import Answer
from services.knowledge.answering.library import Library
from services.messaging import Button, Message, Reply, Step, Update
from services.texts import Texts

_LONGEST_NAME = 20  # characters of a button that bears a title
T = TypeVar("T")
BROADCAST = "go"  # what the choices of a broadcast's buttons begin with: go:12:book


@dataclass(frozen=True)
class Desk:
    """The office as its bot knows it. One for all turns."""

    office: str
    office_hours: str
    zone: ZoneInfo
    conversation_days: int  # how long what was said is kept
    library: Callable[[], Library]
    answers: Callable[[str, date, str], tuple[Answer, ...]]  # message, today, the question before
    booking: BookingDesk
    events: EventDesk
    base_url: str = ""  # where our own pages are reached
    channels_without_details: frozenset[str] = frozenset()  # what is personal is told on our own page instead
    channels_that_edit: frozenset[str] = frozenset()  # what is said there can be changed later
    channels_that_send: frozenset[str] = frozenset(("web", "telegram", "wechat"))  # those with an account
    channels_that_reach: frozenset[str] = frozenset()  # a notice arrives there whenever it is due
    channels_of_news: frozenset[str] = frozenset()  # and there a broadcast, too
    texts: Texts = field(default_factory=Texts)

    @property
    def campaigns(self) -> CampaignDesk:
        return self.events.campaigns

    def say(self, name: str, **values: Any) -> str:
        return self.texts.say(name, **values) if values else self.texts.label(name)

    def keeps_details_out(self, channel: str) -> bool:
        return channel in self.channels_without_details

    def button(self, name: str, choice: str = "", **values: Any) -> Button:
        """The label is `templates/buttons/NAME.txt`; without a choice it is the route of that name."""
        file = f"buttons/{name}"
        return Button(self.texts.say(file, **values) if values else self.texts.label(file), choice or name)

    def named(self, name: str, choice: str) -> Button:
        """A button that bears the name of what it leads to."""
        return Button(name[:_LONGEST_NAME], choice)


class ReadFirst(Exception):
    """The turn goes on once this is read: it is undone, `work` read beside the writer, and begun anew."""

    def __init__(self, work: Callable[[Session], Any]):
        super().__init__("read first")
        self.work = work


@dataclass(slots=True)
class Turn:
    """`text` is what was said, its forbidden numbers hidden; `object` what stands after the route's name in a choice;
    `campaign` the broadcast whose button led here.

    A handler may set `topic` (the question that the next one may follow) and `forgotten` (nothing is to be kept) and
    `greeted`.
    """

    session: Session
    update: Update
    stand: Stand
    desk: Desk
    now: datetime
    text: str = ""
    object: tuple[str, ...] = ()
    campaign: int | None = None
    topic: str = ""
    forgotten: bool = False
    greeted: bool = False  # the greeting tells what is kept, as the first answer must
    readings: list[Any] = field(default_factory=list)  # of `read`, in its order

    @property
    def person_id(self) -> int:
        return self.stand.person_id

    @property
    def identity_id(self) -> int:
        return self.stand.identity_id

    @property
    def step(self) -> Step | None:
        return self.stand.step

    @property
    def reached(self) -> bool:
        """Whether a notice will find this person; only then may one be promised."""
        return delivery.reaches(
            self.session, self.person_id, self.update.channel, self.desk.channels_that_reach
        )

    @property
    def hears_news(self) -> bool:
        """Whether a broadcast will find this person in time."""
        return delivery.reaches(self.session, self.person_id, self.update.channel, self.desk.channels_of_news)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.desk.zone).date()

    def say(self, name: str, **values: Any) -> str:
        return self.desk.say(name, **values)

    def read(self, work: Callable[[Session], T]) -> T:
        """For what takes long, such as counting everybody: nobody's answer waits for it."""
        if not self.readings:
            raise ReadFirst(work)
        found: T = self.readings.pop(0)
        return found

    def led_on(self, choice: str) -> str:
        """A choice that still counts for the broadcast that led here."""
        return f"{BROADCAST}:{self.campaign}:{choice}" if self.campaign else choice

    def reply(
        self, name: str, *buttons: Button, step: Step | None = None, in_place: bool = False, **values: Any
    ) -> Reply:
        """One message from `templates/NAME.txt` with its next steps."""
        return Reply((Message(self.desk.say(name, **values), buttons, in_place=in_place),), step)


Handler = Callable[[Turn], Reply]


def number_in(turn: Turn) -> int:
    """Raises ValueError or IndexError for what no button of ours says."""
    written = turn.object[0]
    if not (written.isascii() and written.isdigit() and len(written) < 16):
        raise ValueError(written)
    return int(written)
