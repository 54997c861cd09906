"""What goes wrong on the web is told in one sentence, with the status that fits."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from db.session import Unavailable
from services.texts import Texts

log = structlog.get_logger(__name__)


class Refused(Exception):
    """`said` names a sentence in templates/web_errors/; `retry_after` is in seconds."""

    def __init__(self, status: int, said: str, *, retry_after: float = 0, **values: Any):
        super().__init__(said)
        self.status, self.said, self.retry_after, self.values = status, said, retry_after, values


@dataclass(frozen=True, slots=True)
class Wrong:
    """Says what went wrong: to a browser that opens a page, on a page; to everybody else, as JSON."""

    texts: Texts
    page: Callable[[str], str]  # around a sentence

    def told(
        self, request: web.Request, status: int, said: str, retry_after: float = 0, **values: Any
    ) -> web.Response:
        sentence = self.texts.say(f"web_errors/{said}", **values)
        if "text/html" in request.headers.get(hdrs.ACCEPT, ""):
            response = web.Response(text=self.page(sentence), status=status, content_type="text/html")
        else:
            response = web.json_response({"error": sentence}, status=status)
        if retry_after:
            response.headers["Retry-After"] = str(int(retry_after) + 1)
        return response


def errors_as_sentences(wrong: Wrong, dress: Callable[[web.Request, web.StreamResponse], None]) -> Any:
    """The middleware that lets nothing out but an answer, dressed with what every answer carries."""
    spoken = {404: "no_such_page", 405: "no_such_page", 413: "too_large"}

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Refused as refused:
            response = wrong.told(
                request, refused.status, refused.said, refused.retry_after, **refused.values
            )
        except web.HTTPRedirection as moved:
            dress(request, moved)
            raise
        except web.HTTPException as refused:
            response = wrong.told(request, refused.status, spoken.get(refused.status, "bad_request"))
        except Unavailable as error:
            log.error("the database is unavailable", error=str(error), path=request.path)
            response = wrong.told(request, 503, "unavailable", retry_after=3)
        except ConnectionError:
            raise
        except Exception:
            reference = secrets.token_hex(3).upper()
            log.exception("a request failed", reference=reference, path=request.path)
            response = wrong.told(request, 500, "fault", reference=reference)
        if not response.prepared:
            dress(request, response)
        return response

    return middleware
