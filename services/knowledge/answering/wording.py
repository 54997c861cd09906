"""Turns a decision into the words people read and the clauses shown with them."""

import re
from collections.abc import Sequence
from datetime import date

import structlog

from services.knowledge.answering.answer import Answer, Citation, Outcome, Reason
from services.knowledge.answering.clauses import Clause, Sentence, unnumbered
from services.knowledge.answering.last_check import unsupported
from services.knowledge.answering.library import Library
from services.knowledge.answering.weighing import Finding
from services.knowledge.reading.passages import ClauseKind, Source
from services.language.facts_asked import Aspect
from services.language.question import Reading
from services.texts import Texts

LONGEST_CITATION = 400
MOST_TOPICS = 4
_TIMES = frozenset({Aspect.WHEN, Aspect.HOW_OFTEN, Aspect.HOW_LONG, Aspect.SPAN, Aspect.VALIDITY})
_TIME = re.compile(r"[年月季]")

_texts = Texts()
log = structlog.get_logger(__name__)


def cite(outcome: Outcome, finding: Finding, reading: Reading, library: Library, today: date) -> Answer:
    clause = finding.clause
    quotes = _quotes(finding)
    names_whom = clause.passage.kind is not ClauseKind.ROW and Aspect.WHO in finding.sentences[0].facts
    asks_whom = outcome is Outcome.PARTIAL or (Aspect.WHO in reading.aspects and not names_whom)
    deadline = clause.passage.deadline if outcome is Outcome.ANSWER and _about_time(reading) else ""
    units = clause.passage.units if asks_whom else ()
    said = _texts.say(
        f"policy/{outcome}",
        english=reading.english,
        quotes=quotes,
        deadline=deadline,
        units=units,
        lacking=min(finding.lacking, default=""),
        **_source(clause, today),
    )
    wrong = unsupported(said, (clause,), (*quotes, deadline, *units), library.offices)
    if wrong:
        log.error(
            "policy answer withheld: a claim stands in no cited clause",
            claims=wrong,
            label=clause.passage.label,
        )
        return decline(Reason.NOTHING_FOUND, library, (clause,), reading.english)
    source = clause.source
    citation = Citation(
        source.title,
        source.number,
        clause.passage.label,
        _shown(finding, quotes),
        source.in_force(today),
        source.effective_on,
        source.expires_on,
        _validity(source, today),
    )
    return Answer(outcome, said, (citation,), None, (), clause.passage.units)


def decline(reason: Reason, library: Library, near: Sequence[Clause] = (), english: bool = False) -> Answer:
    said = _texts.say(f"policy/refuse_{reason}", english=english)
    return Answer(Outcome.REFUSE, said, (), reason, topics(library, near))


def topics(library: Library, near: Sequence[Clause]) -> tuple[str, ...]:
    """What the documents do speak of: headings nearest to the question, else the first ones."""
    named: dict[str, None] = {}
    for clause in near:
        if clause.passage.headings:
            named.setdefault(unnumbered(clause.passage.headings[-1]))
    for topic in library.topics:
        named.setdefault(topic)
    return tuple(named)[:MOST_TOPICS]


def _about_time(reading: Reading) -> bool:
    return bool(reading.aspects & _TIMES) or bool(_TIME.search(reading.text))


def _quotes(finding: Finding) -> list[str]:
    """The answering sentences in printed order, as many as a citation may hold, the best one surely."""
    kept: list[Sentence] = []
    for sentence in finding.sentences:
        if not kept or sum(len(one.text) for one in kept) + len(sentence.text) < LONGEST_CITATION:
            kept.append(sentence)
    lines = [line for line in finding.clause.sentences if line in kept]
    return [unnumbered(line.text)[:LONGEST_CITATION] for line in lines]


def _shown(finding: Finding, quotes: Sequence[str]) -> str:
    """The clause whole when it is short and all of it may be told, else the sentences quoted."""
    whole = finding.clause.whole
    if len(whole) <= LONGEST_CITATION and not finding.withheld:
        return whole
    shown = "\n".join(quotes)
    for more in (finding.clause.passage.deadline, " ".join(finding.clause.passage.units)):
        if finding.clause.passage.kind is ClauseKind.ROW and len(shown) + len(more) < LONGEST_CITATION:
            shown = f"{shown}\n{more}" if more else shown
    return shown


def _validity(source: Source, today: date) -> str:
    return _texts.say(
        "policy/validity",
        in_force=source.in_force(today),
        begins=bool(source.effective_on and today < source.effective_on),
        from_year=source.effective_on.year if source.effective_on else "",
        to_year=source.expires_on.year if source.expires_on else "",
    )


def _source(clause: Clause, today: date) -> dict[str, object]:
    source = clause.source
    return {
        "number": source.number,
        "title": source.title,
        "label": clause.passage.label,
        "expired": bool(source.expires_on and today > source.expires_on),
        "not_yet": bool(source.effective_on and today < source.effective_on),
        "from_year": source.effective_on.year if source.effective_on else "",
        "to_year": source.expires_on.year if source.expires_on else "",
    }
