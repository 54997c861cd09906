"""`youcai staff`: those who work here."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from bot.commands.terms import BAD_INPUT, database_of, fail, say, settings_of
from bot.config import Settings
from services import staff as colleagues
from services.staff import GOOD_FOR, Role

app = typer.Typer(no_args_is_help=True, help="工作人员。")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.callback()
def staff() -> None:
    """工作人员。"""


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="姓名")],
    role: Annotated[Role, typer.Option(help="clerk 起草；editor 提交；reviewer 复审、终审；admin 管理人员")],
    as_json: AsJson = False,
) -> None:
    """添一位，给出只能用一次的登录链接；已有的人换角色、换链接。"""
    if not name.strip() or len(name) > 40:
        fail(BAD_INPUT, say("bad_name"))
    with database_of(context) as database:
        token = database.run_now(lambda s: colleagues.invite(s, name.strip(), role, datetime.now(UTC)))
    link, words = sign_in_link(settings_of(context), token), say("sign_in_words", token=token)
    if as_json:
        told = {"name": name.strip(), "role": role.value, "link": link, "words": words}
        print(json.dumps(told, ensure_ascii=False))
    else:
        hours = int(GOOD_FOR.total_seconds() // 3600)
        print(say("staff_added", who=name.strip(), link=link, words=words, hours=hours))


@app.command("leave")
def leave(context: typer.Context, name: Annotated[str, typer.Argument(help="姓名")]) -> None:
    """一位不在这里工作了：马上什么都不能做，没用过的登录链接也作废；做过的事仍记在名下。"""

    def work(session: Session) -> bool:
        found = colleagues.named(session, name.strip())
        return found is not None and colleagues.leave(session, found.id, datetime.now(UTC))

    with database_of(context) as database:
        if not database.run_now(work):
            fail(BAD_INPUT, say("staff_none", who=name.strip()))
    print(say("staff_left", who=name.strip()))


@app.command("list")
def show_all(context: typer.Context, as_json: AsJson = False) -> None:
    """谁在这里工作，是什么角色，登录过没有。"""
    with database_of(context) as database:
        here = database.run_now(colleagues.everybody)
    if as_json:
        told = [
            {"name": one.name, "role": one.role.value, "entered": one.person_id is not None} for one in here
        ]
        print(json.dumps(told, ensure_ascii=False))
        return
    for one in here:
        print(say("staff_one", who=one.name, role=one.role, entered=one.person_id is not None))


def sign_in_link(settings: Settings, token: str) -> str:
    base = settings.service.base_url or f"http://127.0.0.1:{settings.web.port}"
    return f"{base}/console/sign-in/{token}"
