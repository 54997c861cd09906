"""Typing slips: a stretch of a question that sounds or looks like a known word is read as that word."""

import rjieba

from services.knowledge.vocabulary import Vocabulary, fold, slur, sound


def mend(text: str, vocabulary: Vocabulary) -> str:
    """Read a text from left to right, the longest word first; words that are already right stay."""
    syllables = [slur(char, vocabulary.lexicon) for char in text]
    folded = fold(text, vocabulary.lexicon)
    mended: list[str] = []
    at = 0
    while at < len(text):
        said = _word_at(at, text, syllables, folded, vocabulary)
        mended.append(said)
        at += len(said)
    return "".join(mended)


def _word_at(at: int, text: str, syllables: list[str], folded: str, vocabulary: Vocabulary) -> str:
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
        if length == 2 and _begins_word(at + 1, text, vocabulary):
            continue
        looks = vocabulary.by_shape.get(folded[at : at + length])
        if looks and _trusted(heard, looks):
            return looks
        for word in vocabulary.by_sound.get(tuple(syllables[at : at + length]), ()):
            if _trusted(heard, word):
                return word
    return text[at]


def _begins_word(at: int, text: str, vocabulary: Vocabulary) -> bool:
    return at < len(text) and any(
        length > 1 and text[at : at + length] in vocabulary.entries
        for length in vocabulary.lengths.get(text[at], ())
    )


def _trusted(heard: str, word: str) -> bool:
    """A word that exists in its own right is believed; a slip keeps about half of its characters."""
    if rjieba.has_word(heard):
        return False
    same = sum(a == b for a, b in zip(heard, word, strict=True))
    if len(word) == 2:
        return same == 1 and all(sound(a) == sound(b) for a, b in zip(heard, word, strict=True))
    return same * 2 >= len(word) - 1
