"""`youcai ask`: answers as the chat would, for people and for programs."""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

import typer

from bot.commands.terms import BAD_INPUT, database_of, fail, say, settings_of
from services.knowledge import shelf
from services.knowledge.answering.answer import Answer, Outcome
from services.knowledge.answering.answers import answers
from services.knowledge.answering.library import Library

_WORST = (Outcome.ANSWER, Outcome.PARTIAL, Outcome.REFUSE)


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="要问的话")] = "",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="从标准输入读 {id, question}，一行一个")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """像在聊天里一样回答。"""
    if jsonl == bool(question):
        fail(BAD_INPUT, say("ask_one"))
    with database_of(context) as database:
        library = Library.build(database.run_now(shelf.published))
        today = datetime.now(settings_of(context).zone).date()
        if jsonl:
            for line in _lines():
                print(json.dumps(_answered(line, library, today), ensure_ascii=False), flush=True)
            return
    found = answers(question, library, today)
    if as_json:
        print(json.dumps(_shape(found), ensure_ascii=False))
    else:
        print("\n\n".join(one.said for one in found))


def _answered(line: dict[str, Any], library: Library, today: date) -> dict[str, Any]:
    return {"id": line["id"], **_shape(answers(line["question"], library, today))}


def _shape(found: tuple[Answer, ...]) -> dict[str, Any]:
    """A message of several questions counts as answered when any of them is."""
    return {
        "outcome": min((one.outcome for one in found), key=_WORST.index).value,
        "text": "\n\n".join(one.said for one in found),
        "citations": [
            {
                "document": cited.document_title,
                "number": cited.number,
                "label": cited.label,
                "text": cited.text,
                "in_force": cited.in_force,
            }
            for one in found
            for cited in one.citations
        ],
    }


def _lines() -> Iterator[dict[str, Any]]:
    for number, written in enumerate(sys.stdin.buffer, 1):
        if not written.strip():
            continue
        try:
            line = json.loads(written)
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict) or "id" not in line or not isinstance(line.get("question"), str):
            fail(BAD_INPUT, say("bad_line", number=number, shape='{"id": …, "question": "…"}'))
        yield line
