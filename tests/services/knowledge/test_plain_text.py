"""Text as scanners, mail and terminals leave it comes out as it was printed."""

import codecs
from dataclasses import replace
from pathlib import Path

import pytest

from services.knowledge.reading.blocks import Paragraph, Table
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.plain_text import read_text

HERE = Path(__file__).parent
SOURCE = HERE.joinpath("plan-source.txt").read_bytes()
COPY = HERE.parents[2].joinpath("db", "seed", "plan-2022-36.md").read_bytes()


def said(text: str) -> list[str]:
    return [block.text for block in read_text(text) if isinstance(block, Paragraph)]


def test_the_printed_plan_reads_as_its_clean_copy_but_for_one_stutter() -> None:
    raw, clean = read_document("plan.txt", SOURCE), read_document("plan.md", COPY)
    assert (raw.title, raw.number) == (clean.title, clean.number)
    mended = [replace(one, text=one.text.replace("管理理使用", "管理使用")) for one in raw.passages]
    assert mended == list(clean.passages)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_every_usual_encoding_is_read_alike(encoding: str) -> None:
    text = SOURCE.decode()
    assert read_document("plan.txt", text.encode(encoding)) == read_document("plan.txt", SOURCE)


def test_utf_16_is_read_in_either_byte_order() -> None:
    text = codecs.BOM_UTF16_BE + "第一条 为了引进人才，制定本办法。".encode("utf-16-be")
    assert read_document("a.txt", text).passages[0].label == "第一条"


def test_broken_lines_are_joined() -> None:
    assert said("（一）服务大局。围绕江海区高端\n\n装备制造产业，\n引进人才。\n\n（二）其他。") == [
        "（一）服务大局。围绕江海区高端装备制造产业，引进人才。",
        "（二）其他。",
    ]
    assert said("关于印发《青禾区博士后\n生活补助办法》的通知\n各单位：") == [
        "关于印发《青禾区博士后生活补助办法》的通知",
        "各单位：",
    ]


def test_lines_broken_at_the_edge_of_the_page_are_joined() -> None:
    lines = [
        "本办法适用于在青禾区设立的博士后工作站",
        "和创新实践基地以及在其中从事研究工作的",
        "博士后研究人员。",
    ]
    assert said("\n".join(lines * 4)) == ["".join(lines)] * 4


def test_headings_offices_and_days_stay_apart() -> None:
    lines = [
        "一、总体要求",
        "（一）指导思想，工作原则",
        "坚持党管人才。",
        "青禾区人民政府办公室",
        "2026年1月5日",
    ]
    assert said("\n".join(lines)) == lines


def test_widths_are_unified_only_beside_chinese() -> None:
    assert said("依托(园区),每年 12 月;补贴3,000元(含税):见 https://example.org/a?b=1, page 2") == [
        "依托（园区），每年12月；补贴3,000元（含税）：见 https://example.org/a?b=1, page 2"
    ]


def test_page_numbers_and_contents_are_dropped() -> None:
    assert said("一、目的……………… 3\n- 2 -\n第 3 页 共 9 页\n— 4 —\n一、目的") == ["一、目的"]


def test_words_in_letters_keep_their_space_at_a_line_break() -> None:
    assert said("Each postdoc receives a card,\nwhich opens doors.") == [
        "Each postdoc receives a card, which opens doors."
    ]


def test_a_table_on_several_pages_is_one_and_its_blank_cells_continue_those_above() -> None:
    head = "工作任务\t工作举措\t完成时间\t责任单位"
    (table,) = read_text(f"{head}\n引才\t甲\t每年3月\t区甲局\n\n{head}\n\t乙\t\t\n育才\t丙\t长期\t区丙局\n")
    assert isinstance(table, Table)
    assert [row[1:] for row in table.rows[1:]] == [
        ("甲", "每年3月", "区甲局"),
        ("乙", "每年3月", "区甲局"),
        ("丙", "长期", "区丙局"),
    ]
    assert [row[0] for row in table.rows[1:]] == ["引才", "引才", "育才"]


def test_a_new_task_without_a_unit_takes_none_from_the_task_above() -> None:
    (table,) = read_text("任务\t工作举措\t责任单位\n引才\t甲\t区甲局\n育才\t乙\t\n")
    assert isinstance(table, Table)
    assert table.rows[2] == ("育才", "乙", "")


def test_tabs_behind_a_number_are_spacing() -> None:
    assert said("第一条\t为了引才。\n第二条\t适用于本区。") == ["第一条为了引才。", "第二条适用于本区。"]
