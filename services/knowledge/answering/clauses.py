"""A passage as it is weighed: sentence by sentence, with the terms it is found by and the kinds of fact it holds."""

import re
import unicodedata
from dataclasses import dataclass

from services.knowledge.reading.passages import ClauseKind, Passage, Source
from services.language.facts_asked import LASTING, MONEY, Aspect, counters_in, facts_in, kinds_listed
from services.language.figures import digits, figures_in
from services.language.vocabulary import Vocabulary

_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]+|[^。！？\n]+$")
_PART = re.compile(r"[^；;]*[；;]+|[^；;]+$")
_LONGEST_SENTENCE = 240  # a longer one is weighed part by part, though its parts may share one subject
_IN_CHARGE = re.compile(r"^[(（]?(?:牵头|责任)(?:单位|部门)")
_PLACE = re.compile(r"^\s*(?:\d+\s*[.．、]|[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]+、)\s*")
_NUMBERING = re.compile(r"^\d+[.、]", re.MULTILINE)
_FIGURES = re.compile(r"\d+")
_RECEIVER = re.compile(r"对(?P<who>[^,。;]{2,20}?)(?:帮助|每|新|引进|招收|设立|购买|的|给予|,)")


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str  # as printed
    plain: str  # one width, no white space
    terms: frozenset[str]
    pairs: frozenset[str] = frozenset()  # neighbouring characters
    facts: frozenset[Aspect] = frozenset()
    counters: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()  # terms of the kinds of thing it gives a list of
    frame: str = ""  # what it says, whatever the figures
    lasting: frozenset[str] = frozenset()  # terms of the parts that say how long something lasts
    receiver: str = ""  # who is given the sum it names


@dataclass(frozen=True, slots=True)
class Clause:
    source: Source
    passage: Passage
    sentences: tuple[Sentence, ...]
    terms: frozenset[str]  # of the sentences
    titled: frozenset[str]  # of its own heading
    title_pairs: frozenset[str]
    heading: frozenset[str]  # of the whole path above, the document's title and the units
    whole: str  # as printed, a table row cell by cell
    stands: str  # everything a reply that cites it may say: the clause, its place, its source, in one width

    def holds(self, aspect: Aspect) -> bool:
        """A fact that stands beside the sentences: the deadline and the units of a row."""
        if aspect is Aspect.WHO:
            return bool(self.passage.units)
        return aspect is Aspect.WHEN and bool(self.passage.deadline)


def study(source: Source, passage: Passage, vocabulary: Vocabulary) -> Clause:
    title = unnumbered(passage.headings[-1]) if passage.headings else ""  # said again where an item begins
    sentences = tuple(
        _sentence(text, vocabulary)
        for sentence in _statements(passage)
        for text in (_PART.findall(sentence) if len(sentence) > _LONGEST_SENTENCE else (sentence,))
        if text.strip() and unnumbered(text).rstrip("。") != title
    )
    cells = (passage.text, passage.milestone, passage.deadline, " ".join(passage.units))
    return Clause(
        source,
        passage,
        sentences,
        frozenset().union(*(sentence.terms for sentence in sentences)),
        vocabulary.terms_of(plain(title)),
        pairs(plain(title)),
        vocabulary.terms_of(plain("\n".join((*passage.headings, source.title, *passage.units)))),
        "\n".join(cell for cell in cells if cell) if passage.kind is ClauseKind.ROW else passage.text,
        plain("\n".join((*cells, *passage.headings, passage.label, *passage.units, *_named(source)))),
    )


def _statements(passage: Passage) -> list[str]:
    """Sentences; a row of an ordinary table is one, so that its figure stays with what it is for."""
    told = (passage.text, passage.milestone)
    beside = passage.milestone or passage.deadline or passage.units
    if passage.kind is ClauseKind.ROW and not beside and len(passage.text) <= _LONGEST_SENTENCE:
        return [passage.text]
    return [sentence for cell in told for sentence in _SENTENCE.findall(cell)]


def _named(source: Source) -> tuple[str, ...]:
    days = tuple(day for day in (source.effective_on, source.expires_on) if day)
    years = tuple(f"{day.year} {day.year}年{day.month}月{day.day}日" for day in days)
    return (source.title, source.number, *years, "—".join(str(day.year) for day in days))


def unnumbered(heading: str) -> str:
    return _PLACE.sub("", heading).strip()


def plain(text: str) -> str:
    return re.sub(r"[^\S\n]+", "", unicodedata.normalize("NFKC", text)).lower()


def figure_terms(text: str) -> frozenset[str]:
    return frozenset(terms[0] for _, _, terms in figures_in(digits(_NUMBERING.sub("", text))))


def pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def _sentence(text: str, vocabulary: Vocabulary) -> Sentence:
    narrow = plain(text).replace("\n", "")
    if _IN_CHARGE.match(narrow):
        terms = vocabulary.terms_of("\n".join(vocabulary.bodies.findall(narrow)))
        return Sentence(text.strip(), narrow, terms, facts=frozenset({Aspect.WHO}))
    money = MONEY.search(narrow)
    receiver = _RECEIVER.search(narrow, 0, money.start()) if money else None
    return Sentence(
        text.strip(),
        narrow,
        vocabulary.terms_of(narrow) | figure_terms(narrow),
        pairs(narrow),
        facts_in(narrow),
        counters_in(narrow),
        vocabulary.terms_of(kinds_listed(narrow)),
        _FIGURES.sub("", narrow),
        vocabulary.terms_of("\n".join(part for part in narrow.split(",") if LASTING.search(part))),
        receiver["who"] if receiver else "",
    )
