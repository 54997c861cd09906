"""Backups made while people chat, put back on either engine; what is broken, cut short, or too much for the disk."""

import asyncio
import errno
import json
import os
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, text

from db.backup import Backup, BadBackup, NewerBackup
from db.events import Event
from db.faults import told_apart
from db.holding import Occupied
from db.migrate import migrate
from db.people import Person
from db.refill import place
from db.session import Database, Unavailable, inserted
from db.tables import metadata
from db.vault import Vault, new_key
from handlers.dispatch import Dispatch
from handlers.turn import Desk
from services import audit, backups, planning
from services.knowledge.shelf import seed
from tests.cast import NOON, Guest
from tests.handlers.test_booking import TOLD, book, hold

KEYS = [new_key(), new_key()]
STAMP = "before-20261124-120000"


def told(done: int, total: int) -> None:
    assert done <= total


def opened(url: str) -> Database:
    return Database(url, Vault(KEYS))


def make(database: Database, file: Path) -> int:
    return backups.make(database, KEYS, file, NOON, told)


def put_back(url: str, file: Path, around: Any = None) -> str:
    return restored(url, file, around).aside


def restored(url: str, file: Path, around: Any = None) -> backups.PutBack:
    with Backup(file, told) as kept, place(url) as where:
        return backups.put_back(where, kept, around or nullcontext(), STAMP, NOON, told)


def people(database: Database) -> int:
    return database.read_now(lambda s: s.execute(select(func.count()).select_from(Person)).scalar_one())


def add_person(database: Database) -> int:
    return database.run_now(lambda s: inserted(s.execute(insert(Person).values(created_at=NOON))))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that is full from there on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def home(database: Database, database_url: str) -> Iterator[Database]:
    """The service's database, migrated, with keys that we know."""
    database.close_now()
    home = opened(database_url)
    yield home
    home.close_now()


@pytest.fixture(params=["sqlite", "postgres"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("empty_postgres_url"))
    return f"sqlite:///{tmp_path / 'elsewhere' / 'youcai.db'}"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A backup with the plan and one person in it."""
    home = opened(f"sqlite:///{tmp_path / 'origin' / 'youcai.db'}")
    migrate(home.engine)
    home.run_now(lambda session: seed(session, NOON))
    add_person(home)
    make(home, tmp_path / "kept")
    home.close_now()
    return tmp_path / "kept"


async def test_a_backup_taken_while_people_chat_goes_on_elsewhere(
    home: Database, elsewhere: str, desk: Desk, tmp_path: Path
) -> None:
    home.run_now(lambda session: planning.plan_ahead(session, desk.booking, NOON))
    dispatch = Dispatch(home, desk, clock=lambda: NOON)
    chen = Guest(dispatch, "chen")
    await hold(chen)
    await chen.say(TOLD[0])
    said = [one.text for one in chen.heard]

    async def chat(guest: Guest) -> None:
        while not copying.done():
            await guest.say("优才卡每年发多少张")

    file = tmp_path / "kept"
    copying = asyncio.create_task(asyncio.to_thread(make, home, file))
    await asyncio.gather(*(chat(Guest(dispatch, f"other{at}")) for at in range(4)))
    assert file.stat().st_mode & 0o777 == 0o600
    await asyncio.to_thread(put_back, elsewhere, file)

    there = opened(elsewhere)
    try:
        assert there.read_now(audit.verify)[1] is None
        chen.dispatch = Dispatch(there, desk, clock=lambda: NOON)
        for answer in TOLD[1:]:
            await chen.say(answer)
        await chen.tap("在站博士后")
        await chen.tap("确认预约")
        assert "09:00—09:30" in (await chen.say("我的预约")).text
        newcomer = Guest(chen.dispatch, "newcomer")
        assert "100张" in (await newcomer.say("优才卡每年发多少张")).text
        shown = await chen.say("导出我的数据")
        exported = json.loads(shown.attachments[0].content)
        turns = [text for one in exported["identities"][0]["said"] for text in one["answered"]]
        assert set(said) <= set(turns)
    finally:
        there.close_now()


async def test_every_row_of_every_table_comes_back_as_it_was(
    home: Database, elsewhere: str, desk: Desk, tmp_path: Path
) -> None:
    home.run_now(lambda session: planning.plan_ahead(session, desk.booking, NOON))
    await book(Guest(Dispatch(home, desk, clock=lambda: NOON), "chen"))
    home.run_now(lambda session: session.add(event(bytes(range(256)))))
    rows = make(home, tmp_path / "kept")
    put_back(elsewhere, tmp_path / "kept")
    there = opened(elsewhere)
    try:
        found = 0
        for table in metadata.sorted_tables:
            before, after = (rows_of(database, table) for database in (home, there))
            assert after[: len(before)] == before or table.name == "audit_head"
            found += len(before)
        assert found == rows
        assert there.read_now(audit.verify) == (home.read_now(audit.verify)[0] + 1, None)
    finally:
        there.close_now()


def rows_of(database: Database, table: Table) -> list[tuple[Any, ...]]:
    found = select(table).order_by(*table.primary_key.columns)
    return [tuple(row) for row in database.read_now(lambda session: session.execute(found).all())]


def test_no_id_is_given_twice(home: Database, database_url: str, elsewhere: str, tmp_path: Path) -> None:
    """On PostgreSQL not even that of somebody who has left: the audit trail still speaks of them."""
    add_person(home)
    last = add_person(home)
    if home.dialect == "postgresql":
        home.run_now(lambda session: session.execute(delete(Person).where(Person.id == last)))
    make(home, tmp_path / "kept")
    put_back(elsewhere, tmp_path / "kept")
    there = opened(elsewhere)
    assert add_person(there) > (last if there.dialect == "postgresql" else 1)
    there.close_now()


def test_what_was_there_is_kept_aside(kept: Path, elsewhere: str, tmp_path: Path) -> None:
    put_back(elsewhere, kept)
    there = opened(elsewhere)
    add_person(there)
    there.close_now()
    aside = put_back(elsewhere, kept)
    assert STAMP in aside.replace("_", "-")
    there = opened(elsewhere)
    assert people(there) == 1
    if there.dialect == "postgresql":
        count = text(f"SELECT count(*) FROM {aside.removeprefix('schema ')}.person")
        assert there.read_now(lambda session: session.execute(count).scalar_one()) == 2
    else:
        old = opened(f"sqlite:///{aside}")
        assert people(old) == 2
        old.close_now()
    there.close_now()


def test_nothing_is_put_where_somebody_is_at_work(kept: Path, home: Database, database_url: str) -> None:
    assert people(home) == 0
    with pytest.raises(Occupied):
        put_back(database_url, kept)
    assert people(home) == 0


def test_nobody_starts_while_a_backup_is_put_back(kept: Path, sqlite_url: str) -> None:
    with place(sqlite_url), pytest.raises(Occupied):
        opened(sqlite_url)
    opened(sqlite_url).close_now()


def test_a_broken_database_is_no_hindrance_and_goes_aside_as_it_is(
    kept: Path, sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "youcai.db"
    file.write_bytes(b"no database" * 1000)
    aside = Path(put_back(sqlite_url, kept))
    assert aside.read_bytes() == b"no database" * 1000
    there = opened(sqlite_url)
    assert people(there) == 1
    there.close_now()


def test_a_failure_at_the_last_step_changes_nothing(kept: Path, elsewhere: str, tmp_path: Path) -> None:
    @contextmanager
    def refusing() -> Iterator[None]:
        raise OSError(errno.ENOSPC, "no space")
        yield

    put_back(elsewhere, kept)
    there = opened(elsewhere)
    add_person(there)
    there.close_now()
    with pytest.raises(OSError, match="no space"):
        put_back(elsewhere, kept, refusing())
    there = opened(elsewhere)
    assert people(there) == 2
    there.close_now()
    assert {file.name for file in tmp_path.glob("elsewhere/*")} <= {"youcai.db", "youcai.db.lock"}


def test_a_full_disk_leaves_the_database_that_was_there(kept: Path, sqlite_url: str, tmp_path: Path) -> None:
    put_back(sqlite_url, kept)
    before = (tmp_path / "youcai.db").read_bytes()
    with files_of_at_most(100_000), pytest.raises(Unavailable), told_apart():
        put_back(sqlite_url, kept)
    assert (tmp_path / "youcai.db").read_bytes() == before
    assert {file.name for file in tmp_path.glob("youcai.db*")} == {"youcai.db", "youcai.db.lock"}


def test_a_full_disk_and_ctrl_c_leave_the_old_backup_and_no_half_one(
    home: Database, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "disk" / "kept"
    file.parent.mkdir()
    file.write_bytes(b"the one before")
    home.run_now(lambda session: session.add(event(os.urandom(3_000_000))))
    home.close_now()
    home = opened(database_url)  # its own log is short again
    with files_of_at_most(1_000_000), pytest.raises(OSError, match="disk/kept"):
        make(home, file)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backups.make(home, KEYS, file, NOON, interrupt)
    assert [one.name for one in file.parent.iterdir()] == ["kept"]
    assert file.read_bytes() == b"the one before"
    make(home, file)
    home.close_now()
    with Backup(file, told) as backup:
        assert backup.keys == KEYS


@pytest.mark.parametrize("spoil", ["empty", "text", "zip", "first", "half", "most", "cut", "key", "rows"])
def test_what_is_not_whole_is_refused_before_anything_is_touched(
    kept: Path, tmp_path: Path, spoil: str
) -> None:
    content = bytearray(kept.read_bytes())
    file = tmp_path / "spoilt"
    lengths = {"empty": 0, "first": 100, "half": len(content) // 2, "most": len(content) - 30, "cut": -1}
    if spoil in lengths:
        file.write_bytes(content[: lengths[spoil]])
    elif spoil == "text":
        file.write_text("我不是备份\n" * 100)
    elif spoil == "zip":
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("word/document.xml", "<x/>")
    else:
        members = members_of(kept)
        name = "keys.json" if spoil == "key" else "rows/person.jsonl"
        members[name] = members[name].replace(b"1", b"2") + b"\n"
        pack(file, members)
    with pytest.raises(BadBackup):
        Backup(file, lambda done, total: None)


def test_no_changed_byte_of_the_rows_gets_through(kept: Path, tmp_path: Path) -> None:
    """Most are noticed; the few that are not, such as padding, change nothing of what is read."""
    content, whole = kept.read_bytes(), members_of(kept)
    with zipfile.ZipFile(kept) as packed:
        member = packed.getinfo("rows/clause.jsonl")
    assert member.compress_size > 200
    noticed, places = 0, range(member.header_offset, member.header_offset + member.compress_size, 400)
    for at in places:
        changed = bytearray(content)
        changed[at] ^= 0x40
        (tmp_path / "changed").write_bytes(changed)
        try:
            Backup(tmp_path / "changed", told)
        except BadBackup:
            noticed += 1
        else:
            assert members_of(tmp_path / "changed") == whole
    assert noticed > 0.8 * len(places)


def test_one_of_a_newer_version_is_told_apart(kept: Path, tmp_path: Path) -> None:
    members = members_of(kept)
    manifest = json.loads(members["manifest.json"])
    for newer in ({"revision": "9999"}, {"youcai": 2}):
        pack(tmp_path / "newer", {**members, "manifest.json": json.dumps({**manifest, **newer}).encode()})
        with pytest.raises(NewerBackup):
            Backup(tmp_path / "newer", told)


def test_one_of_an_older_version_is_brought_up_to_date(kept: Path, elsewhere: str, tmp_path: Path) -> None:
    members = members_of(kept)
    manifest = json.loads(members["manifest.json"])
    manifest["revision"] = "0001"
    manifest["tables"] = [one for one in manifest["tables"] if one["name"] in ("audit_entry", "audit_head")]
    pack(tmp_path / "older", {**members, "manifest.json": json.dumps(manifest).encode()})
    put_back(elsewhere, tmp_path / "older")
    there = opened(elsewhere)
    assert there.read_now(audit.verify) == (2, None)
    assert people(there) == 0
    migrate(there.engine)
    there.close_now()


def members_of(kept: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(kept) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def pack(file: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)


def event(poster: bytes) -> Event:
    return Event(
        series="s", title="沙龙“一”\n😀", place="", starts_at=NOON, ends_at=NOON, sign_up_until=NOON, capacity=3,
        poster=poster, status="draft", author="staff:1", created_at=NOON, changed_at=NOON,
    )  # fmt: skip
