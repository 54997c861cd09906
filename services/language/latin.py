"""What was typed in Latin letters: English by the bilingual list, toneless pinyin by the vocabulary's sounds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from services.language.facts_asked import Aspect
from services.language.lexicon import Entry
from services.language.vocabulary import Vocabulary

RUN = re.compile(r"[a-z][a-z'’.\- ]*[a-z]|[a-z]")
_LONGEST_PHRASE = 4
_SYLLABLE = 6
_NO_SYLLABLE = -4.0
_SURE_LETTERS = 4  # a pinyin word shorter than this could be anything


@dataclass(frozen=True, slots=True)
class Word:
    said: str
    entry: Entry | None  # None: not understood
    stray: bool = False  # a syllable left over between words that were understood


def read_run(run: str, vocabulary: Vocabulary) -> tuple[list[Word], bool]:
    """The words of one run of letters, and whether it is English."""
    english = _english(run, vocabulary)
    strangers = sum(word.entry is None for word in english)
    if not strangers:
        return english, True
    pinyin = _pinyin(re.findall(r"[a-z]+", run), vocabulary)
    particles = vocabulary.lexicon.particles
    letters = sum(len(word.said) for word in pinyin)
    lost = sum(len(word.said) for word in pinyin if word.entry is None)
    sure = sum(
        len(word.said)
        for word in pinyin
        if word.entry and len(word.said) >= _SURE_LETTERS and (word.entry.terms or word.entry.aspects)
    )
    if sure * 2 >= letters and (lost == 0 or (strangers * 2 > len(english) and lost * 4 <= letters)):
        return [
            Word(word.said, word.entry, len(word.said) <= _SYLLABLE) for word in _whole(pinyin, particles)
        ], False
    return [part for word in english for part in _second_look(word, vocabulary)], True


def _second_look(word: Word, vocabulary: Vocabulary) -> list[Word]:
    """A pinyin name inside an English sentence: how do I book youcaika."""
    if word.entry is not None or len(word.said) < 4:
        return [word]
    pinyin = _pinyin([word.said], vocabulary)
    return [word] if any(_vague(part, frozenset()) for part in pinyin) else pinyin


def _english(run: str, vocabulary: Vocabulary) -> list[Word]:
    tokens = [token.strip(".-'") for token in run.replace("’", "'").replace("'s ", " ").split()]
    known = vocabulary.lexicon.english
    words: list[Word] = []
    at = 0
    while at < len(tokens):
        for size in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
            phrase = " ".join(tokens[at : at + size])
            listed = (
                phrase if phrase in known else next((stem for stem in _stems(phrase) if stem in known), "")
            )
            if listed:
                words.append(Word(phrase, _translated(known[listed], vocabulary)))
                at += size
                break
        else:
            if tokens[at]:
                words.append(Word(tokens[at], None))
            at += 1
    return words


def _stems(phrase: str) -> Iterator[str]:
    """Plain forms of the last word: subsidies, distributed, evaluating."""
    for ending, plain in (
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
    ):
        if phrase.endswith(ending) and len(phrase) > len(ending) + 2:
            yield phrase[: -len(ending)] + plain


def _translated(said: tuple[str, ...], vocabulary: Vocabulary) -> Entry:
    terms: dict[str, float] = {}
    aspects: set[Aspect] = set()
    optional = True
    for wording in said:
        entry = vocabulary.entries.get(wording, Entry(((wording, 1.0),)))
        aspects |= entry.aspects
        optional = optional and entry.optional
        for term, quality in entry.terms:
            terms[term] = max(quality, terms.get(term, 0.0))
    return Entry(tuple(sorted(terms.items(), key=lambda pair: -pair[1])), frozenset(aspects), optional)


def _whole(pieces: list[Word], particles: frozenset[str]) -> list[Word]:
    """Lone syllables side by side are more likely one word that nobody knows than several that mean nothing."""
    whole: list[Word] = []
    for piece in pieces:
        if (_vague(piece, particles) and whole and whole[-1].entry is None) or (
            _vague(piece, particles) and whole and _vague(whole[-1], particles)
        ):
            whole[-1] = Word(whole[-1].said + piece.said, None)
        else:
            whole.append(piece)
    return whole


def _vague(piece: Word, particles: frozenset[str]) -> bool:
    if piece.entry is None:
        return True
    return len(piece.said) <= _SYLLABLE and piece.entry.vague and piece.said not in particles


def _pinyin(chunks: list[str], vocabulary: Vocabulary) -> list[Word]:
    """The reading with the longest words; syllables that no word covers stay behind as strangers.
    Typed with spaces, a word may be part of a chunk or several chunks whole."""
    letters = "".join(chunks)
    edges = set(accumulate(map(len, chunks), initial=0))
    size = len(letters)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(-1e9, 0)] * size
    for start in range(size):
        worth = best[start][0]
        for end in range(start + 1, min(size, start + vocabulary.longest_letters) + 1):
            piece = letters[start:end]
            across = any(start < edge < end for edge in edges)
            if across and start not in edges:
                break
            if across and end not in edges:
                continue
            if piece in vocabulary.by_letters:
                gain = float(len(piece) ** 2)
            elif piece in vocabulary.syllables:
                gain = 0.0
            elif len(piece) == 1:
                gain = _NO_SYLLABLE
            else:
                continue
            if worth + gain > best[end][0]:
                best[end] = (worth + gain, start)
    pieces: list[Word] = []
    end = size
    while end:
        start = best[end][1]
        pieces.append(Word(letters[start:end], vocabulary.by_letters.get(letters[start:end])))
        end = start
    return pieces[::-1]
