"""Serving until somebody asks to stop: the socket, the signals, the order of the end."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.app import Role, Service, service
from bot.config import Settings

_PATIENCE = 20.0  # seconds for requests at work when asked to stop


async def _to_nobody(running: Service, address: str) -> None: ...


async def serve(
    settings: Settings, role: Role, ready: Callable[[Service, str], Awaitable[None]] = _to_nobody
) -> None:
    """`ready` is told the address once people can come. Returns after SIGTERM or SIGINT, everything put away."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with service(settings, role) as running:
        if role is Role.WORKER:
            await ready(running, "")
            _spare_the_collector()
            await stop.wait()
            return
        runner = web.AppRunner(running.web, access_log=None, shutdown_timeout=_PATIENCE)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.web.host, settings.web.port, backlog=1024)
            await site.start()
            await ready(running, address(settings, runner))
            _spare_the_collector()
            await stop.wait()
            await site.stop()
            running.webchat.streams.close()
        finally:
            await runner.cleanup()


def address(settings: Settings, runner: web.AppRunner) -> str:
    """Where people find the chat: the public address, else the socket's."""
    if settings.service.base_url:
        return f"{settings.service.base_url}/"
    host, port = runner.addresses[0][:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"http://{shown}:{port}/"


def _spare_the_collector() -> None:
    """What was built at the start stays: looking through it for garbage again and again delays answers and notices."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
