"""Questions about a document itself (number, date, issuer, span): its covering letter answers."""

import re

from services.knowledge.answering.clauses import Sentence, plain
from services.knowledge.answering.library import Library
from services.knowledge.answering.weighing import Finding, quality
from services.language.facts_asked import Aspect
from services.language.question import Reading, Token

_NAMED = (Aspect.DOCUMENT_NUMBER, Aspect.DOCUMENT_DATE, Aspect.DOCUMENT_ISSUER)
_ISSUED = frozenset({"=印发", "=发放", "=制定"})
_SPAN = frozenset({Aspect.VALIDITY, Aspect.WHEN, Aspect.HOW_LONG, Aspect.SPAN})
_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
_ISSUER = re.compile(r"[^,:。《》]{4,30}(?:办公室|政府|局|委|部|委员会|会)")


def document_itself(reading: Reading, library: Library) -> Finding | None:
    asked = _asked(reading, library)
    if not asked:
        return None
    for number in library.letters:
        clause = library.clause(number)
        known = clause.heading | clause.terms
        if not all(quality(token, known) or _of_document(token) for token in reading.required):
            continue
        lines = [line for line in clause.sentences if _tells(line, asked, clause.source.number)]
        if lines:
            return Finding(clause, tuple(lines[-1:]))
    return None


def _asked(reading: Reading, library: Library) -> Aspect | None:
    for aspect in _NAMED:
        if aspect in reading.aspects:
            return aspect
    spoken_of = [token for token in reading.tokens if _of_document(token)]
    if not spoken_of or not all(_of_document(token) for token in reading.required):
        return None
    if not any(token.names_document for token in spoken_of) and any(
        _tells_more(token, library) for token in reading.tokens
    ):
        return None
    issued = any(term in _ISSUED for token in spoken_of for term, _ in token.terms)
    if issued and Aspect.WHO in reading.aspects:
        return Aspect.DOCUMENT_ISSUER
    if issued and Aspect.WHEN in reading.aspects:
        return Aspect.DOCUMENT_DATE
    return Aspect.VALIDITY if reading.aspects & _SPAN else None


def _tells_more(token: Token, library: Library) -> bool:
    """扶持政策由谁制定 is no question about the document."""
    return not _of_document(token) and library.knows(token)


def _of_document(token: Token) -> bool:
    return token.names_document or any(term in _ISSUED for term, _ in token.terms)


def _tells(line: Sentence, asked: Aspect, number: str) -> bool:
    if asked is Aspect.DOCUMENT_NUMBER:
        return bool(number) and plain(number) in line.plain
    if asked is Aspect.DOCUMENT_DATE:
        return bool(_DAY.fullmatch(line.plain))
    if asked is Aspect.DOCUMENT_ISSUER:
        return bool(_ISSUER.fullmatch(line.plain))
    return asked in line.facts
