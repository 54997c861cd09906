"""Why a file could not become a document, and the limits a file is held to."""

from enum import StrEnum

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024  # what a .docx may swell to
MAX_PART = 30 * 1024 * 1024  # one part of it: a parsed one takes about ten times that in memory
MAX_PARTS = 2_000
MAX_PAGES = 500
MAX_CHARACTERS = 2_000_000
MAX_PASSAGES = 10_000
MAX_BLOCKS = 50_000  # paragraphs and rows
MAX_CELLS = 500_000  # of one table
MAX_SECONDS = 30
MAX_MEMORY = 1024 * 1024 * 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how .doc files and locked .docx files begin


class Unreadable(StrEnum):
    UNKNOWN_TYPE = "unknown_type"
    WRONG_TYPE = "wrong_type"  # the content is not what the name says
    OLD_WORD = "old_word"
    EMPTY = "empty"
    NO_TEXT = "no_text"  # scanned pages
    ENCODING = "encoding"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    UNSAFE = "unsafe"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_LONG = "too_long"
    TOO_MANY_PASSAGES = "too_many_passages"
    TOO_SLOW = "too_slow"


_LIMITS = {  # as the sentence counts: megabytes, pages, ten thousands of characters, clauses, seconds
    Unreadable.TOO_LARGE: MAX_BYTES // 2**20,
    Unreadable.TOO_MANY_PAGES: MAX_PAGES,
    Unreadable.TOO_LONG: MAX_CHARACTERS // 10_000,
    Unreadable.TOO_MANY_PASSAGES: MAX_PASSAGES,
    Unreadable.TOO_SLOW: MAX_SECONDS,
}


class DocumentUnreadable(Exception):
    """`reason` and `values` fill `templates/knowledge/unreadable.txt`."""

    def __init__(self, reason: Unreadable) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.values = {"limit": _LIMITS[reason]} if reason in _LIMITS else {}
