"""How questions are understood: scripts, slips, pinyin, English, padding, figures, facts asked for."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.knowledge.answering.answers import Outcome, answer, answers
from services.knowledge.answering.library import Library
from services.knowledge.answering.splitting import split
from services.language.facts_asked import Aspect
from services.language.figures import digits, figures_in
from services.language.question import LONGEST_QUESTION, Reading, clean, read
from services.language.typing_slips import mend


def understood(question: str, library: Library) -> Reading:
    return read(clean(question, library.vocabulary.lexicon), library.vocabulary)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("優才卡點樣預約", "优才卡怎么预约"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("优才卡\u200b\u0007怎么约🙂", "优才卡怎么约"),
        ("總站引進博士後補貼幾多錢", "总站引进博士后补贴多少钱"),
        ("by the end of 2024", "2024年底"),
    ],
)
def test_scripts_widths_and_dialects_become_one(library: Library, typed: str, meant: str) -> None:
    assert clean(typed, library.vocabulary.lexicon) == meant


def test_no_more_than_the_limit_is_read(library: Library) -> None:
    assert len(clean("优" * 1_000_000, library.vocabulary.lexicon)) == LONGEST_QUESTION


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("有才卡", "优才卡"),
        ("优材卡", "优才卡"),
        ("人材驿站", "人才驿站"),
        ("人才译站", "人才驿站"),
        ("园区总占", "园区总站"),
        ("博土后", "博士后"),
        ("钻石咔", "钻石卡"),
        ("配欧就业", "配偶就业"),
        ("建站补帖", "建站补贴"),
    ],
)
def test_a_slip_is_read_as_the_word_that_sounds_or_looks_like_it(
    library: Library, typed: str, meant: str
) -> None:
    assert mend(typed, library.vocabulary) == meant


@pytest.mark.parametrize(
    "text",
    [
        "江门机场",
        "你们有哪些",
        "补助经费",
        "银行卡",
        "建多少平台",
        "社保卡",
        "有事找你",
        "会计师",
        "人才市场",
        "公积金",
    ],
)
def test_words_that_are_right_stay(library: Library, text: str) -> None:
    assert mend(text, library.vocabulary) == text


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("youcaika zenme yuyue", "每两周开放一次办卡预约"),
        ("YouCaiKa duojiu kaifang yici", "每两周开放一次办卡预约"),
        ("zinv ruxue guan ma", "子女入学"),
        ("优才卡 zenme 约", "每两周开放一次办卡预约"),
        ("How often can I book the Youcai card?", "每两周开放一次办卡预约"),
        ("Is there any help with my wife's job?", "配偶就业"),
        ("how do I book youcaika", "每两周开放一次办卡预约"),
        ("Where do I go with a silver card?", "银卡持卡人到现场办理"),
    ],
)
def test_pinyin_and_english_find_the_chinese_clause(
    library: Library, today: date, question: str, quoted: str
) -> None:
    assert quoted in answer(question, library, today).said


@pytest.mark.parametrize(
    "question",
    ["shenfenzheng buban", "tianqi zenmeyang", "how to cook rice", "who won the cup", "qwert asdf"],
)
def test_pinyin_and_english_about_other_things_are_declined(
    library: Library, today: date, question: str
) -> None:
    assert answer(question, library, today).outcome is Outcome.REFUSE


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("建站补贴多少", Aspect.AMOUNT),
        ("建站补贴什么标准", Aspect.AMOUNT),
        ("工作站有多少", Aspect.COUNT),
        ("每年发几张卡", Aspect.COUNT),
        ("江海行几月办", Aspect.WHEN),
        ("多久开放一次预约", Aspect.SPAN),
        ("补贴归哪个部门管", Aspect.WHO),
        ("分中心搬到哪里", Aspect.WHERE),
        ("优才卡要什么材料", Aspect.PAPERS),
        ("优才卡申请条件", Aspect.CONDITIONS),
        ("金卡有什么待遇", Aspect.BENEFITS),
        ("预约电话", Aspect.PHONE),
        ("这份文件的文号", Aspect.DOCUMENT_NUMBER),
    ],
)
def test_the_kind_of_fact_is_recognised(library: Library, question: str, aspect: Aspect) -> None:
    assert aspect in understood(question, library).aspects


def test_what_nobody_knows_is_marked_and_padding_is_gone(library: Library) -> None:
    reading = understood("您好，请问一下公积金怎么提取呢？谢谢", library)
    assert "公积金" in [token.said for token in reading.tokens if not token.known]
    assert "请问一下" not in [token.said for token in reading.required]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("二〇二三年", {"2023年"}),
        ("23年", {"2023年"}),
        ("2023", {"2023年"}),
        ("2024年底", {"2024年底", "2024年"}),
        ("三万元", {"30000元"}),
        ("3万", {"30000元"}),
        ("100张", {"100张"}),
    ],
)
def test_figures_come_out_the_same_however_they_are_written(text: str, terms: set[str]) -> None:
    ((_, _, found),) = figures_in(digits(text))
    assert terms <= set(found)


@pytest.mark.parametrize(
    ("message", "questions"),
    [
        ("优才卡怎么约?孩子上学管吗?", ["优才卡怎么约?", "孩子上学管吗?"]),
        ("你好。我是博士后。优才卡怎么约?", ["你好。我是博士后。优才卡怎么约?"]),
        ("优才卡怎么约", ["优才卡怎么约"]),
        ("???", ["???"]),
    ],
)
def test_a_message_is_cut_at_its_question_marks(message: str, questions: list[str]) -> None:
    assert split(message, 3) == questions


def test_background_does_not_drown_the_point(library: Library, today: date) -> None:
    said = answer("我去年刚从老家搬过来，人生地不熟，银卡到哪里办？", library, today)
    assert "银卡持卡人到现场办理" in said.said


@settings(max_examples=150, deadline=None)
@given(
    message=st.one_of(
        st.text(max_size=700),
        st.text(alphabet="优才卡博士后补贴多少钱预约银金钻石?？，。 \n2024年3万元abcyouk", max_size=200),
        st.text(alphabet=st.characters(whitelist_categories=["So", "Cc", "Cf", "Mn"]), max_size=200),
    ),
    previous=st.text(alphabet="优才卡那金银呢?什么时候 ", max_size=20),
)
def test_no_message_breaks_it(library: Library, message: str, previous: str) -> None:
    for said in answers(message, library, date(2026, 11, 24), previous):
        assert said.said
        assert bool(said.citations) == (said.outcome is not Outcome.REFUSE)
        assert bool(said.reason) == (said.outcome is Outcome.REFUSE)


def test_a_megabyte_is_answered_like_its_beginning(library: Library, today: date) -> None:
    assert answers("优才卡怎么约？" + "哈" * 1_000_000, library, today)[0].outcome is Outcome.ANSWER
