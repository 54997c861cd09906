"""A crowd made by SQL in an empty database: as many recipients as wanted, and those whom a broadcast must leave out.

Everybody is on Telegram; every tenth has WeChat too, used a day before, and every fourth the web chat. Beside the
recipients, one in fifty asked for silence and one in fifty took their consent to the topic back.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, insert, literal, null, select, true
from sqlalchemy.orm import Session

from db.base import table
from db.conversation import Conversation
from db.people import Identity, Person, Silence, Subscription
from db.session import vault_in
from db.types import Moment

TOPIC = "news"


class Crowd:
    """The first `people` persons are the recipients."""

    def __init__(self, session: Session, people: int):
        self._session = session
        self._silent, self._unsubscribed = people + people // 50, people + 2 * (people // 50)
        numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < self._unsubscribed))
        self._n: Any = numbers.c.n
        self._people, self._now = people, datetime.now(UTC)

    def draw(self) -> None:
        self._into(Person, {"id": self._n, "created_at": self._moment()})
        self._identities("telegram", self._n > 0, timedelta())
        self._identities("wechat", self._n % 10 == 0, timedelta(days=1))
        self._identities("web", self._n % 4 == 0, timedelta())
        since = self._moment()
        quiet = (self._n > self._people) & (self._n <= self._silent)
        self._into(Silence, {"person_id": self._n, "channel": literal("telegram"), "since": since}, quiet)
        self._consents(self._n <= self._people, null())
        self._consents(self._n > self._people, since)

    def _identities(self, channel: str, who: ColumnElement[bool], ago: timedelta) -> None:
        """All of one address: it is opened for every delivery, and what it says makes no difference."""
        mark = literal(channel) + cast(self._n, String)
        sealed = literal(vault_in(self._session).seal("7000000000"))
        at = self._moment(ago)
        columns = {"person_id": self._n, "channel": literal(channel), "address_mark": mark}
        self._into(
            Identity, {**columns, "sealed_address": sealed, "language": literal(""), "created_at": at}, who
        )
        known = select(Identity.id, literal(""), at).where(Identity.channel == channel)
        columns_of_it = ["identity_id", "step", "changed_at"]
        self._session.execute(insert(table(Conversation)).from_select(columns_of_it, known))

    def _consents(self, who: ColumnElement[bool], withdrawn: Any) -> None:
        row = {"person_id": self._n, "topic": literal(TOPIC), "channel": literal("telegram")}
        self._into(Subscription, {**row, "given_at": self._moment(), "withdrawn_at": withdrawn}, who)

    def _into(self, kind: Any, row: dict[str, Any], who: ColumnElement[bool] = true()) -> None:  # noqa: B008
        rows = select(*row.values()).where(who)
        self._session.execute(insert(table(kind)).from_select(list(row), rows, include_defaults=False))

    def _moment(self, ago: timedelta = timedelta()) -> Any:
        return literal(self._now - ago, Moment)
