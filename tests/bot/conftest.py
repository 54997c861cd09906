"""The whole service in this process, on a new SQLite folder, with a client per person."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, service
from bot.config import Settings

Client = TestClient  # aiohttp's generics say nothing here


def settings(folder: Path, **sections: dict[str, object]) -> Settings:
    return Settings(**{"service": {"data_dir": folder}, **sections})  # type: ignore[arg-type]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(settings(tmp_path)) as running:
        yield running


@pytest.fixture
async def server(running: Service) -> AsyncIterator[TestServer]:
    async with TestServer(running.web, host="127.0.0.1") as server:
        yield server


@pytest.fixture
async def person(server: TestServer) -> AsyncIterator[Callable[[], Client]]:
    """A new browser each time it is called."""
    clients: list[Client] = []

    def come() -> Client:
        clients.append(TestClient(server, cookie_jar=CookieJar(unsafe=True)))
        return clients[-1]

    yield come
    for client in clients:
        await client.session.close()
