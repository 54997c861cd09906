"""Typing slips: a stretch of a question that sounds or looks like a known word is read as that word."""

from functools import lru_cache

import rjieba

from services.language.vocabulary import Vocabulary, fold, slur, sound

_RARE = (
    100  # so many times rarer than the word that was meant, a word of its own right is a slip all the same
)
_jieba = rjieba.Jieba()


def mend(text: str, vocabulary: Vocabulary) -> str:
    """Read a text from left to right, the longest word first; words that are already right stay."""
    syllables = [slur(char, vocabulary.lexicon) for char in text]
    folded = fold(text, vocabulary.lexicon)
    ends = _dictionary_words(text)
    # No slip begins in the middle of 会计师.
    inside = {at for start, end in ends.items() if end - start > 2 for at in range(start + 1, end)}
    mended: list[str] = []
    at = 0
    while at < len(text):
        said = text[at] if at in inside else _word_at(at, text, syllables, folded, vocabulary, ends)
        mended.append(said)
        at += len(said)
    return "".join(mended)


def _dictionary_words(text: str) -> dict[int, int]:
    """Where jieba's words of two characters and more begin, and where they end."""
    found: dict[int, int] = {}
    start = 0
    for word in rjieba.cut(text):
        if len(word) > 1 and rjieba.has_word(word):
            found[start] = start + len(word)
        start += len(word)
    return found


def _word_at(
    at: int, text: str, syllables: list[str], folded: str, vocabulary: Vocabulary, ends: dict[int, int]
) -> str:
    lengths = {
        *vocabulary.slip_lengths.get(syllables[at], ()),
        *vocabulary.slip_lengths.get(folded[at], ()),
    }
    for length in sorted(lengths, reverse=True):
        heard = text[at : at + length]
        if len(heard) < length:
            continue
        if heard in vocabulary.entries:
            return heard
        looks = vocabulary.by_shape.get(folded[at : at + length])
        sounds = vocabulary.by_sound.get(tuple(syllables[at : at + length]), ())
        if not (looks or sounds):
            continue
        apart = ends.get(ends.get(at, 0), 0) > at + length  # 江门机 of 江门, 机场
        if apart or _cuts_word(at, at + length, text, vocabulary) or _said_right(heard, vocabulary):
            continue
        for word in (looks, *sounds) if looks else sounds:
            if _trusted(heard, word):
                return word
    return text[at]


def _cuts_word(start: int, end: int, text: str, vocabulary: Vocabulary) -> bool:
    """Whether a word with matter of its own begins inside the stretch and reaches beyond it."""
    for at in range(start + 1, end):
        for length in vocabulary.lengths.get(text[at], ()):
            if end < at + length <= len(text):
                entry = vocabulary.entries.get(text[at : at + length])
                if entry and not entry.optional:
                    return True
    return False


def _said_right(heard: str, vocabulary: Vocabulary) -> bool:
    """Whether a stretch is made of known words: two characters (有哪), or one of the words longer than that."""
    if len(heard) == 2 and all(char in vocabulary.entries for char in heard):
        return True
    reached = [0] + [-1] * len(heard)  # the longest word on a way to each place
    for start, char in enumerate(heard):
        if reached[start] >= 0:
            for length in vocabulary.lengths.get(char, ()):
                end = start + length
                if end <= len(heard) and heard[start:end] in vocabulary.entries:
                    reached[end] = max(reached[end], reached[start], length)
    return reached[-1] > 1


@lru_cache(maxsize=4_096)
def _frequency(word: str) -> int:
    return max(1, int(_jieba.suggest_freq(word)))


def _trusted(heard: str, word: str) -> bool:
    """A word that exists in its own right is believed; a slip keeps about half of its characters."""
    if rjieba.has_word(heard) and (len(word) > 2 or _frequency(word) < _RARE * _frequency(heard)):
        return False
    same = sum(a == b for a, b in zip(heard, word, strict=True))
    if len(word) == 2:
        return same == 1 and all(sound(a) == sound(b) for a, b in zip(heard, word, strict=True))
    return same * 2 >= len(word) - 1
