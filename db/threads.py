"""Units of work in as many threads as there are connections, each in a transaction of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import later

T = TypeVar("T")


class Threads:
    def __init__(self, engine: Engine, info: dict[str, Any], count: int):
        self._engine, self._info = engine, info
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="database")

    async def run(self, work: Callable[[Session], T], *, brief: bool = False) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.run_now, work)

    def run_now(self, work: Callable[[Session], T]) -> T:
        with Session(self._engine, info=self._info, expire_on_commit=False) as session, session.begin():
            result = work(session)
            session.flush()
            later.write(session)
            return result

    def close(self) -> None:
        self._pool.shutdown()
