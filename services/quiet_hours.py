"""The hours in which nobody is disturbed, and in which nobody's time to answer runs out."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times; of a night, the first is the later one."""

    begin: time
    end: time
    zone: ZoneInfo

    def at(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone).time()
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end

    def after(self, start: datetime, length: timedelta) -> datetime:
        """When so much time has passed since, these hours not counted."""
        moment = self._next(start, self.end) if self.at(start) else start
        while (awake := self._next(moment, self.begin) - moment) < length:
            length -= awake
            moment = self._next(moment + awake, self.end)
        return moment + length

    def _next(self, moment: datetime, clock: time) -> datetime:
        local = moment.astimezone(self.zone)
        found = datetime.combine(local.date(), clock, self.zone)
        return (found if found > local else found + timedelta(days=1)).astimezone(UTC)


NIGHT = QuietHours(time(22), time(8), ZoneInfo("Asia/Shanghai"))


def answer_until(quiet: QuietHours | None, now: datetime, minutes: int, latest: datetime) -> datetime:
    """How long something is kept for somebody who is asked now."""
    length = timedelta(minutes=minutes)
    return min(quiet.after(now, length) if quiet else now + length, latest)
