"""What kind of fact a question asks for, and whether a sentence of policy text holds one."""

import re
from collections.abc import Iterable
from enum import StrEnum


class Aspect(StrEnum):
    AMOUNT = "amount"  # money
    FIGURE = "figure"  # 多少, 标准: money or a count, as the rest of the question says
    COUNT = "count"
    WHEN = "when"
    HOW_OFTEN = "how_often"
    HOW_LONG = "how_long"
    WHO = "who"
    WHERE = "where"
    WHICH = "which"
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


# Asked for one of these, a sentence without such a fact is no answer.
STRICT = frozenset(
    {
        Aspect.AMOUNT,
        Aspect.COUNT,
        Aspect.WHEN,
        Aspect.HOW_OFTEN,
        Aspect.HOW_LONG,
        Aspect.WHO,
        Aspect.WHERE,
        Aspect.STEPS,
        Aspect.CONDITIONS,
        Aspect.PAPERS,
        Aspect.BENEFITS,
        Aspect.PHONE,
        Aspect.LINK,
        Aspect.HOURS,
        Aspect.VALIDITY,
        Aspect.PROGRESS,
        Aspect.SHARE,
        Aspect.WHY,
    }
)

_N = r"(?:\d+(?:\.\d+)?|[一二三四五六七八九十百千两]+)"
_SIGNS: dict[Aspect, str] = {
    Aspect.AMOUNT: rf"{_N}\s*(?:万|亿|千|百)?元|全额|免费",
    Aspect.COUNT: r"(?:\d+|(?<!每)[二三四五六七八九十百两][一二三四五六七八九十百]*)(?:余|多)?"
    r"(?:名|人|个(?!月)|张|场|次|家|项|期|大?类|档|所|位|套|间|届|篇|大|条|种|倍|平方)",
    Aspect.WHEN: rf"\d{{4}}年|(?<!\d)\d{{1,2}}月|每(?:{_N}|半)?(?:个)?(?:年|月|周|季度|日|天|星期)"
    r"|[上下]半年|年底|年初|工作日",
    Aspect.HOW_OFTEN: rf"每(?:{_N}|半)?(?:个)?(?:年|月|周|季度|日|天|星期)",
    Aspect.HOW_LONG: rf"(?<![每\d]){_N}(?:个)?(?:年(?!\d*月|底|初|内?引进|内?新建)|月(?!\d)|周|日|天|工作日|小时)"
    r"(?:整改期|内|以内|期|之内|以上)|期限|有效期|\d{4}年[—\-至到~]+\d{4}年",
    Aspect.WHO: r"负责|牵头|责任单位|主管|承办|主办",
    Aspect.WHERE: r"位于|搬迁至|设在|地址|地点|坐落|现场|上门|\d+(?:号|楼|室|层|#)|窗口|大厦|主楼|园区内",
    Aspect.STEPS: r"预约|上门办理|现场办理|到现场|流程(?:为|如下|包括)|步骤|登录|提交|填写|窗口|受理",
    Aspect.CONDITIONS: r"应当具备|具备.{0,12}条件|符合.{0,20}条件|条件(?:为|如下|包括|是)|须|周岁|资格(?:为|条件)",
    Aspect.PAPERS: r"材料|证明|身份证|复印件|申请表|证书|原件",
    Aspect.BENEFITS: r"享受|优惠|免费|减免|保障|优先|待遇|权益",
    Aspect.PHONE: r"\d{3,4}-\d{7,8}|(?<!\d)1\d{10}(?!\d)|电话|热线|邮箱|@|微信号",
    Aspect.LINK: r"https?://|www\.|网址|小程序|公众号",
    Aspect.HOURS: r"\d{1,2}[:：]\d{2}|上午|下午|工作日",
    Aspect.VALIDITY: r"有效期|\d{4}年[—\-至到~]+\d{4}年|长期有效|届满|施行|起实施",
    Aspect.PROGRESS: r"(?!)",
    Aspect.SHARE: r"\d+(?:\.\d+)?%|百分之|比例为",
    Aspect.WHY: r"为了|为贯彻|因为|由于|以便|旨在",
}
_PATTERNS = {aspect: re.compile(sign) for aspect, sign in _SIGNS.items()}
MONEY = _PATTERNS[Aspect.AMOUNT]
_LISTED = re.compile(r"、|“[^”]+”|^\s*\d+\.|(?:分|设)(?:为)?|名为")


def facts_in(sentence: str) -> frozenset[Aspect]:
    """The kinds of fact a (NFKC-normalised) sentence holds."""
    found = {aspect for aspect, pattern in _PATTERNS.items() if pattern.search(sentence)}
    if _LISTED.search(sentence):
        found.add(Aspect.WHICH)
    return frozenset(found)


def settle(aspects: Iterable[Aspect], about_money: bool) -> frozenset[Aspect]:
    """Decide what 多少 or 标准 means from the rest of the question."""
    asked = set(aspects)
    if Aspect.FIGURE in asked:
        asked.discard(Aspect.FIGURE)
        if Aspect.COUNT not in asked and Aspect.AMOUNT not in asked:
            asked.add(Aspect.AMOUNT if about_money else Aspect.COUNT)
    return frozenset(asked)
