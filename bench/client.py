"""A lean keep-alive HTTP client for load: each caller asks again as soon as it is answered."""

import asyncio
import time
from collections.abc import Iterator
from functools import partial


class Caller(asyncio.Protocol):
    """Sends what `requests` yields, one after the other, and notes the seconds of each answer."""

    def __init__(self, requests: Iterator[bytes], times: list[float], done: "asyncio.Future[None]"):
        self._requests, self._times, self._done = requests, times, done
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._end(RuntimeError(self._heard[:200].decode(errors="replace")))
            return
        self._times.append(time.perf_counter() - self._began)
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("closed"))

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(None)
            self._transport.close()
            return
        self._heard, self._began = b"", time.perf_counter()
        self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error) if error else self._done.set_result(None)


async def call(port: int, streams: list[Iterator[bytes]]) -> list[float]:
    """All streams at once, each over a connection of its own. The seconds of every answer."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    ends = [loop.create_future() for _ in streams]
    for stream, end in zip(streams, ends, strict=True):
        await loop.create_connection(partial(Caller, stream, times, end), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return times


def post(path: str, body: bytes, headers: str = "", kind: str = "application/json") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0
