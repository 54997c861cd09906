"""Files by signed links, for chats that cannot carry them: exactly that file, for whoever has the link, while it lasts.

Nothing in the address tells whose it is or what it is. An iPhone opens `text/calendar` in its calendar.
"""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from aiohttp import web

from bot.web import pages, static_version
from db.session import Database
from services.messaging import Attachment
from services.signed_links import BadLink, opened
from services.wechat import files

_OPENED = frozenset({"text/calendar", "image/png", "image/jpeg", "application/json", "application/pdf"})


class FilePages:
    def __init__(self, database: Database, office: str, clock: Callable[[], datetime]):
        self._database, self._clock = database, clock
        over = pages().get_template("web/note.html")
        self._over = over.render(office=office, version=static_version(), said="file_over", values={})

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/file/{token}", self.give)]

    async def give(self, request: web.Request) -> web.Response:
        try:
            subject = opened(self._database.vault, files.PURPOSE, request.match_info["token"], self._clock())
        except BadLink:
            return self._gone()
        file = await self._database.read(lambda session: files.fetch(session, subject))
        if file is None:
            return self._gone()
        return _given(file)

    def _gone(self) -> web.Response:
        response = web.Response(text=self._over, status=410, content_type="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _given(file: Attachment) -> web.Response:
    """Opened where that is safe, else saved; nothing in it may run."""
    known = file.type in _OPENED
    kind = file.type if known else "application/octet-stream"
    headers = {
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "Content-Disposition": f"{'inline' if known else 'attachment'}; filename*=UTF-8''{quote(file.name)}",
        "Content-Security-Policy": "default-src 'none'",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(body=file.content, headers=headers)
