"""A question in anybody's words -> the terms it must find, and the kind of fact it asks for."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import rjieba
from opencc import OpenCC

from services.language.facts_asked import Aspect, counters_asked, settle
from services.language.figures import digits, figures_in
from services.language.latin import RUN, read_run
from services.language.lexicon import EXACT, NEAR, Entry, Lexicon
from services.language.typing_slips import mend
from services.language.vocabulary import Vocabulary, made_of

LONGEST_QUESTION = 500  # characters read of one message; the rest is left unread

STRAY, SOFT, TOLD = 1.2, 1.2, 0.4  # what an unknown character, verb, or word of the background weighs
_UNSAID = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "So", "Sk"}
# beside 1 for a known word: a word of jieba's dictionary, and one it only guesses
_STRANGE_WORTH, _GUESSED_WORTH = 0.6, 0.1
_OFFICE_LAST = re.compile(r"(?:部门|单位|机关|主体)$")  # 补助审核部门: a keyword that asks who
_ASKING = re.compile(r"[几哪谁啥]|多少|什么|怎么")
_END_OF = re.compile(r"(?:by )?(?:the )?end of (?:the year )?(\d{4})")
_STRAY = -2.0  # a character no word covers
_MONEY = frozenset(
    f"={name}"
    for name in (
        *("补贴", "奖励", "资助", "经费", "资金", "工作补贴", "建站补贴", "配套资助", "科研启动经费"),
        *("安家费", "购房补贴", "住房补贴", "生活补贴", "工资"),
    )
)
# Parts of speech (jieba's) that carry no matter of their own when the lexicon does not know the word.
_LIGHT = frozenset({*"rupcmqyeo", "uj", "ul", "uv", "ud", "ug", "uz", "mq", "rr", "rz"})
_COUNT = re.compile(  # a count says no matter; 二胎 does
    r"[〇零一二三四五六七八九十百千万亿两半几数多许好]+"
    r"[个名位次年月天日久张场期项种类点些少把份回批遍趟下块片段对双句层间所家户条件元分样边]*"
)
_SOFT = frozenset({*"vadzil"})
_LIGHT_ALONE = frozenset({*"dfkhx"})  # trusted of single characters only: 首都 is no adverb


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Token:
    """One thing that was said. `known` is false for a word neither the lexicon nor the documents have."""

    said: str
    terms: tuple[tuple[str, float], ...]
    optional: bool = False
    known: bool = True
    elsewhere: bool = False
    bare: bool = False  # says what is done, not to what
    doubt: float = 0.0  # unknown, but no veto: it only weighs against the rest as much as this
    told: bool = False  # background, before the point
    soft: bool = False  # an unknown verb or adjective: beside known words, perhaps another way to say them

    @property
    def names_document(self) -> bool:
        return any(term == "=行动计划" for term, _ in self.terms)


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    tokens: tuple[Token, ...]
    aspects: frozenset[Aspect]
    counters: frozenset[str] = frozenset()
    named: tuple[tuple[Aspect, str], ...] = ()  # the words that asked for each aspect
    english: bool = False

    @property
    def required(self) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if not token.optional)


@lru_cache(maxsize=1)
def _simplifier() -> _Converter:
    converter: _Converter = OpenCC("t2s")
    return converter


def clean(text: str, lexicon: Lexicon) -> str:
    """One width, one script, lower case; control characters and pictures gone; bounded."""
    kept = "".join(
        " " if char in "\n\r\t" else char
        for char in text[:LONGEST_QUESTION]
        if char in "\n\r\t" or unicodedata.category(char) not in _UNSAID
    )
    plain = _simplifier().convert(unicodedata.normalize("NFKC", kept)).lower().strip()
    plain = _END_OF.sub(r"\1年底", plain)
    for said, meant in lexicon.dialect:
        if said in plain:
            plain = plain.replace(said, meant)
    return plain


class _Reader:
    """Collects tokens and aspects while a text is read from left to right."""

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.tokens: list[Token] = []
        self.named: list[tuple[Aspect, str]] = []

    def add(self, said: str, entry: Entry | None, stray: bool = False, soft: bool = False) -> None:
        if entry is None:
            doubt = STRAY if stray or len(said) == 1 else 0.0
            self.tokens.append(Token(said, ((said, EXACT),), known=False, doubt=doubt, soft=soft))
            return
        self.named.extend((aspect, said) for aspect in entry.aspects)
        if entry.terms:
            self.tokens.append(
                Token(said, entry.terms, entry.optional, elsewhere=entry.elsewhere, bare=entry.bare)
            )

    def chinese(self, text: str) -> str:
        """Returns the text as it was understood, slips mended."""
        understood = []
        for part in re.split(r"[^\w%]+", text):
            if part:
                part = mend(digits(part), self.vocabulary)
                understood.append(part)
                at = 0
                for start, end, terms in figures_in(part):
                    self.words(part[at:start])
                    exact, *near = terms
                    self.tokens.append(
                        Token(part[start:end], ((exact, EXACT), *((term, NEAR) for term in near)))
                    )
                    at = end
                self.words(part[at:])
        return " ".join(understood)

    def words(self, text: str) -> None:
        speech: dict[int, tuple[str, str]] = {}
        start = 0
        for word, tag in rjieba.tag(text) if text else ():
            speech[start] = (word, tag)
            start += len(word)
        for start, word, known in _cut(text, self.vocabulary, speech):
            if known:
                self.add(word, self.vocabulary.entries[word])
            elif not _light(word, speech.get(start)):
                self.add(word, None, soft=speech.get(start, ("", ""))[1] in _SOFT)


def read(text: str, vocabulary: Vocabulary) -> Reading:
    """`text` has been cleaned."""
    reader = _Reader(vocabulary)
    english = False
    understood: list[str] = []
    at = 0
    for run in RUN.finditer(text):
        understood.append(reader.chinese(text[at : run.start()]))
        words, is_english = read_run(run.group(), vocabulary)
        english = english or (is_english and len(words) > 2)
        for word in words:
            reader.add(word.said, word.entry, word.stray)
        at = run.end()
    understood.append(reader.chinese(text[at:]))
    last = _OFFICE_LAST.search(text)
    if last and not reader.named:
        reader.named.append((Aspect.WHO, last.group()))
    about_money = any(
        term in _MONEY and quality > NEAR for token in reader.tokens for term, quality in token.terms
    )
    plain = " ".join(part for part in understood if part)
    return Reading(
        plain,
        tuple(reader.tokens),
        settle((aspect for aspect, _ in reader.named), about_money),
        counters_asked(plain),
        tuple(reader.named),
        english,
    )


def _light(word: str, cut: tuple[str, str] | None) -> bool:
    if cut is None or cut[0] != word:
        return False
    if cut[1] == "m" and len(word) > 1:
        return bool(_COUNT.fullmatch(word))
    return cut[1] in _LIGHT or (len(word) == 1 and cut[1] in _LIGHT_ALONE)


def _cut(
    text: str, vocabulary: Vocabulary, speech: dict[int, tuple[str, str]]
) -> list[tuple[int, str, bool]]:
    """Cut where the longest known words fall; jieba's words fill what is left."""
    size = len(text)
    best: list[tuple[float, int, bool]] = [(0.0, 0, True)] + [(-1e9, 0, False)] * size
    for start in range(size):
        worth = best[start][0]
        if worth + _STRAY > best[start + 1][0]:
            best[start + 1] = (worth + _STRAY, start, False)
        if start in speech:
            word = speech[start][0]
            trusted = (
                rjieba.has_word(word)
                and not _ASKING.search(word)
                and not made_of(word, vocabulary.lengths, vocabulary.entries)
            )
            gain = len(word) ** 2 * (_STRANGE_WORTH if trusted else _GUESSED_WORTH)
            if worth + gain > best[start + len(word)][0]:
                best[start + len(word)] = (worth + gain, start, False)
        for length in vocabulary.lengths.get(text[start], ()):
            end = start + length
            word = text[start:end]
            if end <= size and worth + length**2 > best[end][0] and word in vocabulary.entries:
                best[end] = (worth + length**2, start, True)
    pieces: list[tuple[int, str, bool]] = []
    end = size
    while end:
        _, start, known = best[end]
        word = text[start:end]
        if pieces and len(word) == 1 and not known and not pieces[-1][2]:
            pieces[-1] = (
                start,
                word + pieces[-1][1],
                False,
            )  # characters nobody knows, side by side: a strange word
        else:
            pieces.append((start, word, known))
        end = start
    return pieces[::-1]
