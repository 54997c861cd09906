"""What the desk does not answer: secrets, attempts to instruct it, insults, questions about itself."""

import re
from collections.abc import Iterable
from functools import lru_cache

from services.language.lexicon import Lexicon


def crossed(text: str, lexicon: Lexicon) -> str:
    """The name of the first boundary that a (cleaned) message crosses, or nothing."""
    for boundary in lexicon.boundaries:
        said = boundary.words and _any_of(boundary.words).search(text)
        if said or any(
            all(_any_of(words).search(text) for words in lists) for lists in boundary.combinations
        ):
            return boundary.name
    return ""


@lru_cache(maxsize=256)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_whole(words)))


def _whole(words: Iterable[str]) -> Iterable[str]:
    """Latin words count only as whole words: usb is no insult."""
    for word in words:
        latin = word.isascii() and word.isalpha()
        yield rf"(?<![a-z]){word}(?![a-z])" if latin else re.escape(word)
