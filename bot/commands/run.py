"""`youcai run`: the service."""

import asyncio
import errno
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from bot.app import Role, Service
from bot.commands.terms import FAILED, fail, failing_in_words, say, settings_of
from bot.logs import set_up_logs
from bot.serving import serve
from services import staff


def run(
    context: typer.Context,
    role: Annotated[
        Role, typer.Option(help="all：全部；web：只回答；worker：只做定时的事和发通知")
    ] = Role.ALL,
) -> None:
    """启动服务，按 Ctrl+C 停止。"""
    settings = settings_of(context)
    set_up_logs(settings.service.log_format)

    async def ready(running: Service, address: str) -> None:
        clauses = len(running.shelf.library.passages)
        print(say("running", address=address, clauses=clauses, role=role.value), flush=True)
        if address and (token := await running.database.run(_first_token)):
            link = f"{address}console/sign-in/{token}"
            print(
                say("first_sign_in", link=link, hours=int(staff.GOOD_FOR.total_seconds() // 3600)), flush=True
            )
        print(say("how_to_stop"), flush=True)

    with failing_in_words():
        try:
            asyncio.run(serve(settings, role, ready))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                fail(FAILED, say("port_taken", port=settings.web.port))
            raise
    print(say("stopped"), flush=True)


def _first_token(session: Session) -> str:
    """For the first colleague to come in; '' once somebody has."""
    if staff.anybody_in(session):
        return ""
    return staff.invite(session, say("first_colleague"), staff.Role.ADMIN, datetime.now(UTC))
