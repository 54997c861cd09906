"""The page behind a colleague's one-time link. Looking at it uses nothing up: previews of links look, too."""

from typing import Any

from aiohttp import web

from bot.channels.webchat import WebChat
from bot.errors import Refused
from bot.web import pages, static_version
from services.messaging import UpdateKind
from services.staff import token_in


class StaffPages:
    def __init__(self, webchat: WebChat, office: str):
        self._webchat, self._office = webchat, office
        self._pages, self._version = pages(), static_version()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/console/sign-in/{token}", self.show),
            web.post("/console/sign-in/{token}", self.enter),
        ]

    async def show(self, request: web.Request) -> web.Response:
        return self._page("staff_sign_in", words=_words(request))

    async def enter(self, request: web.Request) -> web.Response:
        """Said in the web chat of this browser, where the answer stands."""
        return await self._webchat.say_for(request, UpdateKind.TEXT, _words(request))

    def _page(self, name: str, **values: Any) -> web.Response:
        text = self._pages.get_template(f"web/{name}.html").render(
            office=self._office, version=self._version, **values
        )
        response = web.Response(text=text, content_type="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _words(request: web.Request) -> str:
    """What somebody would say to come in."""
    words = f"登录 {request.match_info['token']}"
    if not token_in(words):
        raise Refused(404, "no_such_page")
    return words
