"""A small policy of our own, in the shapes real ones have, and the day it is asked about."""

from datetime import date

import pytest

from services.knowledge.answering.library import Library
from services.knowledge.reading.passages import ClauseKind, Passage, Source

TODAY = date(2026, 11, 24)
PLAN = Source(
    "青禾区人才行动计划（2022年—2024年）", "青禾办函〔2022〕8号", date(2022, 4, 1), date(2024, 12, 31)
)
RULES = Source("青禾区博士后生活补助办法", "青禾人社〔2026〕3号", date(2026, 1, 1), None)

PLAN_PASSAGES = (
    Passage(
        "通知",
        "青禾办函〔2022〕8号\n关于印发《青禾区人才行动计划（2022年—2024年）》的通知\n2022年4月1日",
        ClauseKind.NOTICE,
    ),
    Passage(
        "一（一）1",
        "1.发挥园区总站作用。园区总站定期收集企业课题。对园区总站帮助分站每新引进一名博士后，给予3万元工作补贴。"
        "（责任单位：区人力资源和社会保障局）",
        headings=("一、工作任务", "（一）发展平台", "发挥园区总站作用"),
        units=("区人力资源和社会保障局",),
    ),
    Passage(
        "一（一）2",
        "2.支持新设站。对新设立的创新实践基地，按照有关办法给予建站补贴。（责任单位：区科学技术局）",
        headings=("一、工作任务", "（一）发展平台", "支持新设站"),
        units=("区科学技术局",),
    ),
    Passage(
        "一（二）3",
        "3.完善生活保障。一揽子解决博士后的社保、医疗、住房、配偶就业和子女入学等问题。（牵头单位：区委组织部）",
        headings=("一、工作任务", "（二）健全服务", "完善生活保障"),
        units=("区委组织部",),
    ),
    Passage(
        "附件·4",
        "向博士、博士后发放“优才卡”，提供人才驿站服务。",
        ClauseKind.ROW,
        ("附件 工作清单", "健全服务", "4.优化人才服务"),
        "每两周开放一次办卡预约，钻石卡、金卡上门办理，银卡持卡人到现场办理。每年发放优才卡不少于100张。",
        "长期推进",
        ("区委组织部", "各街道办事处"),
    ),
    Passage(
        "附件·5",
        "定期组织开展“博士（后）江海行”，进行座谈交流。",
        ClauseKind.ROW,
        ("附件 工作清单", "提升引才优势", "5.健全市场引才"),
        "每年组织开展一次“博士（后）江海行”。",
        "每年12月",
        ("区人力资源和社会保障局",),
    ),
    Passage(
        "附件·6",
        "加强平台联动，引进博士、博士后。",
        ClauseKind.ROW,
        ("附件 工作清单", "提升引才优势", "6.平台联动"),
        "2022年引进博士、博士后15人。2023年引进博士、博士后18人。",
        "2024年底",
        ("区发展和改革局",),
    ),
)


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.build([(PLAN, PLAN_PASSAGES)])


@pytest.fixture
def today() -> date:
    return TODAY
