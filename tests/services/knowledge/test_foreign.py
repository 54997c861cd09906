"""Foreign passages in, ranked ids out; a bad line is named."""

import json

import pytest

from services.knowledge.ranking.foreign import BadLine, rank_foreign

CORPUS = [
    '{"id": "a", "text": "银卡在服务窗口办理。"}',
    '{"id": 7, "text": "金卡由专员上门办理。", "title": "不看的字段"}',
]


def ranked(corpus: list[str], questions: list[str]) -> list[dict[str, object]]:
    return list(rank_foreign(corpus, questions))


def test_each_question_gets_its_ids_best_first_in_the_order_asked() -> None:
    asked = ['{"id": "q2", "question": "金卡怎么办理？"}', '{"id": "q1", "question": "银卡去哪里办理"}']
    assert ranked(CORPUS, asked) == [{"id": "q2", "ranked": [7, "a"]}, {"id": "q1", "ranked": ["a", 7]}]


def test_no_more_than_ten_ids_are_given() -> None:
    corpus = [json.dumps({"id": n, "text": f"第{n}条 补贴"}, ensure_ascii=False) for n in range(30)]
    (found,) = ranked(corpus, ['{"id": 1, "question": "补贴"}'])
    assert len(found["ranked"]) == 10  # type: ignore[arg-type]


def test_a_question_that_meets_nothing_is_answered_with_no_id() -> None:
    assert ranked(CORPUS, ['{"id": 1, "question": "xyz"}', '{"id": 2, "question": ""}']) == [
        {"id": 1, "ranked": []},
        {"id": 2, "ranked": []},
    ]


def test_an_empty_corpus_ranks_nothing() -> None:
    assert ranked([], ['{"id": 1, "question": "补贴"}']) == [{"id": 1, "ranked": []}]


def test_blank_lines_and_a_byte_order_mark_are_passed_over_but_counted() -> None:
    lines = ["\ufeff" + CORPUS[0] + "\r\n", "\n", "oops"]
    with pytest.raises(BadLine, match=r"^语料第 3 行不是合法的 JSON。$"):
        ranked(lines, [])
    assert ranked(lines[:2], ['{"id": 1, "question": "银卡"}']) == [{"id": 1, "ranked": ["a"]}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "语料第 3 行不是合法的 JSON。"),
        ("[" * 100_000, "语料第 3 行不是合法的 JSON。"),
        ("[1]", "语料第 3 行应是一个 JSON 对象。"),
        ('{"text": "x"}', "语料第 3 行缺少 id（文字或整数）。"),
        ('{"id": [], "text": "x"}', "语料第 3 行缺少 id（文字或整数）。"),
        ('{"id": true, "text": "x"}', "语料第 3 行缺少 id（文字或整数）。"),
        ('{"id": "b", "text": null}', "语料第 3 行缺少文字字段 text。"),
        ('{"id": "a", "text": "x"}', "语料第 3 行的 id 与前面重复：a。"),
    ],
)
def test_a_bad_corpus_line_is_named_in_one_sentence(line: str, said: str) -> None:
    with pytest.raises(BadLine) as caught:
        ranked([*CORPUS, line], [])
    assert str(caught.value) == said


def test_questions_before_a_bad_one_are_answered_and_the_bad_one_is_named() -> None:
    answers = rank_foreign(CORPUS, ['{"id": 1, "question": "银卡"}', '{"id": 2, "text": "银卡"}'])
    assert next(answers)["id"] == 1
    with pytest.raises(BadLine, match=r"^问题第 2 行缺少文字字段 question。$"):
        next(answers)
