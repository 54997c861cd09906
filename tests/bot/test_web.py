"""What the outside may know of the service's state: well or sick and why, and figures for those allowed."""

from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bot.app import Service, service
from bot.web import caller
from tests.bot.conftest import Client, settings


async def test_a_well_service_says_ok(person: object) -> None:
    response = await person().get("/healthz")  # type: ignore[operator]
    assert response.status == 200
    assert await response.json() == {"status": "ok"}


async def test_a_sick_part_is_named(
    person: object, running: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(running.database, "read", broken)
    response = await person().get("/healthz")  # type: ignore[operator]
    assert response.status == 503
    assert await response.json() == {"status": "sick", "sick": {"database": "ConnectionError"}}


async def test_figures_count_what_was_answered(person: object) -> None:
    chen: Client = person()  # type: ignore[operator]
    await chen.post("/chat/messages", json={"text": "你好"})
    await chen.post("/chat/messages", json={"text": "火星移民有补贴吗"})
    figures = await (await chen.get("/metrics")).text()
    assert 'youcai_updates_total{channel="web",kind="text",outcome="answered"} 2.0' in figures
    assert 'youcai_policy_answers_total{outcome="refuse"} 1.0' in figures
    assert 'youcai_ticks_total{job="library",outcome="done"}' in figures
    assert "youcai_clauses 4" in figures


async def test_figures_are_for_this_machine_or_who_has_the_token(tmp_path: Path, person: object) -> None:
    behind_proxy = await person().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})  # type: ignore[operator]
    assert behind_proxy.status == 404
    with_token = settings(tmp_path / "other", web={"metrics_token": "figures-please"})
    async with service(with_token) as running, TestClient(TestServer(running.web)) as client:
        assert (await client.get("/metrics")).status == 404
        allowed = {"Authorization": "Bearer figures-please"}
        assert (await client.get("/metrics", headers=allowed)).status == 200


@pytest.mark.parametrize(("trusted", "expected"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_the_caller_is_who_our_own_proxy_says(trusted: bool, expected: str) -> None:
    class Line:
        def get_extra_info(self, name: str, default: object = None) -> object:
            return ("127.0.0.1", 5) if name == "peername" else default

    headers = {"X-Forwarded-For": "10.9.9.9, 203.0.113.9"}
    request = make_mocked_request("GET", "/", headers, transport=Line())  # type: ignore[arg-type]
    assert caller(trusted)(request) == expected
