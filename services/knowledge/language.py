"""A question in anybody's words -> the terms it must find, and the kind of fact it asks for."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import rjieba
from opencc import OpenCC

from services.knowledge.aspects import Aspect, settle
from services.knowledge.latin import RUN, read_run
from services.knowledge.lexicon import Entry
from services.knowledge.slips import mend
from services.knowledge.vocabulary import Vocabulary

LONGEST_QUESTION = 500  # characters read of one message; the rest is left unread

_UNSAID = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "So", "Sk"}
_YEAR = re.compile(r"[〇零一二三四五六七八九]{4}(?=年)")
_FIGURE = re.compile(
    r"\d+(?:\.\d+)?(?:万|千|百|亿)?(?:年(?:\d{1,2}月)?|月|日|号|人|名|个|张|场|家|期|元|次|岁|楼|室|天|周|%)?"
)
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_STRANGE_WORTH, _GUESSED_WORTH = (
    0.6,
    0.3,
)  # beside 1 for a known word: one from jieba's dictionary, one it guesses
_STRAY = -2.0  # a character no word covers
_MONEY = frozenset({"=补贴", "=奖励", "=资助", "=经费", "=资金", "=工作补贴", "=建站补贴", "=配套资助"})
# Parts of speech (jieba's) that carry no matter of their own when the lexicon does not know the word.
_LIGHT = frozenset({*"rupcdmqyeofxtkhg", "uj", "ul", "uv", "ud", "ug", "uz", "ad", "zg", "mq", "rr", "rz"})


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


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    tokens: tuple[Token, ...]
    aspects: frozenset[Aspect]
    english: bool = False

    @property
    def required(self) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if not token.optional)


@lru_cache(maxsize=1)
def _simplifier() -> _Converter:
    converter: _Converter = OpenCC("t2s")
    return converter


def clean(text: str) -> str:
    """One width, one script, lower case; control characters and pictures gone; bounded."""
    kept = "".join(
        " " if char in "\n\r\t" else char
        for char in text[:LONGEST_QUESTION]
        if char in "\n\r\t" or unicodedata.category(char) not in _UNSAID
    )
    return _simplifier().convert(unicodedata.normalize("NFKC", kept)).lower().strip()


def read(text: str, vocabulary: Vocabulary) -> Reading:
    """`text` has been cleaned."""
    tokens: list[Token] = []
    aspects: set[Aspect] = set()
    english = False
    said: list[str] = []
    at = 0
    for run in RUN.finditer(text):
        said.append(_read_chinese(text[at : run.start()], vocabulary, tokens, aspects))
        words, is_english = read_run(run.group(), vocabulary)
        english = english or (is_english and len(words) > 2)
        for word in words:
            _add(word.said, word.entry, tokens, aspects)
        said.append(" ")
        at = run.end()
    said.append(_read_chinese(text[at:], vocabulary, tokens, aspects))
    about_money = any(term in _MONEY for token in tokens for term, _ in token.terms)
    return Reading("".join(said).strip(), tuple(tokens), settle(aspects, about_money), english)


def joined(first: Reading, second: Reading) -> Reading:
    """Two readings as one question; the second one says what is asked."""
    return replace(
        second,
        text=first.text + second.text,
        tokens=first.tokens + second.tokens,
        aspects=second.aspects or first.aspects,
    )


def _add(said: str, entry: Entry | None, tokens: list[Token], aspects: set[Aspect]) -> None:
    if entry is None:
        tokens.append(Token(said, ((said, 1.0),), known=False))
        return
    aspects |= entry.aspects
    if entry.terms:
        tokens.append(Token(said, entry.terms, entry.optional, elsewhere=entry.elsewhere))


def _read_chinese(text: str, vocabulary: Vocabulary, tokens: list[Token], aspects: set[Aspect]) -> str:
    for part in re.split(r"[^\w%]+", text):
        if part:
            _read_part(part, vocabulary, tokens, aspects)
    return text


def _read_part(part: str, vocabulary: Vocabulary, tokens: list[Token], aspects: set[Aspect]) -> None:
    part = _YEAR.sub(lambda year: year.group().translate(_DIGITS), part)
    part = mend(part, vocabulary)
    at = 0
    for figure in _FIGURE.finditer(part):
        _read_words(part[at : figure.start()], vocabulary, tokens, aspects)
        tokens.append(Token(figure.group(), ((figure.group(), 1.0),)))
        at = figure.end()
    _read_words(part[at:], vocabulary, tokens, aspects)


def _read_words(text: str, vocabulary: Vocabulary, tokens: list[Token], aspects: set[Aspect]) -> None:
    if not text:
        return
    speech = {}
    start = 0
    for word, tag in rjieba.tag(text):
        speech[start, word] = tag
        start += len(word)
    for start, word, known in _cut(text, vocabulary, speech):
        if known:
            _add(word, vocabulary.entries[word], tokens, aspects)
        elif speech.get((start, word), "n") not in _LIGHT:
            _add(word, None, tokens, aspects)


def _cut(
    text: str, vocabulary: Vocabulary, speech: dict[tuple[int, str], str]
) -> list[tuple[int, str, bool]]:
    """Cut where the longest known words fall; jieba's words fill what is left."""
    size = len(text)
    best: list[tuple[float, int, bool]] = [(0.0, 0, True)] + [(-1e9, 0, False)] * size
    strange = {
        start: (len(word), len(word) ** 2 * (_STRANGE_WORTH if rjieba.has_word(word) else _GUESSED_WORTH))
        for start, word in speech
    }
    for start in range(size):
        worth = best[start][0]
        if worth + _STRAY > best[start + 1][0]:
            best[start + 1] = (worth + _STRAY, start, False)
        length, gain = strange.get(start, (0, 0.0))
        if length and worth + gain > best[start + length][0]:
            best[start + length] = (worth + gain, start, False)
        for length in vocabulary.lengths.get(text[start], ()):
            end = start + length
            word = text[start:end]
            if end <= size and worth + length**2 > best[end][0] and word in vocabulary.entries:
                best[end] = (worth + length**2, start, True)
    pieces = []
    end = size
    while end:
        _, start, known = best[end]
        pieces.append((start, text[start:end], known))
        end = start
    return pieces[::-1]
