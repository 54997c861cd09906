"""`youcai rank`: ranks foreign passages, to compare with other engines."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.terms import BAD_INPUT, fail, no_access
from services.knowledge.ranking.foreign import BadLine, rank_foreign


def rank(
    corpus: Annotated[Path, typer.Option(help="一行一个 {id, text}")],
) -> None:
    """给外来的段落排名：标准输入一行一个 {id, question}。"""
    try:
        with corpus.open(encoding="utf-8") as passages:
            for ranked in rank_foreign(passages, sys.stdin):
                print(json.dumps(ranked, ensure_ascii=False))
    except OSError as error:
        fail(BAD_INPUT, no_access(error, corpus))
    except BadLine as error:
        fail(BAD_INPUT, str(error))
