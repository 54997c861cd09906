"""What the service promises everybody, held against the code and the documents themselves."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, func, select

from db.session import Database
from db.tables import metadata
from handlers.dispatch import Dispatch
from handlers.routes import ROUTES, STEPS
from services import joining, privacy
from services.arrivals import Arrival
from services.texts import Texts
from tests.cast import Guest

HOUSE = Path(__file__).resolve().parents[1]
SOURCE = [file for room in ("bot", "handlers", "services", "db") for file in (HOUSE / room).rglob("*.py")]
TEXTS = sorted((HOUSE / "templates").rglob("*.txt"))
README = (HOUSE / "README.md").read_text(encoding="utf-8")
# What is not of a person, and what stays of them without their name, since the office must account for its seats.
OFFICES = {"audit_entry", "audit_head", "document", "clause"}
OFFICES |= {"broadcast", "booking_cycle", "route_day", "slot", "calendar_notice", "wechat_token"}
OFFICES |= {"campaign", "campaign_review", "segment", "event", "staff", "staff_invitation", "hand"}
NAMELESS = {"hold", "appointment", "appointment_event", "waitlist_entry", "offer", "reminder", "signup"}
BY_HAND = {
    "question",
    "notice",
    "wechat_window",
    "wechat_waiting",
    "wechat_file",
}  # goes with its person, by a statement of `erase`


def personal_tables() -> set[str]:
    """Tables whose rows hang on a person, at any distance, and go with them."""
    found = {"person"}
    while True:
        more = {
            table.name
            for table in metadata.tables.values()
            for constraint in table.constraints
            if isinstance(constraint, ForeignKeyConstraint)
            and constraint.referred_table.name in found
            and constraint.ondelete == "CASCADE"
        } - found
        if not more:
            return found
        found |= more


@pytest.mark.parametrize("file", SOURCE, ids=lambda file: str(file.relative_to(HOUSE)))
def test_files_are_small_and_say_what_they_own(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if "migrations/versions" in str(file) or not text.strip():
        return
    assert text.startswith('"""'), "a module opens with one sentence"
    assert text.count("\n") <= 250


@pytest.mark.parametrize("file", SOURCE, ids=lambda file: str(file.relative_to(HOUSE)))
def test_sentences_stand_in_templates_and_not_in_code(file: Path) -> None:
    """Outside `services/knowledge` (which reads Chinese), the command's own help and settings' own mistakes."""
    if "knowledge" in file.parts or "commands" in file.parts or file.name.startswith(("config", "__main__")):
        return
    said = re.findall(r'(?<!r)"([^"\n]*[\u4e00-\u9fff][^"\n]*[。！？，][^"\n]*)"', _code(file))
    assert said == []


def _code(file: Path) -> str:
    text = re.sub(r'"""(?:.|\n)*?"""', "", file.read_text(encoding="utf-8"))
    return re.sub(r"#.*", "", text)


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(HOUSE / "templates")))
def test_every_sentence_is_said_somewhere(file: Path) -> None:
    name = str(file.relative_to(HOUSE / "templates").with_suffix(""))
    room, _, said = name.partition("/")
    code = "\n".join(one.read_text(encoding="utf-8") for one in SOURCE)
    partial = said.startswith("_")
    composed = any(
        f'"{room}/{said[:end]}{{' in code or f"{room}/{said[:end]}{{" in code for end in range(len(said))
    )
    assert partial or name in code or f'"{said}"' in code or composed


def test_no_sentence_is_longer_than_a_screen() -> None:
    long = [file.name for file in TEXTS if len(file.read_text(encoding="utf-8")) > 1500]
    assert long == []


def test_every_word_of_the_greeting_and_the_menu_leads_somewhere() -> None:
    words = {word for route in ROUTES for word in route.words}
    assert {"菜单", "帮助", "取消", "删除我的数据", "导出我的数据", "转人工"} <= words
    names = {route.name for route in ROUTES}
    assert set(STEPS) - names == set(STEPS) - names.intersection(STEPS)


def test_choices_fit_into_a_button() -> None:
    assert max(len(route.name) for route in ROUTES) <= 24


async def test_erasing_a_person_leaves_no_row_of_theirs_anywhere(house: Database, at_desk: Dispatch) -> None:
    chen = Guest(at_desk, "chen")
    await chen.say("优才卡每年发多少张")
    await chen.say("转人工")
    await chen.say("删除我的数据")
    await chen.tap("确定删除")
    for name in personal_tables() | BY_HAND:
        rows = select(func.count()).select_from(metadata.tables[name])
        assert await house.read(lambda s, rows=rows: s.execute(rows).scalar_one()) == 0, name


def test_every_table_is_personal_or_the_offices_by_decision() -> None:
    """A new table must be decided about: it goes with its person, or it is named here."""
    assert set(metadata.tables) - personal_tables() - OFFICES - NAMELESS - BY_HAND == set()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_a_person_has_only_once_is_decided_about(dialect: str) -> None:
    """When two channels are joined: two of these refuse it, unless `services/joining.py` makes one of them."""
    only_once = {
        column.table.name for column in joining.pointing_at_people() if list(joining.rules(column, dialect))
    }
    refused = {"appointment", "hold", "waitlist_entry", "staff"}
    assert only_once == refused | {"subscription", "person_tag", "silence", "campaign_tap", "signup"}


async def test_what_is_too_old_is_forgotten(house: Database, at_desk: Dispatch) -> None:
    chen = Guest(at_desk, "chen")
    await chen.say("优才卡每年发多少张")
    later = datetime(2100, 1, 1, tzinfo=UTC)
    gone = await house.run(lambda s: privacy.expire(s, later, 180, 365))
    assert gone >= 2


def test_the_readmes_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (HOUSE / "Makefile").read_text(encoding="utf-8"), re.M))
    for target in re.findall(r"`make ([a-z]+)`", README):
        assert target in targets
    for words in re.findall(r"`(?:\.venv/bin/)?youcai ([a-z]+)", README):
        assert (HOUSE / "bot" / "commands" / f"{words}.py").exists(), words
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (HOUSE / path).exists(), path
    for bench in re.findall(r"bench/[a-z_]+\.py", README):
        assert (HOUSE / bench).exists(), bench


def test_the_lock_names_no_address_and_holds_every_dependency() -> None:
    lock = (HOUSE / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    declared = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "dependencies"
    ]
    for requirement in declared:
        name = re.split(r"[\[<>=,]", requirement)[0]
        assert re.search(rf"^{name}==", lock, re.M), name


FAILURES = re.compile(
    r"(?:DeliveryError\(|Meaning\(|_unreachable\(path, |SKIPPED, |UNCONFIRMED, |outcome\": |outcome: str = )"
    r"\s*\"(\w+)\""
)


def test_whatever_becomes_of_a_notice_is_told_in_chinese() -> None:
    words = {word for file in SOURCE for word in FAILURES.findall(file.read_text(encoding="utf-8"))}
    words |= {arrival.value for arrival in Arrival} | {
        "busy",
        "unreachable",
        "silent",
        "too_late",
        "restored",
    }
    words -= {"arrived"}
    assert len(words) > 25
    texts = Texts()
    assert [word for word in sorted(words) if texts.say("campaign/why", why=word) == word] == []
