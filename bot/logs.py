"""Logs: one line for each event, the libraries' own among them, all masked the same way."""

import logging
import sys
from contextlib import suppress
from typing import TextIO

import structlog
from structlog.typing import Processor

from bot.masking import mask_event


class _Lines(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Python would print what could not be written, unmasked."""
        kind = sys.exc_info()[0]
        fault = kind.__name__ if kind else ""
        with suppress(OSError, ValueError):  # standard error itself is gone
            sys.stderr.write(f"a log line could not be written: {record.name} {record.lineno} {fault}\n")


def set_up_logs(style: str = "console", level: int = logging.INFO) -> None:
    """`style` is console or json. Everything that uses `logging` goes the same way."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            _for_logging,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Lines(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("aiohttp.access", "apscheduler", "httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


_for_logging = structlog.stdlib.ProcessorFormatter.wrap_for_formatter
