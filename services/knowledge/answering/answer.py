"""The shapes of a policy answer: its outcome, what it cites, why it declines."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Outcome(StrEnum):
    ANSWER = "answer"
    PARTIAL = "partial"
    REFUSE = "refuse"


class Reason(StrEnum):
    NOTHING_FOUND = "nothing_found"
    OTHER_PLACE = "other_place"
    NOT_OURS = "not_ours"
    SECRET = "secret"
    INSULT = "insult"
    INJECTION = "injection"
    OURSELVES = "ourselves"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Citation:
    document_title: str
    number: str
    label: str
    text: str  # word for word, at most 400 characters
    in_force: bool
    effective_on: date | None
    expires_on: date | None
    validity: str  # the sentence that says until when it holds


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    said: str
    citations: tuple[Citation, ...] = ()
    reason: Reason | None = None
    topics: tuple[str, ...] = ()  # the nearest ones, as next steps
    units: tuple[str, ...] = ()  # whom to ask
