"""The policy answer: quote the clause that answers, say what it leaves open, or decline. Decided in code."""

from datetime import date

from services.knowledge.asking import continued, follows, split, understand
from services.knowledge.boundaries import crossed
from services.knowledge.deciding import document_itself, find, wanted_tokens
from services.knowledge.language import Reading, clean
from services.knowledge.library import Library
from services.knowledge.replies import Answer, Citation, Outcome, Reason
from services.knowledge.saying import cite, decline

__all__ = ["Answer", "Citation", "Outcome", "Reason", "answer", "answers"]

MOST_QUESTIONS = 3
_CONSIDERED = 8  # clauses looked at for the fact that was asked
_CLOSE = 0.6  # a clause with the fact is preferred to a better matching one without, down to this share of its score


def answers(message: str, library: Library, today: date, previous: str = "") -> tuple[Answer, ...]:
    """Every question of a message (the last few, when there are many), one by one."""
    lexicon = library.vocabulary.lexicon
    text = clean(message, lexicon)
    crossing = crossed(text, lexicon)
    if crossing:
        return (decline(Reason(crossing), library),)
    before = clean(previous, lexicon)
    found = []
    for question in split(text, MOST_QUESTIONS):
        found.append(_answer(question, library, today, before))
        before = question
    return tuple(found)


def answer(question: str, library: Library, today: date, previous: str = "") -> Answer:
    """The whole message as one question."""
    lexicon = library.vocabulary.lexicon
    text = clean(question, lexicon)
    crossing = crossed(text, lexicon)
    if crossing:
        return decline(Reason(crossing), library)
    return _answer(text, library, today, clean(previous, lexicon))


def _answer(text: str, library: Library, today: date, before: str) -> Answer:
    reading = understand(text, library.vocabulary)
    if before and follows(text, reading):
        fuller = continued(understand(before, library.vocabulary), reading)
        said = _decide(fuller, library, today)
        if said.outcome is not Outcome.REFUSE:
            return said
    return _decide(reading, library, today)


def _decide(reading: Reading, library: Library, today: date) -> Answer:
    itself = document_itself(reading, library)
    if itself:
        return cite(Outcome.ANSWER, itself, reading, library, today)
    found = find(reading, library)
    supported = [finding for finding in found[:_CONSIDERED] if finding.supported]
    full = next((finding for finding in supported if not finding.lacking), None)
    if full and full.score >= _CLOSE * supported[0].score:
        return cite(Outcome.ANSWER, full, reading, library, today)
    wanted = wanted_tokens(reading, library)
    if any(token.elsewhere for token in wanted):
        return decline(Reason.OTHER_PLACE, library, found, reading.english)
    if supported:
        return cite(Outcome.PARTIAL, supported[0], reading, library, today)
    return decline(Reason.NOTHING_FOUND if wanted else Reason.UNCLEAR, library, found, reading.english)
