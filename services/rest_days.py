"""Days on which nobody is broadcast to: off by the calendar, or not yet settled by anybody."""

from datetime import date

from sqlalchemy.orm import Session

from services.planning import calendar_now


class RestDays:
    """`rests(session, day)`; the calendar is read again only now and then."""

    def __init__(self, kept: bool):
        self._kept = kept
        self._asked, self._day, self._rests = 0, date.min, False

    def __call__(self, session: Session, day: date) -> bool:
        if not self._kept:
            return False
        self._asked += 1
        if day != self._day or self._asked > 500:
            calendar = calendar_now(session)
            self._asked, self._day = 0, day
            self._rests = not (calendar.is_firm(day) and calendar.works(day))
        return self._rests
