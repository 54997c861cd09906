"""The terms a text is ranked by: jieba's words, and single characters from which neighbours are read."""

import re
import unicodedata
from functools import lru_cache
from typing import Protocol

import rjieba
from opencc import OpenCC

LONGEST_QUESTION = 500  # characters read of one question; the rest is left unread

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]")
_SENTENCE = re.compile(r"[^。！？!?;\n]+[。！？!?;\n]*")
_UNIT = re.compile(r"[a-z0-9]{1,40}|[^\W_]|[\W_]+")
_SAYS = re.compile(r"[^\W_]")

# Words that only ask: they stand in passages by chance, and tell nothing about the one that answers.
_ASKING = """
请问 请教 咨询 想问 问 一下 多少 多久 多大 多长 多高 多远 多少钱 怎么 怎么样 怎么办 怎样 如何
什么 什么样 啥 为何 为什么 为啥 哪 哪些 哪个 哪种 哪里 哪儿 哪边 哪年 哪天 哪位 哪家 哪一
哪一个 哪一年 哪一天 哪几 哪几个 谁 何 何时 何地 何处 何种 何人 何事 几 几个 几种 几年 几月
几天 几次 几岁 是否 是不是 能否 可否 能不能 可不可以 有没有 会不会 要不要 该不该 算不算 吗 呢 么 啊
吧 呀 嘛
"""
ASKING = frozenset(_ASKING.split())


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@lru_cache(maxsize=1)
def _simplifier() -> _Converter:
    converter: _Converter = OpenCC("t2s")
    return converter


def normal(text: str) -> str:
    """One width, one script, lower case; nothing that cannot be seen."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))
    return _simplifier().convert(seen).lower()


def sentences(text: str) -> list[str]:
    return _SENTENCE.findall(text)


def words(text: str) -> list[str]:
    return [word for word in rjieba.cut(text) if _SAYS.search(word)]


def units(text: str) -> list[str]:
    """Characters, and runs of Latin letters or digits whole; "" wherever something else stands between."""
    return [unit if _SAYS.match(unit) else "" for unit in _UNIT.findall(text)]


def asked(question: str) -> str:
    """What a question is about: normal, bounded, and without the words that only ask, if any other is left."""
    whole = normal(question[:LONGEST_QUESTION])
    kept = "".join(" " if word in ASKING else word for word in rjieba.cut(whole))
    return kept if _SAYS.search(kept) else whole
