"""What kind of fact a question asks for, and whether a sentence of policy text holds one."""

import re
from collections.abc import Iterable
from enum import StrEnum

import rjieba


class Aspect(StrEnum):
    AMOUNT = "amount"  # money
    COUNT = "count"
    FIGURE = "figure"  # 多少: money or a count, as the rest of the question says
    SUM = "sum"  # 标准, 每月: money, when the rest of the question is about money
    GOAL = "goal"  # 目标: a count, where there is one
    WHEN = "when"
    HOW_OFTEN = "how_often"
    HOW_LONG = "how_long"
    SPAN = "span"  # 多久, 几年: how often or how long
    WHO = "who"
    WHERE = "where"
    ADDRESS = "address"
    WHICH = "which"
    NAMES = "names"  # 名单: which ones exactly, by name
    WHOM = "whom"  # for whom it is
    WHETHER = "whether"
    HOW = "how"
    WHAT = "what"
    WHY = "why"
    STEPS = "steps"
    CONDITIONS = "conditions"
    PAPERS = "papers"
    BENEFITS = "benefits"
    PHONE = "phone"
    LINK = "link"
    HOURS = "hours"
    VALIDITY = "validity"
    PROGRESS = "progress"
    SHARE = "share"
    DOCUMENT_NUMBER = "document_number"
    DOCUMENT_DATE = "document_date"
    DOCUMENT_ISSUER = "document_issuer"


# Any sentence on the matter may answer these; asked for one of the others, it must hold such a fact.
_OPEN = frozenset(
    {
        Aspect.FIGURE,
        Aspect.SUM,
        Aspect.GOAL,
        Aspect.WHICH,
        Aspect.WHOM,
        Aspect.WHETHER,
        Aspect.HOW,
        Aspect.WHAT,
        Aspect.DOCUMENT_NUMBER,
        Aspect.DOCUMENT_DATE,
        Aspect.DOCUMENT_ISSUER,
    }
)
STRICT = frozenset(Aspect) - _OPEN

# 流程能简化吗 asks about the procedure, not for it: the sentence need only speak of the word itself.
NAMEABLE = frozenset(
    {Aspect.STEPS, Aspect.CONDITIONS, Aspect.PAPERS, Aspect.BENEFITS, Aspect.VALIDITY, Aspect.SPAN}
)

_POINTED = frozenset({Aspect.WHO, Aspect.WHEN, Aspect.WHERE, Aspect.ADDRESS})

_NUMBER = r"(?:\d+(?:\.\d+)?|[一二三四五六七八九十百千两]+)"
_PERIOD = r"(?:个)?(?:年|月|周|季度|日|天|星期)"
_EVERY = rf"每(?:{_NUMBER}|半)?{_PERIOD}"
_FROM_TO = r"\d{4}年?[—\-至到~]+\d{4}年"
_COUNTERS = r"(?:余|多)?(名|人|位|个(?!月)|张|场|次|期|回|届|家|项|大?类|档|所|套|间|篇|大|条|种|倍)"
_COUNTED = re.compile(rf"(?:\d+|(?<!每)[二三四五六七八九十百两][一二三四五六七八九十百]*){_COUNTERS}")
_AIMED = re.compile(rf"\d+{_COUNTERS}")
REGULARLY = "定期"
_ONCE = re.compile(r"一(次|场|期|回|届)")
_ASKED = re.compile(
    r"(?:多少|几)(?:个(?=人))?(?P<counter>名|人|位|张|场|次|期|回|届|种|大?类|项)|(?P<noun>人|场|期)[数次]"
    r"|(?:多少|几)个?(?P<people>博士后?|博后|人才|专家)(?!.{0,8}(?:站|平台|基地|成果|项目))"
)
_FAMILIES = {
    counter: family
    for family in (
        frozenset("名人位"),
        frozenset("场次期回届"),
        frozenset("张"),
        frozenset({"种", "类", "大类", "项"}),
    )
    for counter in family
}

_SIGNS: dict[Aspect, str] = {
    Aspect.AMOUNT: rf"{_NUMBER}\s*(?:万|亿|千|百)?元|元[)/人年月]*:\s*{_NUMBER}|全额|免费",
    Aspect.WHEN: rf"\d{{4}}年|(?<!\d)\d{{1,2}}月|{_EVERY}|[上下]半年|年底|年初|工作日",
    Aspect.HOW_OFTEN: _EVERY,
    Aspect.HOW_LONG: rf"(?<![每\d]){_NUMBER}(?:个)?(?:年|月|周|日|天|工作日|小时)(?:整改期|内|以内|期|之内)"
    rf"|有效期|{_FROM_TO}",
    Aspect.WHO: r"负责|牵头|责任单位|主管|承办|主办|[向找].{2,20}(?:反映|报告|申请|提出|报送)|统筹协调"
    r"|(?:部门|单位|机构|科室):",
    Aspect.WHOM: r"向[^,。;]{2,24}(?:发放|提供|给予)|对[^,。;]{2,60}给予|为[^,。;]{2,20}提供",
    Aspect.WHERE: r"位于|搬迁至|设在|地址|地点|坐落|到现场|现场办理|上门|\d+(?:号|楼|室|层|#)|窗口|大厦"
    r"|依托[^,。;]{2,12}(?:园|楼|大厦|中心|期)[^,。;]{0,4}(?:进行|建设|设立)|通过.{2,20}(?:渠道|平台|方式)|从.{2,20}列支",
    Aspect.ADDRESS: r"位于|搬迁至|设在|坐落|\d+(?:号|楼|室|层|#)|大厦",
    Aspect.STEPS: r"预约|上门办理|现场办理|到现场|流程(?:为|如下|包括)|步骤|登录|提交|填写|窗口|受理",
    Aspect.CONDITIONS: r"具备.{0,12}条件|符合.{0,20}条件|条件(?:为|如下|包括|是|:)|须|周岁|的,?予以|资格(?:为|条件)",
    Aspect.PAPERS: r"材料|证明|身份证|复印件|申请表|证书|原件",
    Aspect.BENEFITS: r"享受|优惠|减免|保障|优先|待遇|权益|奖励|资助|补贴"
    r"|提[高升][^,。;]{2,16}(?:效率|精准度|水平|知晓率)",
    Aspect.PHONE: r"\d{3,4}-\d{7,8}|(?<!\d)1\d{10}(?!\d)|电话|热线|邮箱|@|微信号",
    Aspect.LINK: r"https?://|www\.|网址|小程序|公众号",
    Aspect.HOURS: r"\d{1,2}[:：]\d{2}|上午|下午|工作日",
    Aspect.VALIDITY: rf"有效期|{_FROM_TO}|长期有效|届满|施行|起实施",
    Aspect.SHARE: r"\d+(?:\.\d+)?%|百分之|比例为",
    Aspect.WHY: r"为了|为贯彻|因为|由于|以便|旨在",
}
_PATTERNS = {aspect: re.compile(sign) for aspect, sign in _SIGNS.items()}
MONEY, LASTING = _PATTERNS[Aspect.AMOUNT], _PATTERNS[Aspect.HOW_LONG]
# 暨南大学、香港理工大学等高校; 人才政策事务代办、……共八大类贴心服务; 优秀、合格和不合格三个档次
_EXAMPLES = re.compile(
    r"、[^、,。;:]+?(?:等|共|[二三四五六七八九十\d]+(?:个|大类|大|类|项|种))(?P<kind>[^,。;:、]{2,10})"
)
_LISTED = re.compile(r"[^、,。;:]+(?:、[^、,。;:]+){2,}|“[^”]+”“|(?:设|分为|分)[^,。;]{2,30}个|名为")


def facts_in(sentence: str) -> frozenset[Aspect]:
    """The kinds of fact a (NFKC-normalised) sentence holds."""
    found = {aspect for aspect, pattern in _PATTERNS.items() if pattern.search(sentence)}
    if _COUNTED.search(sentence):
        found.add(Aspect.COUNT)
    if _AIMED.search(sentence):
        found.add(Aspect.GOAL)
    if found & {Aspect.HOW_OFTEN, Aspect.HOW_LONG}:
        found.add(Aspect.SPAN)
    if _LISTED.search(sentence):
        found.add(Aspect.WHICH)
    return frozenset(found)


def kinds_listed(sentence: str) -> str:
    """What the lists of a sentence are lists of."""
    return "\n".join(_kind(found["kind"]) for found in _EXAMPLES.finditer(sentence))


def _kind(said: str) -> str:
    """平台, of 六大平台引进的人才: what follows a verb is no name of the kind."""
    before, of, _ = said.partition("的")
    name = ""
    for word, tag in rjieba.tag(before):
        if of and tag == "v":
            break
        name += word
    return name or said


def counters_in(sentence: str) -> frozenset[str]:
    """What a sentence counts: 12场, 15人, and 一次 where things happen."""
    return frozenset(_COUNTED.findall(sentence)) | frozenset(_ONCE.findall(sentence))


def counters_asked(question: str) -> frozenset[str]:
    """多少场 is answered in 场, 次 or 期, 多少博士 in 人 or 名; 多少个 in anything."""
    return frozenset().union(*(_FAMILIES[_counter(found)] for found in _ASKED.finditer(question)))


def _counter(found: re.Match[str]) -> str:
    return "人" if found["people"] else found["counter"] or found["noun"]


def settle(aspects: Iterable[Aspect], about_money: bool) -> frozenset[Aspect]:
    """Decide what 多少 or 标准 means from the rest of the question."""
    asked = set(aspects)
    if Aspect.SUM in asked:
        asked.discard(Aspect.SUM)
        if about_money and not asked & {Aspect.COUNT, Aspect.WHO, Aspect.WHEN, Aspect.CONDITIONS}:
            asked.add(Aspect.AMOUNT)
    if Aspect.FIGURE in asked:
        asked.discard(Aspect.FIGURE)
        if not asked & {Aspect.COUNT, Aspect.AMOUNT, Aspect.DOCUMENT_NUMBER, Aspect.PHONE, Aspect.SHARE}:
            asked.add(Aspect.AMOUNT if about_money else Aspect.COUNT)
    if asked & {Aspect.HOW_OFTEN, Aspect.HOW_LONG}:
        asked.discard(Aspect.SPAN)
    if asked & _POINTED:  # 扶持政策由谁制定 asks who
        asked.discard(Aspect.BENEFITS)
    if Aspect.ADDRESS in asked:
        asked.discard(Aspect.WHERE)
    return frozenset(asked)
