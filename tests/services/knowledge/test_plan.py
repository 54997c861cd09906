"""The plan under db/seed is the printed plan: word for word, every row whole, every clause at its place."""

import re
import tomllib
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from services.knowledge.answering.answers import Outcome, answer
from services.knowledge.answering.library import Library
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import ClauseKind, Passage, ReadDocument, Source

SEED = Path(__file__).resolve().parents[3] / "db" / "seed"
SOURCE = Path(__file__).with_name("plan-source.txt").read_text(encoding="utf-8")
COPY = (SEED / "plan-2022-36.md").read_text(encoding="utf-8")
HEAD = "工作任务项目内容工作举措节点计划完成时间责任单位(排在首位的为牵头单位)"
CHARGE = "区委组织部区人力资源和社会保障局各街道办事处"
ATTRACT, PLACES, GROW, SERVE = "提升引才优势", "发展引进平台", "创新培养机制", "健全服务体系"

# (source, copy, reason), without white space and in half width, in the order in which they stand.
DEVIATIONS = (
    ("资金的管理理使用", "资金的管理使用", "a character repeated where the page breaks"),
    ("2.发挥侨乡", f"{ATTRACT}2.发挥侨乡", "a cell that spans rows"),
    ("区教育局深化", f"区教育局{ATTRACT}2.发挥侨乡引才优势深化", "cells that span rows"),
    (f"{HEAD}3.搭建", f"{ATTRACT}3.搭建", "the table's head repeated on a page; a cell that spans pages"),
    ("5.出台政策实施细则根据", f"{ATTRACT}5.出台政策实施细则根据", "a cell that spans rows"),
    (f"{HEAD}{ATTRACT}6.", f"{ATTRACT}6.", "the table's head repeated on a page"),
    ("保障局为珠三角", f"保障局{ATTRACT}6.加快形成平台联动效应为珠三角", "cells that span rows"),
    (f"{HEAD}{PLACES}8.", f"{PLACES}8.", "the table's head repeated on a page"),
    ("9.加强新设站支持力度鼓励", f"{PLACES}9.加强新设站支持力度鼓励", "a cell that spans rows"),
    (f"{HEAD}{GROW}10.", f"{GROW}10.", "the table's head repeated on a page"),
    ("监督管理局开展拔尖", f"监督管理局{GROW}10.实施重点培育计划开展拔尖", "cells that span rows"),
    ("保障保障局", "保障局", "a word repeated where the line breaks"),
    ("11.加强人才成果转化对", f"{GROW}11.加强人才成果转化对", "a cell that spans rows"),
    ("12.促进管理水平提升加强", f"{GROW}12.促进管理水平提升加强", "a cell that spans rows"),
    (f"{HEAD}{SERVE}13.", f"{SERVE}13.", "the table's head repeated on a page"),
    ("14.优化人才服务质量建立", f"{SERVE}14.优化人才服务质量建立", "a cell that spans rows"),
    ("各街道办事处向博士", f"各街道办事处{SERVE}14.优化人才服务质量向博士", "cells that span rows"),
    ("长期推进定期组织", f"长期推进{CHARGE}{SERVE}14.优化人才服务质量定期组织", "cells that span rows"),
    (f"每年12月{HEAD}{SERVE}15.", f"每年12月{CHARGE}{SERVE}15.", "the head repeated; a cell that spans rows"),
    ("保障保障局", "保障局", "a word repeated where the line breaks"),
)


def words(text: str) -> str:
    """Without white space and width, and without the signs that only lay the text out."""
    text = re.sub(r"^\|( --- \|)+$|^#+ |\*\*", "", text, flags=re.MULTILINE)
    return re.sub(r"[\s|]+", "", unicodedata.normalize("NFKC", text))


@pytest.fixture(scope="module")
def plan() -> ReadDocument:
    return read_document("plan-2022-36.md", COPY.encode())


@pytest.fixture(scope="module")
def library(plan: ReadDocument) -> Library:
    return Library.build([(Source(plan.title, plan.number), plan.passages)])


def at(plan: ReadDocument, label: str) -> Passage:
    return next(passage for passage in plan.passages if passage.label == label)


def test_the_copy_is_the_source_word_for_word_but_for_the_listed_deviations() -> None:
    source, start = words(SOURCE), 0
    for printed, copied, reason in DEVIATIONS:
        found = source.find(printed, start)
        assert found >= 0, (printed, reason)
        source = source[:found] + copied + source[found + len(printed) :]
        start = found + 1
    assert source == words(COPY)


def test_the_copy_has_one_width_of_punctuation_and_no_marks_of_the_conversion() -> None:
    assert "**" not in COPY
    assert not re.findall(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]", COPY)
    assert not re.findall(r"[\u4e00-\u9fff] +\d|\d +[\u4e00-\u9fff]", COPY)


def test_every_word_of_the_copy_stands_in_a_clause_or_above_it(plan: ReadDocument) -> None:
    said = words(
        "".join(f"{p.text}{p.milestone}{p.deadline}{''.join((*p.headings, *p.units))}" for p in plan.passages)
    )
    said += words(plan.title + HEAD)
    said += words("".join(f"{p.label[3:].split('（')[0]}.{p.headings[-1]}" for p in plan.passages[-20:]))
    lines = [line.strip(" #") for line in re.split(r"[\n|]| --- ", COPY)]
    missing = [line for line in lines if not all(words(part) in said for part in line.split(" "))]
    assert missing == []


def test_the_seed_says_what_the_plan_prints(plan: ReadDocument) -> None:
    (seeded,) = tomllib.loads((SEED / "documents.toml").read_text(encoding="utf-8"))["document"]
    assert (seeded["title"], seeded["number"]) == (plan.title, plan.number)
    assert seeded["file"] == "plan-2022-36.md"
    assert (seeded["effective"], seeded["expires"]) == (date(2022, 4, 27), date(2024, 12, 31))


def test_the_letter_is_one_clause_with_number_issuer_day_addressees_and_whom_to_ask(
    plan: ReadDocument,
) -> None:
    letter, annexes = [passage for passage in plan.passages if passage.kind is ClauseKind.NOTICE]
    assert (letter.label, annexes.label) == ("通知", "附件说明")
    lines = letter.text.splitlines()
    assert lines[2] == "江海府办函〔2022〕36号"
    assert lines[4] == "各街道、区直各单位，工业园公司："
    assert lines[5].endswith("请径向区委组织部反映。")
    assert lines[6:] == ["江门市江海区人民政府办公室", "2022年4月27日"]


def test_clauses_stand_at_their_printed_places(plan: ReadDocument) -> None:
    labels = [passage.label for passage in plan.passages]
    tasks = [
        "四（一）1",
        "四（一）2",
        "四（一）3",
        "四（一）4",
        "四（一）5",
        "四（一）6",
        "四（二）7",
        "四（二）8",
    ]
    tasks += ["四（二）9", "四（三）10", "四（三）11", "四（三）12", "四（四）13", "四（四）14", "四（四）15"]
    goals = ["三（一）", "三（二）", "三（三）", "三（四）"]
    opening = ["通知", "引言", "一", "二（一）", "二（二）", "二（三）", *goals]
    assert labels[:28] == [*opening, *tasks, "五（一）", "五（二）", "五（三）"]
    assert labels[28] == "附件说明"
    single = [1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15]
    assert [f"附件·{number}" for number in single] == [
        label for label in labels[29:] if not label.endswith("）")
    ]
    assert [label for label in labels[29:] if label.endswith("）")] == [
        *("附件·2（一）", "附件·2（二）", "附件·6（一）", "附件·6（二）", "附件·10（一）", "附件·10（二）"),
        *("附件·14（一）", "附件·14（二）", "附件·14（三）"),
    ]


def test_a_numbered_task_carries_its_path_and_its_units(plan: ReadDocument) -> None:
    task = at(plan, "四（二）8")
    assert task.text.startswith("8.发挥园区总站作用。以江门高新区")
    assert task.headings == ("四、工作任务", "（二）发展引才平台", "发挥园区总站作用")
    assert task.units == ("区人力资源和社会保障局", "工业园公司")
    assert at(plan, "五（一）").headings == ("五、保障措施", "（一）加强组织领导")


def test_the_lead_comes_first_however_it_is_called(plan: ReadDocument) -> None:
    assert at(plan, "四（一）1").units == ("区人力资源和社会保障局", "区委组织部")
    assert at(plan, "四（三）10").units[0] == "区委组织部"
    assert len(at(plan, "四（三）10").units) == 10
    assert at(plan, "五（一）").units == ("区委组织部", "区有关单位")


def test_rows_are_whole(plan: ReadDocument) -> None:
    rows = [passage for passage in plan.passages if passage.kind is ClauseKind.ROW]
    assert len(rows) == 20
    assert all(row.text and row.milestone and row.deadline and row.units for row in rows)
    assert all(len(row.headings) == 3 and row.headings[0] == "附件 工作清单" for row in rows)


def test_a_row_keeps_its_columns_apart(plan: ReadDocument) -> None:
    card = at(plan, "附件·14（二）")
    assert card.text == "向博士、博士后发放“优才卡”，提供人才驿站服务。"
    first, second = card.milestone.splitlines()
    assert first.startswith("1.每两周开放一次办卡预约，钻石卡、金卡上门办理，")
    assert second.startswith("2.每年根据高才使用感")
    assert card.deadline == "长期推进"
    assert card.units == ("区委组织部", "区人力资源和社会保障局", "各街道办事处")
    assert card.headings[1:] == ("健全服务体系", "优化人才服务质量")


def test_rows_and_items_of_one_task_bear_one_name(plan: ReadDocument) -> None:
    rows = {passage.headings[-1] for passage in plan.passages if passage.kind is ClauseKind.ROW}
    assert rows == {
        at(plan, label).headings[-1] for label in (p.label for p in plan.passages) if label[0] == "四"
    }


def test_clauses_are_short_enough_to_be_quoted(plan: ReadDocument) -> None:
    assert max(len(passage.text) + len(passage.milestone) for passage in plan.passages) <= 400


@pytest.mark.parametrize(
    ("question", "label", "said"),
    [
        ("发展目标是什么", "三（一）", "形成良性适配机制"),
        ("平台目标", "三（二）", "平台总量达35个"),
        ("每年引进多少博士", "附件·6（一）", "2024年引进博士、博士后20人"),
        ("体制机制优化的目标", "三（一）", "体系建设"),
        ("这个计划由谁负责", "五（一）", "区委组织部负责本计划实施的统筹协调"),
        ("附件是什么", "附件说明", "工作清单"),
    ],
)
def test_goals_are_found_as_counts_or_as_the_chapter(
    library: Library, question: str, label: str, said: str
) -> None:
    found = answer(question, library, date(2024, 1, 1))
    assert (found.outcome, found.citations[0].label) == (Outcome.ANSWER, label)
    assert said in found.said
