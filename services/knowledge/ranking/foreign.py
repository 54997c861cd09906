"""Ranks passages that are not ours: one JSON object a line in, one a line out, in the order asked."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from services.knowledge.ranking.index import Index

_SHOWN = 10


class BadLine(ValueError):
    """A line that cannot be read; its text says which and why."""


def rank_foreign(corpus_lines: Iterable[str], question_lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """For each question `{"id", "ranked"}`: the ids of up to ten passages, best first."""
    names: list[Any] = []
    index = Index.build(_texts(corpus_lines, names))
    for number, line in _filled(question_lines):
        asked = _read(line, "question", f"问题第 {number} 行")
        ranked = [names[position] for position, _ in index.rank(asked["question"], _SHOWN)]
        yield {"id": asked["id"], "ranked": ranked}


def _texts(lines: Iterable[str], names: list[Any]) -> Iterator[str]:
    seen: set[Any] = set()
    for number, line in _filled(lines):
        where = f"语料第 {number} 行"
        passage = _read(line, "text", where)
        if passage["id"] in seen:
            raise BadLine(f"{where}的 id 与前面重复：{passage['id']}。")
        seen.add(passage["id"])
        names.append(passage["id"])
        yield passage["text"]


def _filled(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip("\ufeff \t\r\n"))


def _read(line: str, wanted: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise BadLine(f"{where}不是合法的 JSON。") from None
    if not isinstance(found, dict):
        raise BadLine(f"{where}应是一个 JSON 对象。")
    name = found.get("id")
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise BadLine(f"{where}缺少 id（文字或整数）。")
    if not isinstance(found.get(wanted), str):
        raise BadLine(f"{where}缺少文字字段 {wanted}。")
    return found
