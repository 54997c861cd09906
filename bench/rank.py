"""Ranking: hit@1 on folders of foreign sets, and speed and memory as clauses grow, beside plain bm25s.

.venv/bin/python bench/rank.py --sets FOLDER    # FOLDER/<set>/corpus.jsonl and queries.jsonl
.venv/bin/python bench/rank.py --speed          # 1,000, 10,000 and 100,000 synthetic clauses
"""

import argparse
import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import rjieba

sys.path.insert(0, str(Path(__file__).parents[1]))
from services.knowledge.ranking.index import Index

Rank = Callable[[str], list[int]]
K = 10


def ours(texts: list[str]) -> Rank:
    index = Index.build(texts)
    return lambda question: [position for position, _ in index.rank(question, K)]


def plain(texts: list[str]) -> Rank:
    """The library as its first page shows it, on jieba's words without punctuation."""

    def words(text: str) -> list[str]:
        return [word for word in rjieba.cut(text) if any(map(str.isalnum, word))]

    engine = bm25s.BM25()
    engine.index([words(text) for text in texts], show_progress=False)
    k = min(K, len(texts))

    def rank(question: str) -> list[int]:
        found, _ = engine.retrieve([words(question)], k=k, show_progress=False)
        return [int(position) for position in found[0]]

    return rank


ENGINES = {"youcai": ours, "bm25s": plain}


def hit_rates(folder: Path) -> dict[str, Any]:
    corpus = [json.loads(line) for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
    asked = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    row: dict[str, Any] = {"set": folder.name, "passages": len(corpus), "questions": len(asked)}
    for name, build in ENGINES.items():
        rank = build([passage["text"] for passage in corpus])
        found = [[corpus[position]["id"] for position in rank(one["question"])] for one in asked]
        pairs = [(ids, set(one["relevant"])) for ids, one in zip(found, asked, strict=True)]
        row[f"{name}_hit1"] = sum(ids[:1] != [] and ids[0] in right for ids, right in pairs) / len(pairs)
        row[f"{name}_hit10"] = sum(not right.isdisjoint(ids) for ids, right in pairs) / len(pairs)
    return row


def synthetic(count: int) -> tuple[list[str], list[str]]:
    """Clauses of words drawn as language draws them (few often, most seldom), and questions on them."""
    chance = random.Random(count)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3_500)]
    by_letter = list(accumulate(1 / (place + 20) for place in range(len(letters))))
    words = [
        "".join(chance.choices(letters, cum_weights=by_letter, k=chance.choice((1, 2, 2, 2, 3))))
        for _ in range(20_000)
    ]
    by_word = list(accumulate(1 / (place + 3) for place in range(len(words))))

    def clause() -> str:
        sizes = [chance.randint(6, 20) for _ in range(chance.randint(2, 4))]
        return "".join("".join(chance.choices(words, cum_weights=by_word, k=size)) + "。" for size in sizes)

    texts = [clause() for _ in range(count)]
    questions = []
    for text in chance.choices(texts, k=400):
        start = chance.randrange(max(1, len(text) - 14))
        questions.append(f"请问{text[start : start + 8]}的{text[start + 10 : start + 14]}是多少？")
    return texts, questions


def speed(engine: str, count: int) -> dict[str, Any]:
    texts, questions = synthetic(count)
    held, begun = resident(), time.perf_counter()
    rank = ENGINES[engine](texts)
    built, held = time.perf_counter() - begun, resident() - held
    for question in questions[:20]:
        rank(question)
    spent = []
    for question in questions:
        begun = time.perf_counter()
        rank(question)
        spent.append((time.perf_counter() - begun) * 1_000)
    return {
        "clauses": count,
        "engine": engine,
        "build_s": built,
        "memory_mb": held / 1e6,
        "median_ms": float(np.median(spent)),
        "p99_ms": float(np.percentile(spent, 99)),
    }


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def grow(counts: list[int]) -> list[dict[str, Any]]:
    """Every engine and size in a process of its own, so that memory is its own."""
    rows = []
    for count in counts:
        for engine in ENGINES:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                rows.append(pool.apply(speed, (engine, count)))
        for figure in ("median_ms", "p99_ms", "memory_mb"):
            rows[-2][f"{figure}_ratio"] = rows[-2][figure] / rows[-1][figure]
    return rows


def table(rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    print("  ".join(f"{column:>15}" for column in columns))
    for row in rows:
        cells = (row.get(column, "") for column in columns)
        print("  ".join(f"{cell:>15.3f}" if isinstance(cell, float) else f"{cell:>15}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=Path, metavar="FOLDER")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    if not (wanted.sets or wanted.speed):
        parser.error("--sets FOLDER or --speed")
    found: dict[str, list[dict[str, Any]]] = {}
    if wanted.sets:
        folders = sorted(path.parent for path in wanted.sets.glob("*/corpus.jsonl"))
        if not folders:
            parser.error(f"no set in {wanted.sets}")
        found["hit"] = [hit_rates(folder) for folder in folders]
    if wanted.speed:
        found["speed"] = grow(wanted.counts)
    if wanted.json:
        print(json.dumps(found, indent=1))
    else:
        for rows in found.values():
            table(rows)


if __name__ == "__main__":
    main()
