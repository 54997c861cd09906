"""What is counted for /metrics. One registry a service: nothing global, nothing at import."""

import time
from collections.abc import Awaitable, Callable
from datetime import date
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from services.knowledge.answering.answer import Answer
from services.messaging import Reply, Update
from services.outgoing import Settled

Answers = Callable[[str, date, str], tuple[Answer, ...]]

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Measures:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.updates = Counter(
            "youcai_updates", "Updates answered", ["channel", "kind", "outcome"], registry=self.registry
        )
        self.seconds = Histogram(
            "youcai_dispatch_seconds",
            "From update to committed reply",
            ["channel"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.deliveries = Counter(
            "youcai_deliveries", "Notices by outcome", ["channel", "status"], registry=self.registry
        )
        self.replies_unsaid = Counter(
            "youcai_replies_unsaid",
            "Replies that never went out",
            ["channel", "reason"],
            registry=self.registry,
        )
        self.answers = Counter(
            "youcai_policy_answers",
            "Questions by what could be said to them",
            ["outcome"],
            registry=self.registry,
        )
        self.ticks = Counter(
            "youcai_ticks", "Runs of what happens by itself", ["job", "outcome"], registry=self.registry
        )
        self.clauses = Gauge("youcai_clauses", "Clauses that answers come from", registry=self.registry)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    def delivered(self, channel: str, outcome: Settled) -> None:
        self.deliveries.labels(channel, outcome.status.value).inc()

    def unsaid(self, channel: str, reason: str) -> None:
        self.replies_unsaid.labels(channel, reason).inc()

    def ticked(self, job: str, outcome: str) -> None:
        self.ticks.labels(job, outcome).inc()

    def answering(self, answers: Answers) -> Answers:
        """The same answers, counted."""

        def answering(message: str, today: date, previous: str) -> tuple[Answer, ...]:
            found = answers(message, today, previous)
            for one in found:
                self.answers.labels(one.outcome.value).inc()
            return found

        return answering

    def measured(
        self, dispatch: Callable[[Update], Awaitable[Reply]]
    ) -> Callable[[Update], Awaitable[Reply]]:
        """The same dispatch, counted and timed."""

        seconds = cache(self.seconds.labels)
        updates = cache(self.updates.labels)

        async def measured(update: Update) -> Reply:
            began = time.perf_counter()
            outcome = "failed"
            try:
                reply = await dispatch(update)
                outcome = "answered"
                return reply
            finally:
                updates(update.channel, update.kind.value, outcome).inc()
                seconds(update.channel).observe(time.perf_counter() - began)

        return measured
