"""Policy answers in process: the plan as shipped, and many clauses beside it, next to plain bm25s on the same text.

.venv/bin/python bench/answers.py                      # the plan; 10,000 and 100,000 synthetic clauses
.venv/bin/python bench/answers.py --counts 0 1000      # 0 is the plan alone
"""

import argparse
import json
import multiprocessing
import random
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from rank import plain, resident, synthetic, table

from services.knowledge.answering.answers import answers
from services.knowledge.answering.library import Library
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import Passage, Source

PLAN = Path(__file__).parents[1] / "db" / "seed" / "plan-2022-36.md"
ASKS = ("请问{}是多少？", "{}什么时候完成", "想问一下{}由哪个部门负责", "{}怎么申请？谢谢", "{}吗")
Ask = Callable[[str], object]


def documents(count: int) -> list[tuple[Source, list[Passage]]]:
    plan = read_document(PLAN.name, PLAN.read_bytes())
    found = [(Source(plan.title, plan.number, date(2022, 4, 27), date(2024, 12, 31)), list(plan.passages))]
    if count:
        texts, _ = synthetic(count)
        passages = [Passage(f"第{number}条", text) for number, text in enumerate(texts, 1)]
        found.append((Source("汇编", "试〔2026〕1号"), passages))
    return found


def questions(held: list[tuple[Source, list[Passage]]], count: int = 400) -> list[str]:
    """A few characters out of any clause, asked about as people ask; half of them about the plan."""
    chance = random.Random(count)
    asked = []
    for number in range(count):
        passages = held[number % len(held)][1]
        text = re.sub(r"[^\w]+", "", chance.choice(passages).text)
        start = chance.randrange(max(1, len(text) - 8))
        asked.append(chance.choice(ASKS).format(text[start : start + chance.randint(4, 8)]))
    return asked


def ours(held: list[tuple[Source, list[Passage]]]) -> Ask:
    library = Library.build(held)
    return lambda question: answers(question, library, date(2026, 11, 24))


def baseline(held: list[tuple[Source, list[Passage]]]) -> Ask:
    return plain([f"{passage.text}{passage.milestone}" for _, passages in held for passage in passages])


ENGINES = {"youcai": ours, "bm25s": baseline}


def measure(engine: str, count: int) -> dict[str, Any]:
    held = documents(count)
    asked = questions(held)
    memory, begun = resident(), time.perf_counter()
    ask = ENGINES[engine](held)
    built, memory = time.perf_counter() - begun, resident() - memory
    for question in asked[:40]:
        ask(question)
    spent = []
    for question in asked:
        begun = time.perf_counter()
        ask(question)
        spent.append((time.perf_counter() - begun) * 1_000)
    return {
        "clauses": sum(len(passages) for _, passages in held),
        "engine": engine,
        "build_s": built,
        "memory_mb": memory / 1e6,
        "median_ms": float(np.median(spent)),
        "p99_ms": float(np.percentile(spent, 99)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", type=int, nargs="+", default=[0, 10_000, 100_000])
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    rows = []
    for count in wanted.counts:
        for engine in ENGINES:  # each in a process of its own, so that memory is its own
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                rows.append(pool.apply(measure, (engine, count)))
        for figure in ("median_ms", "p99_ms", "memory_mb"):
            rows[-2][f"{figure}_ratio"] = rows[-2][figure] / rows[-1][figure]
    print(json.dumps(rows, indent=1)) if wanted.json else table(rows)


if __name__ == "__main__":
    main()
