"""The aiohttp application: what every answer carries, /healthz, /metrics, and the routes of the channels."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.errors import Refused, Wrong, errors_as_sentences
from services.texts import TEMPLATES, Texts

STATIC = Path(__file__).parent / "static"
_CHECK_SECONDS = 3.0
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
Check = Callable[[], Awaitable[str]]  # "" when well, else what is wrong in a few words


def create_web(
    texts: Texts,
    office: str,
    routes: Iterable[web.AbstractRouteDef],
    checks: Mapping[str, Check],
    metrics: Callable[[], bytes],
    *,
    body_limit: int,
    metrics_token: str = "",
) -> web.Application:
    """`body_limit` is in bytes. Without a token /metrics answers callers on this machine only."""
    wrong = Wrong(texts, _wrong_page(office))
    app = web.Application(middlewares=[errors_as_sentences(wrong, dress)], client_max_size=body_limit)
    app.router.add_routes(routes)
    app.router.add_get("/healthz", _health(checks))
    app.router.add_get("/metrics", _metrics(metrics, metrics_token))
    app.router.add_static("/static", STATIC, append_version=False)
    return app


def dress(request: web.Request, response: web.StreamResponse) -> None:
    """What every answer carries: pages may run nothing that is not ours, files keep until they change."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if not headers.get(hdrs.CONTENT_TYPE, "").startswith("application/json"):
        for name, value in _SAFE.items():
            headers.setdefault(name, value)
    if request.path.startswith("/static/") and "v" in request.query:
        headers[hdrs.CACHE_CONTROL] = "public, max-age=31536000, immutable"


def pages() -> Environment:
    """Templates of pages: whatever is put into them is shown as text."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )


def static_version() -> str:
    """Changes with any of the files, so that browsers keep them until then."""
    digest = hashlib.sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _wrong_page(office: str) -> Callable[[str], str]:
    page, version = pages().get_template("web/wrong.html"), static_version()
    return lambda sentence: page.render(office=office, version=version, sentence=sentence)


def caller(trust_proxy: bool) -> Callable[[web.Request], str]:
    """Who calls, for pacing: the last address that our own proxy adds, where there is one."""

    def address(request: web.Request) -> str:
        direct = request.remote or ""
        forwarded = request.headers.get("X-Forwarded-For", "")
        if trust_proxy and forwarded and _local(direct):
            return forwarded.rsplit(",", 1)[-1].strip()
        return direct

    return address


def _health(checks: Mapping[str, Check]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def health(_: web.Request) -> web.Response:
        states = await asyncio.gather(*(_state(check) for check in checks.values()))
        sick = {name: state for name, state in zip(checks, states, strict=True) if state}
        body: dict[str, Any] = {"status": "sick", "sick": sick} if sick else {"status": "ok"}
        return web.json_response(body, status=503 if sick else 200)

    return health


async def _state(check: Check) -> str:
    try:
        return await asyncio.wait_for(check(), _CHECK_SECONDS)
    except TimeoutError:
        return "no answer"
    except Exception as error:
        return type(error).__name__


def _metrics(metrics: Callable[[], bytes], token: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    expected = f"Bearer {token}".encode()

    async def read(request: web.Request) -> web.Response:
        if token:
            given = request.headers.get("Authorization", "").encode("utf-8", "replace")
            allowed = hmac.compare_digest(given, expected)
        else:
            allowed = _local(request.remote or "") and "X-Forwarded-For" not in request.headers
        if not allowed:
            raise Refused(404, "no_such_page")
        return web.Response(
            body=metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    return read


def _local(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
