"""Two transactions at once, in the order that hurts."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.orm import Session

from db.session import Database


def before_the_commit_of(
    database: Database, first: Callable[[Session], Any], second: Callable[[Session], Any]
) -> None:
    """`second` begins when `first` has done its work and not yet committed, which it does a little later."""
    worked, commit = threading.Event(), threading.Event()

    def held(session: Session) -> None:
        first(session)
        worked.set()
        commit.wait(10)

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(database.run_now, held)
        assert worked.wait(10)
        other = threads.submit(database.run_now, second)
        threading.Event().wait(0.3)
        commit.set()
        one.result(10), other.result(10)
