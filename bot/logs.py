"""Logs that can be read by anybody of the office: personal data is masked wherever it stands."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_PRIVATE_KEYS = frozenset(
    {"text", "name", "phone", "address", "contact", "employer", "said", "openid"}
    | {"token", "secret", "password", "key", "cookie", "authorization"}
)
_PATTERNS = (
    re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{15,19}(?!\d)"),  # ID and bank cards
    re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),  # mobile numbers of the mainland
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    re.compile(r"(?<!\d)\d{8,10}:[\w-]{30,}"),  # Telegram tokens
    re.compile(r"\bo[A-Za-z0-9_-]{27}\b"),  # WeChat's openids
    re.compile(r"(?i)(?<=access_token=)[^&\s\"']+|(?<=bearer )\S+"),
)
MASK = "***"


def masked(text: str) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text


def mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor: masks values by their names and by their looks."""
    return {key: MASK if key.lower() in _PRIVATE_KEYS else _hidden(value) for key, value in event.items()}


def set_up_logs(style: str = "console", level: int = logging.INFO) -> None:
    """`style` is console or json. Everything that uses `logging` goes the same way."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
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
            structlog.stdlib.add_logger_name,
            *shared,
            _for_logging,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
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


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bytes):
        return MASK
    if isinstance(value, dict):
        return {
            key: MASK if str(key).lower() in _PRIVATE_KEYS else _hidden(one) for key, one in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hidden(one) for one in value]
    return value
