"""Which clause answers a question: every word supported by one clause, and the fact that was asked for in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.knowledge.aspects import MONEY, NAMEABLE, STRICT, Aspect
from services.knowledge.language import Reading, Token
from services.knowledge.library import Clause, Library, Sentence, pairs, plain
from services.knowledge.passages import ClauseKind

_BESIDE, _ABOVE = 0.75, 0.55  # a word beside the answering sentence, or in the headings, counts less
_HEADED = 0.85  # as support, a heading says nearly as much as a sentence
_HEADED = 0.85  # as support, a heading is worth nearly as much as a sentence
_OPTIONAL_SHARE = 0.3
_PAIR_WORTH = 0.12
_FACT_WORTH, _FACT_BESIDE_WORTH = 1.5, 0.8
_LIST_WORTH = 2.0  # the sentence lists the very kind of thing that was asked for
_LISTS = frozenset({Aspect.WHICH, Aspect.WHAT})
_FACT_SENTENCE = 0.45  # the sentence with the fact must itself hold this share of what was asked
_ENOUGH = 0.8  # of the weight of what was asked
_TELLING, _DISTINCT = (
    1.6,
    2.4,
)  # the least weight of the most telling word: to answer, to say what is left open
_KIND_WORTH = 0.05  # a row says what the item says and its milestone; the item names the lead
_RECEIVER = re.compile(r"对(?P<who>[^,。;]{2,20}?)(?:帮助|每|新|引进|招收|设立|购买|的|给予|,)")
_SELF = re.compile(r"我|本人|自己|个人")


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause against one question."""

    clause: Clause
    score: float
    share: float  # of what was asked, by weight, that the clause speaks of
    telling: float  # the weight of the most telling word it speaks of
    sentences: tuple[Sentence, ...]  # the ones that answer, as printed
    missing: tuple[Token, ...]
    lacking: frozenset[Aspect]  # asked for, but not in the sentences
    withheld: bool  # a figure stands in the clause that belongs to somebody else

    @property
    def supported(self) -> bool:
        return (
            self.share >= _ENOUGH
            and self.telling >= (_DISTINCT if self.lacking else _TELLING)
            and not any(token.elsewhere or (not token.known and not token.stray) for token in self.missing)
        )


def find(reading: Reading, library: Library) -> list[Finding]:
    """The clauses that speak of anything asked, best first."""
    search = _Search(reading, library)
    found = [search.judge(library.clause(number)) for number in library.candidates(reading.tokens)]
    return sorted((finding for finding in found if finding), key=lambda finding: -finding.score)


def wanted_tokens(reading: Reading, library: Library) -> Sequence[Token]:
    """What must be met; when only general words were said, those the documents use are what was asked."""
    return reading.required or tuple(
        token for token in reading.tokens if any(term in library.postings for term, _ in token.terms)
    )


class _Search:
    """A question, weighed once, against one clause after another."""

    def __init__(self, reading: Reading, library: Library):
        self.reading = reading
        self.wanted = wanted_tokens(reading, library)
        self.weights = [library.weight(token) for token in self.wanted]
        self.total = sum(self.weights) or 1.0
        self.extra = [
            (token, _OPTIONAL_SHARE * library.weight(token))
            for token in reading.tokens
            if token.optional and token not in self.wanted
        ]
        self.pairs = pairs(reading.text)
        self.strict = reading.aspects & STRICT
        self.offices = library.vocabulary.lexicon.bodies | library.units

    def judge(self, clause: Clause) -> Finding | None:
        usable = [sentence for sentence in clause.sentences if _ours_to_say(sentence, self.reading)]
        held = [[_quality(token, sentence.terms) for token in self.wanted] for sentence in usable]
        if not held:
            return None
        inside = [max(column) for column in zip(*held, strict=True)]
        above = [_quality(token, clause.heading) for token in self.wanted]
        beside = [max(text * _BESIDE, head * _ABOVE) for text, head in zip(inside, above, strict=True)]
        scores = [self._score(usable[at], held[at], beside, clause) for at in range(len(usable))]
        lacking = [self._lacking(usable[at], held[at], clause) for at in range(len(usable))]
        best = max(range(len(usable)), key=lambda at: (-len(lacking[at]), scores[at]))
        support = [max(text, head * _HEADED) for text, head in zip(inside, above, strict=True)]
        met = [weight * level for weight, level in zip(self.weights, support, strict=True)]
        telling = [
            value
            for token, value in zip(self.wanted, met, strict=True)
            if not (lacking[best] and self._office(token))
        ]
        explicit = (clause.passage.kind is ClauseKind.ROW) != (Aspect.WHO in self.strict)
        return Finding(
            clause,
            scores[best] + (_KIND_WORTH if explicit else 0.0),
            sum(met) / self.total,
            max(telling, default=0.0),
            self._quoted(usable, best),
            tuple(token for token, level in zip(self.wanted, support, strict=True) if not level),
            lacking[best],
            len(usable) < len(clause.sentences),
        )

    def _score(self, sentence: Sentence, held: list[float], beside: list[float], clause: Clause) -> float:
        score = sum(
            weight * max(own, near) for weight, own, near in zip(self.weights, held, beside, strict=True)
        )
        for token, weight in self.extra:
            score += weight * _quality(token, sentence.terms)
        score += _PAIR_WORTH * len(self.pairs & sentence.pairs)
        if self.reading.aspects & _LISTS and any(_quality(token, sentence.listed) for token in self.wanted):
            score += _LIST_WORTH
        for aspect in self.reading.aspects:
            if self._supplies(sentence, aspect):
                score += _FACT_WORTH
            elif clause.holds(aspect):
                score += _FACT_BESIDE_WORTH
        return score

    def _supplies(self, sentence: Sentence, aspect: Aspect) -> bool:
        if aspect is Aspect.COUNT and self.reading.counters:
            return bool(self.reading.counters & sentence.counters)
        if aspect in sentence.facts:
            return True
        return (
            aspect in NAMEABLE
            and Aspect.WHETHER in self.reading.aspects
            and any(said in sentence.plain for named, said in self.reading.named if named is aspect)
        )

    def _lacking(self, sentence: Sentence, held: list[float], clause: Clause) -> frozenset[Aspect]:
        share = sum(weight for weight, level in zip(self.weights, held, strict=True) if level) / self.total
        return frozenset(
            aspect
            for aspect in self.strict
            if not clause.holds(aspect) and not (share >= _FACT_SENTENCE and self._supplies(sentence, aspect))
        )

    def _office(self, token: Token) -> bool:
        """An office is whom one asks, not what one asks about."""
        return token.terms[0][0] in self.offices or token.terms[-1][0].lstrip("=") in self.offices

    def _quoted(self, usable: list[Sentence], at: int) -> tuple[Sentence, ...]:
        """The best sentence, and those that speak of what it leaves out, in printed order."""
        chosen = {at}
        for token in self.wanted:
            if not any(_quality(token, usable[number].terms) for number in chosen):
                chosen.update(
                    [number for number in range(len(usable)) if _quality(token, usable[number].terms)][:1]
                )
        return tuple(usable[number] for number in sorted(chosen))


def document_itself(reading: Reading, library: Library) -> Finding | None:
    """Asked for the number, date, issuer or span of a document, its covering letter answers."""
    asked = _about_document(reading)
    if not asked:
        return None
    for number, (source, passage) in enumerate(library.passages):
        if (
            passage.kind is ClauseKind.NOTICE
            and source.number
            and plain(source.number) in plain(passage.text)
        ):
            clause = library.clause(number)
            if all(
                _quality(token, clause.heading | clause.terms) or _of_document(token)
                for token in reading.required
            ):
                lines = [line for line in clause.sentences if _tells(line, asked, source.number)]
                if lines:
                    return Finding(clause, 1.0, 1.0, 1.0, tuple(lines[-1:]), (), frozenset(), False)
    return None


_DOCUMENT_ASPECTS = (Aspect.DOCUMENT_NUMBER, Aspect.DOCUMENT_DATE, Aspect.DOCUMENT_ISSUER)


def _about_document(reading: Reading) -> Aspect | None:
    for aspect in _DOCUMENT_ASPECTS:
        if aspect in reading.aspects:
            return aspect
    if not reading.required or not all(_of_document(token) for token in reading.required):
        return None
    issued = any(term in _ISSUED for token in reading.required for term, _ in token.terms)
    if issued and Aspect.WHO in reading.aspects:
        return Aspect.DOCUMENT_ISSUER
    if issued and Aspect.WHEN in reading.aspects:
        return Aspect.DOCUMENT_DATE
    if reading.aspects & {Aspect.VALIDITY, Aspect.WHEN, Aspect.HOW_LONG, Aspect.SPAN}:
        return Aspect.VALIDITY
    return None


_ISSUED = frozenset({"=印发", "=发放", "=制定"})


def _of_document(token: Token) -> bool:
    return any(term == "=行动计划" or term in _ISSUED for term, _ in token.terms)


def _tells(line: Sentence, asked: Aspect, number: str) -> bool:
    if asked is Aspect.DOCUMENT_NUMBER:
        return plain(number) in line.plain
    if asked is Aspect.DOCUMENT_DATE:
        return bool(re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", line.plain))
    if asked is Aspect.DOCUMENT_ISSUER:
        return bool(re.fullmatch(r"[^,:。《》]{4,30}(?:办公室|政府|局|委|部|委员会|会)", line.plain))
    return asked in line.facts


def _quality(token: Token, terms: frozenset[str]) -> float:
    for term, quality in token.terms:
        if term in terms:
            return quality
    return 0.0


def _ours_to_say(sentence: Sentence, reading: Reading) -> bool:
    """A sum that the text gives to one receiver is told only to those who ask about that receiver."""
    if Aspect.AMOUNT not in sentence.facts:
        return True
    figure = MONEY.search(sentence.plain)
    receiver = _RECEIVER.search(sentence.plain, 0, figure.start()) if figure else None
    if not receiver:
        return True
    whose = receiver["who"]
    if any(
        term.lstrip("=") in whose
        for token in reading.tokens
        for term, quality in token.terms[:3]
        if quality > 0.9
    ):
        return True
    names_the_sum = bool(MONEY.search(reading.text)) or "万" in reading.text
    return names_the_sum and not _SELF.search(reading.text) and "博士" not in reading.text
