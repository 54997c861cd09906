"""A file laid out for a link is kept once, sealed, as long as its link, and goes with its person."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.session import Database
from db.wechat import WeChatFile
from services.messaging import Attachment
from services.signed_links import opened
from services.wechat import files, leftovers, windows

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
CALENDAR = Attachment("预约.ics", "text/calendar", b"BEGIN:VCALENDAR")
EXPORT = Attachment("我的数据.json", "application/json", b"{}")


def laid(session: Session, address: str = "o-chen", file: Attachment = CALENDAR, now: datetime = NOW) -> str:
    """The subject of its link."""
    token = files.lay_out(session, address, file, now).path.removeprefix("/file/")
    return opened(session.info["vault"], "file", token, now)


def rows(session: Session) -> int:
    return session.execute(select(func.count()).select_from(WeChatFile)).scalar_one()


async def test_the_same_file_of_the_same_person_is_kept_once_for_as_long_as_its_newest_link(
    database: Database,
) -> None:
    later = NOW + timedelta(days=3)
    first = await database.run(laid)
    assert await database.run(lambda s: laid(s, now=later)) == first
    assert await database.run(lambda s: laid(s, "o-li")) != first
    assert await database.run(lambda s: laid(s, file=EXPORT)) != first
    assert await database.read(rows) == 3
    assert await database.read(lambda s: files.fetch(s, first)) == CALENDAR
    gone = NOW + files.LASTS + timedelta(minutes=1)
    await database.run(lambda s: leftovers.forget_done(s, gone, NOW))
    assert await database.read(rows) == 1
    assert await database.read(lambda s: files.fetch(s, first)) == CALENDAR


async def test_all_that_is_kept_of_a_person_lies_open_for_a_day_only(database: Database) -> None:
    def left(file: Attachment) -> timedelta:
        return database.run_now(lambda s: files.lay_out(s, "o-chen", file, NOW)).until - NOW

    assert (left(EXPORT), left(CALENDAR)) == (timedelta(days=1), files.LASTS)


async def test_a_broadcasts_file_is_kept_once_for_all(database: Database) -> None:
    found = {await database.run(lambda s: laid(s, "")) for _ in range(3)}
    assert (len(found), await database.read(rows)) == (1, 1)


async def test_nothing_of_it_can_be_read_in_the_database(house: Database) -> None:
    await house.run(laid)
    row = await house.read(lambda s: s.execute(select(WeChatFile)).scalar_one())
    kept = f"{row.address_mark}{row.content_mark}{row.sealed!r}"
    assert "chen" not in kept
    assert "CALENDAR" not in kept


async def test_it_goes_with_its_person_and_its_number_leads_to_nobody_elses(house: Database) -> None:
    first = await house.run(laid)
    await house.run(lambda s: leftovers.forget(s, [windows.mark_of(s, "o-chen")]))
    other = await house.run(lambda s: laid(s, "o-li", EXPORT))
    assert first.split("-")[0] == other.split("-")[0], "SQLite gives the number again"
    assert await house.read(lambda s: files.fetch(s, first)) is None
    assert await house.read(lambda s: files.fetch(s, other)) == EXPORT
