"""Which clause answers a question, and how fully: every word supported by one clause, and the fact asked for in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.knowledge.aspects import MONEY, STRICT, Aspect
from services.knowledge.language import Reading, Token
from services.knowledge.library import Clause, Library, Sentence, pairs, plain
from services.knowledge.passages import ClauseKind

_BESIDE_IN_CLAUSE, _IN_HEADING = 0.75, 0.55  # a word beside the answering sentence counts less
_OPTIONAL_SHARE = 0.3
_PAIR_WORTH = 0.12
_FACT_WORTH, _BESIDE_WORTH = 1.5, 1.2
_FACT_SENTENCE = 0.55  # the sentence with the fact must itself hold this share of what was asked
_ENOUGH = 0.8  # of the weight of what was asked
_DISTINCT = 1.2
_RECEIVER = re.compile(r"对(?P<who>[^,。;]{2,20}?)(?:帮助|每|新|引进|招收|设立|购买|的|给予|,)")
_SELF = re.compile(r"我|本人|自己|个人")


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause against one question."""

    number: int
    clause: Clause
    score: float
    share: float  # of what was asked, by weight, that the clause speaks of
    held: float  # that weight itself: words that stand everywhere support nothing
    sentences: tuple[Sentence, ...]  # the ones that answer, as printed
    missing: tuple[Token, ...]
    lacking: frozenset[Aspect]  # asked for, but not in the sentences
    withheld: bool  # a figure stands in the clause that belongs to somebody else

    @property
    def supported(self) -> bool:
        return (
            self.share >= _ENOUGH
            and self.held >= _DISTINCT
            and not any(not token.known or token.elsewhere for token in self.missing)
        )


def find(reading: Reading, library: Library) -> list[Finding]:
    """The clauses that speak of anything asked, best first."""
    wanted = wanted_tokens(reading)
    weights = [library.weight(token) for token in wanted]
    asked = pairs(re.sub(r"\s+", "", reading.text))
    extra = [token for token in reading.tokens if token.optional and token not in wanted]
    found = []
    for number in library.candidates(reading):
        finding = _judge(number, library.clause(number), reading, wanted, weights, extra, asked, library)
        if finding and finding.share > 0:
            found.append(finding)
    return sorted(found, key=lambda finding: (-finding.score, finding.number))


def document_itself(reading: Reading, library: Library) -> Finding | None:
    """Asked for the number or date of a document, its covering letter answers."""
    if not reading.aspects & {Aspect.DOCUMENT_NUMBER, Aspect.DOCUMENT_DATE}:
        return None
    for number, (source, passage) in enumerate(library.passages):
        if (
            passage.kind is ClauseKind.NOTICE
            and source.number
            and plain(source.number) in plain(passage.text)
        ):
            clause = library.clause(number)
            if all(_quality(token, clause.heading | clause.terms) for token in reading.required):
                named = [line for line in clause.sentences if plain(source.number) in line.plain]
                dated = [
                    line
                    for line in clause.sentences
                    if re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", line.plain)
                ]
                sentences = tuple(dated if Aspect.DOCUMENT_DATE in reading.aspects and dated else named)
                return Finding(number, clause, 1.0, 1.0, 1.0, sentences, (), frozenset(), False)
    return None


def wanted_tokens(reading: Reading) -> Sequence[Token]:
    """What must be met; when only general words were said, they are what was asked."""
    return reading.required or tuple(token for token in reading.tokens if token.terms)


def _quality(token: Token, terms: frozenset[str]) -> float:
    for term, quality in token.terms:
        if term in terms:
            return quality
    return 0.0


def _judge(
    number: int,
    clause: Clause,
    reading: Reading,
    wanted: Sequence[Token],
    weights: Sequence[float],
    extra: Sequence[Token],
    asked: frozenset[str],
    library: Library,
) -> Finding | None:
    usable = [sentence for sentence in clause.sentences if _ours_to_say(sentence, reading)]
    if not usable:
        return None
    strict = reading.aspects & STRICT
    best, best_score, best_held = usable[0], -1.0, 0.0
    inside = [
        max(
            max((_quality(token, sentence.terms) for sentence in usable), default=0.0) * _BESIDE_IN_CLAUSE,
            _quality(token, clause.heading) * _IN_HEADING,
        )
        for token in wanted
    ]
    for sentence in usable:
        held = [_quality(token, sentence.terms) for token in wanted]
        score = sum(
            weight * max(here, beside) for weight, here, beside in zip(weights, held, inside, strict=True)
        )
        score += _OPTIONAL_SHARE * sum(
            library.weight(token) * _quality(token, sentence.terms) for token in extra
        )
        score += _PAIR_WORTH * len(asked & sentence.pairs)
        for aspect in reading.aspects:
            if aspect in sentence.facts:
                score += _FACT_WORTH
            elif clause.holds(aspect):
                score += _BESIDE_WORTH
        if score > best_score:
            best, best_score = sentence, score
            best_held = sum(weight for weight, here in zip(weights, held, strict=True) if here)
    total = sum(weights) or 1.0
    share = sum(weight for weight, level in zip(weights, inside, strict=True) if level) / total
    missing = tuple(token for token, level in zip(wanted, inside, strict=True) if not level)
    lacking = frozenset(
        aspect
        for aspect in strict
        if not (aspect in best.facts and best_held / total >= _FACT_SENTENCE) and not clause.holds(aspect)
    )
    quoted = [best]
    for token in wanted:
        if not any(_quality(token, sentence.terms) for sentence in quoted):
            more = next((sentence for sentence in usable if _quality(token, sentence.terms)), None)
            if more:
                quoted.append(more)
    order = {id(sentence): at for at, sentence in enumerate(clause.sentences)}
    return Finding(
        number,
        clause,
        best_score,
        share,
        share * total,
        tuple(sorted(quoted, key=lambda sentence: order[id(sentence)])),
        missing,
        lacking,
        len(usable) < len(clause.sentences),
    )


def _ours_to_say(sentence: Sentence, reading: Reading) -> bool:
    """A sum that the text gives to one receiver is told only to those who ask about that receiver."""
    figure = MONEY.search(sentence.plain)
    receiver = _RECEIVER.search(sentence.plain, 0, figure.start()) if figure else None
    if not receiver:
        return True
    whose = receiver["who"]
    if any(
        term.lstrip("=") in whose or whose in term
        for token in reading.tokens
        for term, quality in token.terms[:3]
        if quality > 0.9
    ):
        return True
    names_the_sum = bool(MONEY.search(reading.text)) or "万" in reading.text
    return names_the_sum and not _SELF.search(reading.text) and "博士" not in reading.text
