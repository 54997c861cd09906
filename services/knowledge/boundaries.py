"""What the desk does not answer: secrets, attempts to instruct it, insults, questions about itself."""

import re
from collections.abc import Sequence

from services.knowledge.lexicon import Lexicon


def crossed(text: str, lexicon: Lexicon) -> str:
    """The name of the first boundary that a (cleaned) message crosses, or nothing."""
    for boundary in lexicon.boundaries:
        if any(_said(word, text) for word in boundary.words) or any(
            _every(lists, text) for lists in boundary.combinations
        ):
            return boundary.name
    return ""


def _every(lists: Sequence[Sequence[str]], text: str) -> bool:
    return all(any(_said(word, text) for word in words) for words in lists)


def _said(word: str, text: str) -> bool:
    """Latin words count only as whole words: usb is no insult."""
    if word not in text:
        return False
    return not word.isalpha() or not word.isascii() or bool(re.search(rf"(?<![a-z]){word}(?![a-z])", text))
