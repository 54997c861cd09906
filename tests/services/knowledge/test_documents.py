"""Policies of every usual shape fall into clauses that can be cited by their printed place."""

import pytest

from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import ClauseKind, Passage

RULES = """\
# 青禾区博士后生活补助办法

（2026年1月1日青禾人社〔2026〕3号印发）

第一章 总则

第一条 为了引进博士后，制定本办法。

第二条 本办法适用于在本区设站单位从事研究工作的博士后。

第二章 补助

第三条 申请补助应当提交下列材料：

（一）申请表；

（二）进站证明；

（三）劳动合同。

第四条 补助分为两类。

（一）生活补助。每人每年五万元，按月发放，直至出站为止，不因假期而停发。

1.在站期间每半年考核一次。考核不合格的，停发下一期补助。

（二）科研补助。按项目核定，随项目经费一次拨付，用于购买设备和材料。

单位应当专款专用。
"""

NOTICE = """\
青禾人社〔2026〕9号

关于开展2026年优秀博士后评选的通知

各设站单位：

为表彰优秀博士后，现将有关事项通知如下：

一、评选范围

在站满一年的博士后。

二、申报材料

1.申报表

2.推荐信

三、时间安排

2026年9月30日前报送。（责任单位：区科学技术局，牵头单位：区人力资源和社会保障局，完成时限：2026年9月30日）

附件：1.申报表

青禾区人力资源和社会保障局

2026年6月1日

附件1

申报表填写说明

一、用黑色签字笔填写。

二、一式两份。
"""


def read(text: str) -> dict[str, Passage]:
    document = read_document("政策.md", text.encode())
    assert len({passage.label for passage in document.passages}) == len(document.passages)
    return {passage.label: passage for passage in document.passages}


def test_articles_are_cited_by_number_whatever_their_chapter() -> None:
    rules = read(RULES)
    assert list(rules) == [
        *("题注", "第一条", "第二条", "第三条", "第四条", "第四条（一）", "第四条（一）1", "第四条（二）"),
        "第四条第二款",
    ]
    assert rules["第二条"].text == "第二条 本办法适用于在本区设站单位从事研究工作的博士后。"
    assert rules["第二条"].headings == ("第一章 总则",)


def test_the_lines_under_a_title_make_one_clause_and_name_the_number() -> None:
    document = read_document("a.md", RULES.encode())
    assert (document.title, document.number) == ("青禾区博士后生活补助办法", "青禾人社〔2026〕3号")
    assert document.passages[0].kind is ClauseKind.NOTICE


def test_a_short_list_stays_with_what_it_lists() -> None:
    assert read(RULES)["第三条"].text.splitlines() == [
        "第三条 申请补助应当提交下列材料：",
        "（一）申请表；",
        "（二）进站证明；",
        "（三）劳动合同。",
    ]
    materials = read(NOTICE)["二"]
    assert (materials.text, materials.headings) == ("1.申报表\n2.推荐信", ("二、申报材料",))


def test_a_paragraph_behind_the_last_item_is_a_clause_of_its_own() -> None:
    rules = read(RULES)
    assert rules["第四条（二）"].text.endswith("用于购买设备和材料。")
    assert rules["第四条第二款"].text == "单位应当专款专用。"
    assert rules["第四条第二款"].headings == ("第二章 补助",)
    plain = read("# 方案\n\n一、任务\n\n1.办活动，每年一次。\n\n2.发补助，每年一次。\n\n以上由各单位落实。\n")
    assert plain["一"].text == "以上由各单位落实。"
    assert read("# 方案\n\n1.办活动，每年一次。\n\n特此说明。\n")["结语"].text == "特此说明。"


def test_a_list_that_a_paragraph_closes_stays_whole() -> None:
    found = read("# 办法\n\n第一条 应当提交：\n\n（一）申请表；\n\n（二）合同。\n\n逾期不予受理。\n")
    assert found["第一条"].text.splitlines() == ["第一条 应当提交：", "（一）申请表；", "（二）合同。"]
    assert found["第一条第二款"].text == "逾期不予受理。"


@pytest.mark.parametrize("more", ["（责任单位：区甲局）", "第二段。\n\n2.乙事。做乙事。\n\n第二段。"])
def test_a_paragraph_that_the_items_have_each_stays_with_its_item(more: str) -> None:
    found = read(f"# 方案\n\n一、任务\n\n1.甲事。做甲事。\n\n{more}\n\n二、其他\n\n从略。\n")
    assert [label for label in found if "其" in label] == []
    assert found["一、1"].text.startswith("1.甲事。做甲事。\n")


def test_a_long_list_is_cut_item_by_item_below_its_lead() -> None:
    items = "\n\n".join(f"（{number}）{'材料' * 60}{number}；" for number in "一二三四")
    found = read(f"# 办法\n\n第一条 应当提交：\n\n{items}\n")
    assert list(found) == ["第一条", "第一条（一）", "第一条（二）", "第一条（三）", "第一条（四）"]
    assert found["第一条（二）"].headings[-1] == "第一条 应当提交："


def test_a_notice_keeps_its_letter_its_signature_and_its_annex_apart() -> None:
    notice = read(NOTICE)
    assert list(notice) == ["通知", "引言", "一", "二", "三", "附件说明", "落款", "附件1·一", "附件1·二"]
    assert notice["落款"].text == "青禾区人力资源和社会保障局\n2026年6月1日"
    assert notice["附件说明"].text == "附件：1.申报表"
    assert notice["附件1·二"].headings == ("附件1 申报表填写说明",)


def test_units_come_lead_first_and_a_deadline_is_copied_as_printed() -> None:
    clause = read(NOTICE)["三"]
    assert clause.units == ("区人力资源和社会保障局", "区科学技术局")
    assert clause.deadline == "2026年9月30日"


def test_a_long_text_is_cut_after_sentences() -> None:
    found = read("# 说明\n\n一、背景\n\n" + "青禾区每年引进博士后若干名并给予补助。" * 60)
    assert list(found) == ["一", "一·续2", "一·续3"]
    assert all(len(one.text) <= 400 and one.text.endswith("。") for one in found.values())


def test_a_text_without_a_pause_is_cut_all_the_same() -> None:
    assert max(len(one.text) for one in read("人才" * 2000).values()) == 400


def test_any_table_is_read_row_by_row_under_its_heads() -> None:
    found = read(
        "# 标准\n\n一、补助标准\n\n| 对象 | 金额 |\n| --- | --- |\n| 博士 | 3万元 |\n| 博士后 | 5万元 |\n"
    )
    assert {label: one.text for label, one in found.items()} == {
        "一·第1行": "对象：博士；金额：3万元",
        "一·第2行": "对象：博士后；金额：5万元",
    }
    assert all(one.kind is ClauseKind.ROW for one in found.values())


def test_a_row_reads_as_one_statement_whatever_its_cells_hold() -> None:
    head = "| 序号 | 类别 | 条件 | 年产值（1亿元以上） |\n|---|---|---|---|\n"
    found = read(f"# 标准\n\n一、标准\n\n{head}| 1 | 留区 | 满一年。<br>有合同； | 10万元。 |\n")
    assert found["一·1"].text == "类别：留区；条件：满一年。有合同；年产值（1亿元以上）：10万元。"


def test_a_table_that_begins_with_a_sum_has_no_head() -> None:
    found = read("# 标准\n\n一、标准\n\n| 进站 | 5万元 |\n|---|---|\n| 留区 | 10万元 |\n")
    assert [one.text for one in found.values()] == ["进站；5万元", "留区；10万元"]


def test_steps_that_run_on_in_a_cell_stand_line_by_line() -> None:
    head = "| 项目 | 工作举措 | 节点计划 | 完成时间 |\n|---|---|---|---|\n"
    found = read(f"# 计划\n\n附件\n\n清单\n\n{head}| 1.办卡 | 发卡 | 1.预约。2.领卡，3.5万张。 | 年底 |\n")
    assert found["附件·1"].milestone == "1.预约。\n2.领卡，3.5万张。"
    assert found["附件·1"].headings == ("附件 清单", "办卡")


def test_a_row_with_a_printed_number_is_cited_by_it_and_leads_come_first() -> None:
    head = "| 序号 | 主要任务 | 工作内容 | 责任单位 | 牵头单位 | 完成时限 |\n|---|---|---|---|---|---|\n"
    found = read(
        f"# 分工\n\n附件\n\n任务分工表\n\n{head}| 7 | 引才 | 办活动 | 区乙局、区丙局 | 区甲局 | 12月底 |\n"
    )
    row = found["附件·7"]
    assert (row.text, row.deadline, row.units) == ("办活动", "12月底", ("区甲局", "区乙局", "区丙局"))
    assert row.headings == ("附件 任务分工表", "引才")


def test_a_document_without_any_number_is_cited_by_paragraph() -> None:
    assert list(read("# 常见问题\n\n优才卡怎么办？请预约。\n\n在哪里领？到现场领。\n")) == ["第1段", "第2段"]


def test_unnumbered_headings_name_the_clauses_below_them() -> None:
    found = read("# 指南\n\n引导语在此说明用途。\n\n## 办理流程\n\n先预约。\n\n## 办理流程\n\n再领取。\n")
    assert list(found) == ["引言", "办理流程", "办理流程·其2"]


@pytest.mark.parametrize(
    "line",
    ["第三条规定的人员除外。", "3.5万元以内的项目从简。", "一二三产业融合发展。", "第二条、第三条同样适用。"],
)
def test_what_only_looks_like_a_number_is_text(line: str) -> None:
    assert list(read(f"# 办法\n\n第一条 开头。\n\n{line}\n\n第二条 结尾。\n")) == ["第一条", "第二条"]


def test_the_file_s_name_is_the_title_where_the_text_has_none() -> None:
    assert read_document("补助说明.txt", "第一条 开头。".encode()).title == "补助说明"
