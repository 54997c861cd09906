"""Word and PDF files are parsed in a process of their own, held to a time and a memory limit."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from services.knowledge.reading.blocks import Block, Paragraph, Table, bounded
from services.knowledge.reading.unreadable import MAX_MEMORY, MAX_SECONDS, DocumentUnreadable, Unreadable

_ROOT = Path(__file__).resolve().parents[3]


def read_apart(kind: str, content: bytes) -> list[Block]:
    """`kind` is docx or pdf. A parser that hangs, swells or dies takes only its own process with it."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", __name__, kind],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DocumentUnreadable(Unreadable.TOO_SLOW) from None
    if child.returncode:
        raise DocumentUnreadable(Unreadable.BROKEN)
    told = json.loads(child.stdout)
    if isinstance(told, str):
        raise DocumentUnreadable(Unreadable(told))
    return [
        Paragraph(*block) if isinstance(block[0], str) else Table(tuple(map(tuple, block))) for block in told
    ]


def blocks_of(kind: str, content: bytes) -> list[Block]:
    """In this process, without limits of its own. Hostile files make parsers raise just anything."""
    try:
        return bounded(_reader(kind, content))
    except DocumentUnreadable:
        raise
    except MemoryError:
        raise DocumentUnreadable(Unreadable.TOO_LARGE) from None
    except Exception as fault:
        raise DocumentUnreadable(Unreadable.BROKEN) from fault


def _reader(kind: str, content: bytes) -> Iterable[Block]:
    if kind == "docx":
        from services.knowledge.reading.word import read_docx  # the service itself never loads the parsers

        return read_docx(content)
    from services.knowledge.reading.pdf import read_pdf

    return read_pdf(content)


def _main(kind: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    told: object
    try:
        found = blocks_of(kind, sys.stdin.buffer.read())
        told = [(b.text, b.level) if isinstance(b, Paragraph) else b.rows for b in found]
    except DocumentUnreadable as refused:
        told = refused.reason
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    _main(sys.argv[1])
