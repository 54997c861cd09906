"""Ranking: what is asked for comes first, the same every time, whatever is thrown at it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.knowledge.ranking import index as ranking
from services.knowledge.ranking.index import Index
from services.language.terms import LONGEST_QUESTION, asked

CLAUSES = [
    "优才卡每两周开放一次预约。银卡持卡人到服务窗口办理。",
    "钻石卡、金卡由工作人员上门办理。",
    "每年举办不少于12场人才交流活动。",
    "每新增一个博士后创新实践基地分站，给予园区总站3万元。",
    "建立江门籍毕业生跟踪联系机制，吸引博士回归从事博士后研究。",
    "",
    "！！！……",
]
HOSTILE = [
    "",
    " ",
    "\x00\x07\x1b[31m",
    "\ud800\udfff",
    "？" * 500,
    "😀" * 10_000,
    "a" * 100_000,
    "吗呢吧",
    "\u202e" * 9,
]
RARE = "囧槑烎兲叕嘦嫑巭怹氼"


def positions(index: Index, question: str, k: int = 10) -> list[int]:
    return [position for position, _ in index.rank(question, k)]


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(CLAUSES)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("银卡在哪里办？", 0),
        ("优才卡多久开放一次预约", 0),
        ("金卡可以上门吗", 1),
        ("一年有多少场活动？", 2),
        ("建分站给总站几万元", 3),
        ("江门籍毕业生怎么联系", 4),
    ],
)
def test_the_clause_that_speaks_of_it_comes_first(index: Index, question: str, first: int) -> None:
    assert positions(index, question)[0] == first


@pytest.mark.parametrize("question", ["鑽石卡、金卡是誰上門辦理？", "鉆石卡上門"])
def test_a_traditional_question_finds_simplified_text(index: Index, question: str) -> None:
    assert positions(index, question)[0] == 1


def test_a_simplified_question_finds_traditional_text() -> None:
    assert positions(Index.build(["補貼標準另行公佈", "臺灣青年創業"]), "台湾青年创业")[0] == 1


def test_width_and_case_make_no_difference() -> None:
    index = Index.build(["ＰＨＤ 人才１２名", "别的"])
    assert index.rank("phd12", 5) == index.rank("ＰｈＤ１２", 5)
    assert positions(index, "PhD")[0] == 0


def test_words_that_only_ask_find_nothing_beside_others(index: Index) -> None:
    assert asked("请问金卡怎么办理").split() == ["金卡", "办理"]
    assert index.rank("请问金卡怎么办理？", 5) == index.rank("金卡 办理", 5)


def test_a_question_of_nothing_but_asking_words_is_kept_whole() -> None:
    assert positions(Index.build(["补贴标准", "什么是博士后"]), "什么") == [1]


def test_only_clauses_that_share_a_term_are_named_best_first(index: Index) -> None:
    ranked = index.rank("博士后", 10)
    assert {position for position, _ in ranked} == {3, 4}
    assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
    assert all(score > 0 for _, score in ranked)


def test_equals_keep_the_order_of_the_documents() -> None:
    assert positions(Index.build(["金卡办理"] * 300), "金卡", 5) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("k", [-1, 0, 1, 3, 1_000])
def test_never_more_than_asked_for(index: Index, k: int) -> None:
    assert len(index.rank("博士后办理金卡活动", k)) <= max(k, 0)


@pytest.mark.parametrize("texts", [[], [""], ["", "。。。"]])
def test_a_corpus_without_words_ranks_nothing(texts: list[str]) -> None:
    index = Index.build(texts)
    assert len(index) == len(texts)
    assert index.rank("金卡", 10) == []


@pytest.mark.parametrize("question", HOSTILE)
def test_a_hostile_question_is_ranked_without_a_fault(index: Index, question: str) -> None:
    assert len(index.rank(question, 10)) <= 10


def test_hostile_texts_stand_in_nobodys_way() -> None:
    index = Index.build([*HOSTILE, *CLAUSES])
    assert positions(index, "银卡在哪里办？")[0] == len(HOSTILE)


def test_invisible_characters_part_nothing(index: Index) -> None:
    assert index.rank("金\u200b卡\x00上\ufeff门", 3) == index.rank("金卡上门", 3)


def test_a_huge_question_is_read_to_a_limit(index: Index) -> None:
    assert index.rank("金" + "，" * LONGEST_QUESTION + "银卡", 5) == index.rank("金", 5)


def test_the_same_texts_rank_the_same_after_a_rebuild(index: Index) -> None:
    again = Index.build(iter(CLAUSES))
    for question in ("博士后补贴", "金卡预约", "活动"):
        assert again.rank(question, 10) == index.rank(question, 10) == index.rank(question, 10)


def test_the_best_sentence_lifts_a_long_clause_over_scattered_words() -> None:
    rest = "其他事项另行通知并按有关规定执行。" * 3
    scattered = f"上门服务。{rest}预约开放。金卡样式。"
    together = f"{rest}金卡预约上门。其他"
    assert positions(Index.build([scattered, together]), "金卡预约上门")[0] == 1


def test_common_terms_looked_up_late_change_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    texts = ["".join(random.choice(list("博士后金银卡办理预约活动补贴年度考核区县"), 12)) for _ in range(400)]
    index = Index.build(texts)
    whole = [index.rank(text[:6], 10) for text in texts[:40]]
    monkeypatch.setattr(ranking, "_READ_WHOLE", 500)
    bounded = [index.rank(text[:6], 10) for text in texts[:40]]
    assert [[position for position, _ in one] for one in bounded] == [[p for p, _ in one] for one in whole]


@given(
    others=st.lists(st.text(alphabet="博士后金银卡办理预约活动年。", max_size=60), max_size=12),
    before=st.text(alphabet="博士后金银卡办理预约活动年。", max_size=60),
    rare=st.text(alphabet=RARE, min_size=4, max_size=10),
    place=st.integers(0, 12),
)
@settings(max_examples=60, deadline=None)
def test_its_own_rare_sentence_ranks_a_passage_first(
    others: list[str], before: str, rare: str, place: int
) -> None:
    texts = [*others[:place], f"{before}。{rare}。", *others[place:]]
    assert positions(Index.build(texts), rare) == [min(place, len(others))]


@given(texts=st.lists(st.text(max_size=40), max_size=8), question=st.text(max_size=60), k=st.integers(0, 6))
@settings(max_examples=100, deadline=None)
def test_anything_is_ranked_in_order_and_within_the_corpus(texts: list[str], question: str, k: int) -> None:
    ranked = Index.build(texts).rank(question, k)
    assert len(ranked) <= k
    assert all(0 <= position < len(texts) and score > 0 for position, score in ranked)
    assert ranked == sorted(ranked, key=lambda one: (-one[1], one[0]))
