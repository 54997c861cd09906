"""A message -> the questions in it, each with its background, and a follow-up joined to the question before."""

import re
from dataclasses import replace

from services.language.question import TOLD, Reading, Token, read
from services.language.vocabulary import Vocabulary

_END = re.compile(r"(?<=[?!。;\n])")
_SEGMENT = re.compile(r"[,;:。!~]|\s{2,}")
_FOLLOWS = re.compile(r"^(?:那|那么|那如果|还有|另外|如果是|换成|and\b|what about|how about)|呢[?。!]*$")
_SHORT = 12


def split(text: str, most: int) -> list[str]:
    """Cut a (cleaned) message at its question marks; what is said between belongs to the question after it."""
    questions: list[str] = []
    background = ""
    for part in _END.split(text):
        background += part
        if part.rstrip().endswith("?") and len(background.strip("?!。; \n")) > 1:
            questions.append(background.strip())
            background = ""
    rest = background.strip("?!。; \n")
    if rest:
        if questions and len(rest) < 2:
            questions[-1] += rest
        else:
            questions.append(background.strip())
    return questions[-most:] if questions else [text]


def understand(text: str, vocabulary: Vocabulary) -> Reading:
    """Read a question; what is told before the point counts as background, unless the point says nothing itself."""
    whole = read(text, vocabulary)
    segments = [part for part in _SEGMENT.split(text) if part.strip()]
    if len(segments) < 2:
        return whole
    point = read(segments[-1].rstrip("?"), vocabulary)
    asked_before = any(read(part, vocabulary).aspects for part in segments[:-1])
    if all(token.bare for token in point.required) or (asked_before and not point.aspects):
        return whole
    told = whole.tokens[: len(whole.tokens) - len(point.tokens)]
    background = tuple(_told(token) for token in told)
    return replace(whole, tokens=(*background, *point.tokens), aspects=point.aspects or whole.aspects)


def _told(token: Token) -> Token:
    """Background: what is known of it helps, a place still decides, the unknown only makes the point weaker."""
    if token.elsewhere:
        return token
    if not token.known:
        return replace(token, doubt=TOLD)
    return token if token.optional else replace(token, optional=True, told=True)


def follows(text: str, reading: Reading) -> bool:
    """那金卡呢, 多少钱, 什么时候: words that lean on the question before."""
    return bool(_FOLLOWS.search(text)) or (
        len(text) <= _SHORT and all(token.bare for token in reading.required)
    )


def continued(previous: Reading, reading: Reading) -> Reading:
    """The question before with what the new one changes in it."""
    kept = tuple(
        token
        for token in previous.tokens
        if not any(_replaces(new, token) for new in reading.tokens if new.terms)
    )
    return replace(
        reading,
        text=previous.text + reading.text,
        tokens=kept + reading.tokens,
        aspects=reading.aspects or previous.aspects,
    )


def _replaces(new: Token, old: Token) -> bool:
    """金卡 takes the place of 银卡, 2024年 of 2023年: the same ending, another beginning."""
    return new.said != old.said and new.said[-1] == old.said[-1] and not new.optional and not old.optional
