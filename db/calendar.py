"""The office calendar: what imported notices arrange."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import BigId, Json, Moment


class CalendarNotice(Base):
    """One notice: the years it settles, and its days by whether they work. A later one goes before."""

    __tablename__ = "calendar_notice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    imported_at: Mapped[datetime] = mapped_column(Moment)
    imported_by: Mapped[str] = mapped_column(String(80))
    years: Mapped[Any] = mapped_column(Json)  # [2027]
    days: Mapped[Any] = mapped_column(Json)  # {"2027-02-06": true}
