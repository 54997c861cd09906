"""The policy answer: quote the clause that answers, say what it leaves open, or decline. Decided in code."""

import re
from datetime import date

from services.knowledge.answering.about_documents import document_itself
from services.knowledge.answering.answer import Answer, Citation, Outcome, Reason
from services.knowledge.answering.deciding import Search, find, under_heading
from services.knowledge.answering.library import Library
from services.knowledge.answering.splitting import continued, follows, split, understand
from services.knowledge.answering.wording import cite, decline
from services.language.boundaries import crossed
from services.language.facts_asked import Aspect
from services.language.question import Reading, clean

__all__ = ["Answer", "Citation", "Outcome", "Reason", "answer", "answers"]

MOST_QUESTIONS = 3
_ASKS_ALL = frozenset({Aspect.WHAT, Aspect.WHICH})
_LINK = re.compile(r"(?:都|又|具体|主要)?(?:是|有|包括|包含|指)?的?$")
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
    heading = library.headed.get(_bare(text, reading))
    if heading is not None:
        return cite(Outcome.ANSWER, under_heading(library.clause(heading), reading), reading, library, today)
    if before and follows(text, reading):
        fuller = continued(understand(before, library.vocabulary), reading)
        said = _decide(fuller, library, today)
        if said.outcome is not Outcome.REFUSE or not reading.required:
            return said
    return _decide(reading, library, today)


def _bare(text: str, reading: Reading) -> str:
    """指导思想 of 指导思想是什么?"""
    text = text.rstrip("?!。. ")
    for aspect, asking in reading.named:
        if aspect in _ASKS_ALL and not asking.startswith("叫"):
            text = text.removesuffix(asking)
    return _LINK.sub("", text)


def _decide(reading: Reading, library: Library, today: date) -> Answer:
    itself = document_itself(reading, library)
    if itself:
        return cite(Outcome.ANSWER, itself, reading, library, today)
    search = find(reading, library)
    if search.supported:
        first = search.supported[0]
        full = next((finding for finding in search.supported if not finding.lacking), None)
        if full and full.score >= _CLOSE * first.score:
            return cite(Outcome.ANSWER, full, reading, library, today)
        return cite(Outcome.PARTIAL, first, reading, library, today)
    return decline(_reason(search), library, search.near, reading.english)


def _reason(search: Search) -> Reason:
    if any(token.elsewhere for token in search.wanted):
        return Reason.OTHER_PLACE
    return Reason.NOTHING_FOUND if search.wanted else Reason.UNCLEAR
