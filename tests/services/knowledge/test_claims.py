"""No figure, date, link, quotation or office is said that the cited clause does not hold."""

import re
from datetime import date

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.answering import wording
from services.knowledge.answering.answers import Outcome, answer
from services.knowledge.answering.clauses import Clause
from services.knowledge.answering.last_check import unsupported
from services.knowledge.answering.library import Library
from services.language.facts_asked import STRICT
from services.texts import TEMPLATES, Texts

CARDS = 4  # the row about cards in the sample plan
QUOTE = "每年发放优才卡不少于100张。"

figures = st.one_of(
    st.integers(0, 10**9).map(str),
    st.floats(0.1, 999, allow_nan=False).map(lambda number: f"{number:.2f}"),
    st.from_regex(r"[二三四五六七八九]十?[万千百]元", fullmatch=True),
    st.dates().map(lambda day: f"{day.year}年{day.month}月{day.day}日"),
    st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    st.from_regex(r"https?://[a-z]{3,9}\.(com|cn)/[a-z]{0,8}", fullmatch=True),
    st.from_regex(r"[a-z]{3,8}@[a-z]{3,8}\.com", fullmatch=True),
)


def check(library: Library, said: str, *inserted: str) -> tuple[str, ...]:
    return unsupported(said, (library.clause(CARDS),), inserted, library.offices)


def stands(clause: Clause, claim: str) -> bool:
    """Said independently of the code under test: the claim is printed there, not as a part of a longer number."""
    printed = re.sub(r"\s", "", clause.stands)
    return (
        re.search(rf"(?<![\d.〇零一二三四五六七八九十百千万亿两]){re.escape(claim)}(?!\d)", printed)
        is not None
    )


@given(
    claim=figures,
    before=st.sampled_from(["", "大约", "\n依据：", "（"]),
    after=st.sampled_from(["", "。", "）\n"]),
)
def test_whatever_figure_is_slipped_into_a_reply_is_caught(
    library: Library, claim: str, before: str, after: str
) -> None:
    if not stands(library.clause(CARDS), claim):
        assert check(library, f"文件里写着：「{QUOTE}」{before}{claim}{after}")


@given(st.text(alphabet="优才卡发放每年不少于张预约0123456789", min_size=1, max_size=30))
def test_a_quotation_that_is_not_printed_is_caught(library: Library, quote: str) -> None:
    printed = library.clause(CARDS).stands
    caught = check(library, f"「{quote}」")
    assert bool(caught) or quote in printed


@given(st.data())
def test_any_stretch_of_the_clause_may_be_quoted(library: Library, data: st.DataObject) -> None:
    sentence = data.draw(st.sampled_from([line.text for line in library.clause(CARDS).sentences]))
    assert not check(library, f"「{sentence}」", sentence)


def test_an_office_of_another_clause_may_not_be_named(library: Library) -> None:
    assert "区科学技术局" in check(library, "请找区科学技术局")
    assert not check(library, "请找区委组织部")


@pytest.mark.parametrize("claim", ["10张", "1000张", "二〇二四年", "十三万元", "00"])
def test_a_part_of_a_number_is_another_number(library: Library, claim: str) -> None:
    assert check(library, f"一共{claim}")


def test_a_reply_with_a_loose_claim_is_never_sent(
    library: Library, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Careless(Texts):
        def say(self, name: str, **values: object) -> str:
            return super().say(name, **values) + ("\n另外补贴5万元。" if "refuse" not in name else "")

    monkeypatch.setattr(wording, "_texts", Careless())
    with structlog.testing.capture_logs() as logs:
        said = answer("优才卡怎么约", library, today)
    assert said.outcome is Outcome.REFUSE
    assert "5万" not in said.said
    assert "5" in logs[0]["claims"][0]


@pytest.mark.parametrize("template", sorted((TEMPLATES / "policy").glob("*.txt")), ids=lambda path: path.stem)
def test_no_template_says_a_figure_of_its_own(library: Library, template: object) -> None:
    text = re.sub(r"\{[%{].*?[%}]\}", "", template.read_text("utf-8"), flags=re.DOTALL)  # type: ignore[attr-defined]
    assert not check(library, text)


def test_every_fact_that_can_be_left_open_has_a_name_in_the_template() -> None:
    template = (TEMPLATES / "policy" / "partial.txt").read_text("utf-8")
    assert all(f'"{aspect}"' in template for aspect in STRICT)
