"""Every wording a library understands: staff's lexicon and the documents' own words, by spelling, sound and shape."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import rjieba
from pypinyin import lazy_pinyin

from services.language.lexicon import EXACT, Entry, Lexicon, group_term

_NAMING = re.compile(
    r"(?![一二三四五六七八九十两百千第每]+.$)[^\W\d_a-zA-Z]{2,}"
)  # words, not counts (三个, 每年)
_VOWEL = re.compile(r"[aeiouv]")
_LISTED_CHAR = re.compile(r"(?<=[、,])[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    lexicon: Lexicon
    entries: dict[str, Entry] = field(repr=False)
    lengths: dict[str, tuple[int, ...]] = field(
        repr=False
    )  # first character -> lengths of its wordings, longest first
    by_sound: dict[tuple[str, ...], tuple[str, ...]] = field(repr=False)  # slurred syllables -> wordings
    by_shape: dict[str, str] = field(repr=False)  # look-alikes folded -> wording
    slip_lengths: dict[str, tuple[int, ...]] = field(
        repr=False
    )  # first syllable or folded character -> lengths
    by_letters: dict[str, Entry] = field(repr=False)  # pinyin as typed, without spaces
    longest_letters: int
    syllables: frozenset[str] = field(repr=False)
    bodies: re.Pattern[str] = field(repr=False)

    @classmethod
    def build(cls, texts: Iterable[str], lexicon: Lexicon, units: Iterable[str] = ()) -> "Vocabulary":
        words = {word for text in texts for word in rjieba.cut(text) if _NAMING.fullmatch(word)}
        words.update(units)
        entries = dict(lexicon.entries)
        known = _longest_first(_lengths(entries))
        for word in words:
            if word not in entries and not word.isascii() and not _said_by_parts(word, known, lexicon):
                entries[word] = Entry(((word, EXACT),))
        lengths = _lengths(entries)
        slips: dict[str, set[int]] = {}
        by_sound: dict[tuple[str, ...], list[str]] = {}
        by_shape: dict[str, str] = {}
        letters: dict[str, list[str]] = {}
        syllables: set[str] = set()
        for word in sorted(entries):
            if word.isascii() or entries[word].elsewhere:
                continue
            read = lazy_pinyin(word)
            syllables.update(syllable for syllable in read if _VOWEL.search(syllable))
            letters.setdefault("".join(read), []).append(word)
            if len(word) > 1:
                heard, seen = tuple(slur(char, lexicon) for char in word), fold(word, lexicon)
                by_sound.setdefault(heard, []).append(word)
                by_shape.setdefault(seen, word)
                slips.setdefault(heard[0], set()).add(len(word))
                slips.setdefault(seen[0], set()).add(len(word))
        return cls(
            lexicon,
            entries,
            _longest_first(lengths),
            {heard: tuple(found) for heard, found in by_sound.items()},
            by_shape,
            _longest_first(slips),
            {typed: _merged(entries, found) for typed, found in letters.items()},
            max(map(len, letters), default=0),
            frozenset(syllables),
            re.compile("|".join(map(re.escape, sorted({*units, *lexicon.bodies}, key=len, reverse=True)))),
        )

    def wordings_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Every known wording at every place of a text, overlapping ones too."""
        for start, char in enumerate(text):
            for length in self.lengths.get(char, ()):
                word = text[start : start + length]
                if word in self.entries and len(word) == length:
                    yield start, word

    def terms_of(self, text: str) -> frozenset[str]:
        """What a piece of document text can be found by. Names of offices count whole; a single character
        is how questions shorten a word; documents write one only in a list: 国家、省、市."""
        groups = self.lexicon.groups
        bodies = self.bodies.findall(text)
        found = {*bodies, *(group_term(name) for body in bodies for name in groups.get(body, ()))}
        for _, word in self.wordings_in(self.bodies.sub("\n", text)):
            if len(word) > 1:
                found.add(word)
                found.update(group_term(name) for name in groups.get(word, ()))
        for char in _LISTED_CHAR.findall(text):
            found.update(group_term(name) for name in groups.get(char, ()))
        return frozenset(found)


@lru_cache(maxsize=16_384)
def sound(char: str) -> str:
    """The toneless reading of one character; anything else stands for itself."""
    return str(lazy_pinyin(char)[0])


def slur(char: str, lexicon: Lexicon) -> str:
    """The sound with the differences folded that typists do not hear."""
    return _slurred(sound(char), lexicon.accents)


def fold(word: str, lexicon: Lexicon) -> str:
    return "".join(lexicon.lookalikes.get(char, char) for char in word)


@lru_cache(maxsize=4_096)
def _slurred(heard: str, accents: tuple[tuple[str, str], ...]) -> str:
    for accent, meant in accents:
        if accent.endswith("-"):
            if heard.startswith(accent[:-1]):
                heard = meant[:-1] + heard[len(accent) - 1 :]
        elif heard.startswith(accent) or heard.endswith(accent):
            heard = heard.replace(accent, meant)
    return heard


def _lengths(entries: Iterable[str]) -> dict[str, set[int]]:
    lengths: dict[str, set[int]] = {}
    for word in entries:
        lengths.setdefault(word[0], set()).add(len(word))
    return lengths


def made_of(word: str, lengths: dict[str, tuple[int, ...]], entries: Container[str]) -> bool:
    """交流活动 is 交流 and 活动: a word made of shorter known ones, none of them a single character."""
    reached = {0}
    for start in range(len(word) - 1):
        if start in reached:
            ends = (start + length for length in lengths.get(word[start], ()) if 1 < length < len(word))
            reached.update(end for end in ends if word[start:end] in entries)
    return len(word) in reached


def _said_by_parts(word: str, lengths: dict[str, tuple[int, ...]], lexicon: Lexicon) -> bool:
    """人才引进 is found by 引进; but 项目建设 is made of words that say nothing of their own."""
    parts = (
        word[at : at + length]
        for at in range(len(word))
        for length in lengths.get(word[at], ())
        if length > 1
    )
    found = (lexicon.entries[part] for part in parts if part in lexicon.entries)
    return made_of(word, lengths, lexicon.entries) and any(not one.optional and not one.bare for one in found)


def _longest_first(found: dict[str, set[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(sorted(lengths, reverse=True)) for key, lengths in found.items()}


def _merged(entries: dict[str, Entry], words: list[str]) -> Entry:
    """Words that sound alike, typed in letters, may each be meant; a lone syllable is too vague to insist on."""
    terms: dict[str, float] = {}
    for word in words:
        for term, quality in entries[word].terms:
            terms[term] = max(quality, terms.get(term, 0.0))
    return Entry(
        tuple(sorted(terms.items(), key=lambda pair: -pair[1])),
        frozenset().union(*(entries[word].aspects for word in words)),
        all(entries[word].optional or len(word) == 1 for word in words),
        vague=all(len(word) == 1 for word in words),
    )
