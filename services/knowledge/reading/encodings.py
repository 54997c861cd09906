"""Bytes into text: UTF-8, UTF-16 with its mark, or GB18030; anything that is not writing is refused."""

import codecs
import unicodedata

from services.knowledge.reading.unreadable import MAX_CHARACTERS, DocumentUnreadable, Unreadable

_SAMPLE = 20_000
_STRANGE_SHARE = 0.02
_MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes) -> str:
    marked = next((name for mark, name in _MARKED if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if strange(text):
            break
        if len(text) > MAX_CHARACTERS:
            raise DocumentUnreadable(Unreadable.TOO_LONG)
        return text
    raise DocumentUnreadable(Unreadable.ENCODING)


def strange(text: str) -> bool:
    """Control characters, private and unassigned code points: a wrong guess or no text at all."""
    sample = text[:_SAMPLE]
    odd = sum(
        unicodedata.category(sign) in ("Cc", "Co", "Cn", "Cs") and sign not in "\n\r\t\f" for sign in sample
    )
    return odd > _STRANGE_SHARE * len(sample)
