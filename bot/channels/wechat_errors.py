"""What WeChat's error codes mean for us, each said once: a reason, whether it is final, and when to try again."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.messaging import DeliveryError

PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")  # the platform counts its days there


@dataclass(frozen=True, slots=True)
class Meaning:
    """`wait`: how long to leave it alone, None if the platform's code does not say."""

    reason: str
    permanent: bool = False
    wait: timedelta | None = None


MEANINGS: dict[int, Meaning] = {
    -1: Meaning("busy"),  # waits longer each time
    40001: Meaning("token"),
    40014: Meaning("token"),
    42001: Meaning("token"),
    40003: Meaning("unknown", permanent=True),
    43004: Meaning("blocked", permanent=True),
    50005: Meaning("blocked", permanent=True),
    43101: Meaning("refused", permanent=True),
    45002: Meaning("too_long", permanent=True),
    45015: Meaning("window_over", permanent=True),
    45047: Meaning("quota", permanent=True),
    45009: Meaning("daily_limit"),  # until midnight
    45011: Meaning("too_fast", wait=timedelta(minutes=1)),
    40164: Meaning("address_not_allowed", wait=timedelta(minutes=10)),
    40125: Meaning("secret", wait=timedelta(minutes=10)),
    40013: Meaning("app_id", wait=timedelta(minutes=10)),
    48001: Meaning("not_granted", permanent=True),
    40037: Meaning("template", permanent=True),
    47003: Meaning("template", permanent=True),
}
OTHER = Meaning("error", wait=timedelta(minutes=5))
STALE_TOKEN = frozenset({40001, 40014, 42001})
ALARMS = frozenset({40164, 40125, 40013, 48001, 45009, 40037, 47003})  # somebody of the office has to act
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 300.0


def error_of(code: int, detail: str, now: datetime, busy_in_a_row: int = 1) -> DeliveryError:
    meaning = MEANINGS.get(code, OTHER)
    return DeliveryError(
        meaning.reason,
        permanent=meaning.permanent,
        retry_at=_retry_at(code, meaning, now, busy_in_a_row),
        detail=f"{code} {detail}"[:200],
    )


def unreachable(reason: str, detail: str, now: datetime, in_a_row: int) -> DeliveryError:
    """No answer, or none that can be read: it may work again soon."""
    return DeliveryError(reason, permanent=False, retry_at=now + backoff(in_a_row), detail=detail[:200])


def backoff(in_a_row: int) -> timedelta:
    return timedelta(seconds=min(_FIRST_WAIT * 2 ** min(in_a_row - 1, 10), _LONGEST_WAIT))


def midnight_after(now: datetime) -> datetime:
    tomorrow = now.astimezone(PLATFORM_ZONE).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PLATFORM_ZONE)


def _retry_at(code: int, meaning: Meaning, now: datetime, in_a_row: int) -> datetime | None:
    if code == 45009:
        return midnight_after(now)
    if code in (-1, *STALE_TOKEN):
        return now + backoff(in_a_row)
    return now + meaning.wait if meaning.wait else None
