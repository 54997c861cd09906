"""A file that cannot be read gets one sentence, which says what to do and how much is allowed."""

import codecs
import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.knowledge.reading.documents import read_document
from services.knowledge.reading.sandbox import blocks_of
from services.knowledge.reading.typography import LONGEST
from services.knowledge.reading.unreadable import (
    MAX_BYTES,
    MAX_CHARACTERS,
    MAX_MEMORY,
    MAX_PAGES,
    MAX_PART,
    MAX_PASSAGES,
    MAX_SECONDS,
    MAX_UNPACKED,
    OLD_OFFICE,
    DocumentUnreadable,
    Unreadable,
)
from services.texts import Texts


def refusal(name: str, content: bytes) -> Unreadable:
    with pytest.raises(DocumentUnreadable) as refused:
        read_document(name, content)
    return refused.value.reason


@pytest.mark.parametrize("reason", Unreadable)
def test_each_reason_has_a_sentence_of_its_own(reason: Unreadable) -> None:
    said = {
        other: Texts().say("knowledge/unreadable", reason=other, **DocumentUnreadable(other).values)
        for other in Unreadable
    }
    assert said[reason].endswith("。")
    assert "\n" not in said[reason]
    assert [other for other in Unreadable if said[other] == said[reason]] == [reason]


def test_a_limit_is_told() -> None:
    refused = DocumentUnreadable(Unreadable.TOO_LARGE)
    assert "20 MB" in Texts().say("knowledge/unreadable", reason=refused.reason, **refused.values)


def test_the_documentation_states_the_limits_that_hold() -> None:
    told = (Path(__file__).resolve().parents[3] / "docs" / "documents.md").read_text(encoding="utf-8")
    assert f"文件 {MAX_BYTES // 2**20} MB，PDF {MAX_PAGES} 页，文字 {MAX_CHARACTERS // 10_000} 万" in told
    assert f"条款 {MAX_PASSAGES} 条；Word 解开后 {MAX_UNPACKED // 2**20} MB" in told
    assert f"单个部分 {MAX_PART // 2**20} MB；读取 {MAX_SECONDS} 秒、内存 {MAX_MEMORY // 2**30} GB" in told
    assert f"一条超过 {LONGEST} 字" in told


@pytest.mark.parametrize("name", ["政策.xlsx", "政策", "政策.exe", ".md.", "", "a/b.html"])
def test_a_file_of_another_kind_is_refused(name: str) -> None:
    assert refusal(name, b"text") is Unreadable.UNKNOWN_TYPE


def test_an_empty_file_is_refused() -> None:
    assert refusal("a.md", b"") is Unreadable.EMPTY
    assert refusal("a.md", b" \n\t") is Unreadable.EMPTY
    assert refusal("a.md", "\ufeff \n".encode()) is Unreadable.EMPTY


def test_a_file_past_the_limit_is_refused_unread() -> None:
    assert refusal("a.md", b"a" * (MAX_BYTES + 1)) is Unreadable.TOO_LARGE


def test_what_is_not_writing_is_refused() -> None:
    assert refusal("a.md", bytes(range(256)) * 20) is Unreadable.ENCODING
    assert refusal("a.md", b"\xff\xfe\x00\xd8\x00\x00") is Unreadable.ENCODING


KINDS = (".md", ".txt", ".docx", ".pdf")
STARTS = (b"", b"PK\x03\x04", b"%PDF-1.7\n", OLD_OFFICE, codecs.BOM_UTF16_LE, codecs.BOM_UTF8)
SIGNS = "一二三第条章、（）()《》“。，；：|#-*\t\n 1.①年月日附件责任牵头单位局a\u3000\ufeff"


def readable(name: str, content: bytes) -> bool:
    try:
        read_document(name, content)
    except DocumentUnreadable:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(st.sampled_from((".md", ".txt")), st.sampled_from(STARTS), st.binary(max_size=2_000))
def test_random_bytes_never_raise_anything_else_as_text(kind: str, start: bytes, content: bytes) -> None:
    readable(f"a{kind}", start + content)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(("docx", "pdf")), st.sampled_from(STARTS), st.binary(max_size=2_000))
def test_random_bytes_never_raise_anything_else_in_a_parser(kind: str, start: bytes, content: bytes) -> None:
    with contextlib.suppress(DocumentUnreadable):
        blocks_of(kind, start + content)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start", STARTS)
def test_garbage_is_refused_whatever_it_claims_to_be(kind: str, start: bytes) -> None:
    assert not readable(f"a{kind}", start + bytes(range(128, 256)) * 9)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from((".md", ".txt")), st.text(SIGNS, max_size=400))
def test_any_writing_is_read_with_distinct_labels_or_refused(kind: str, text: str) -> None:
    try:
        document = read_document(f"a{kind}", text.encode())
    except DocumentUnreadable:
        return
    labels = [passage.label for passage in document.passages]
    assert len(set(labels)) == len(labels)
    assert all(passage.text and passage.label for passage in document.passages)


@pytest.mark.parametrize(
    "text",
    [
        "# a" + " " * 900_000 + "b",
        "." * 900_000,
        "（" * 900_000,
        "(" * 900_000,
        "办法（" * 300_000,
        "关于印发《" * 200_000,
        "保障" * 450_000,
        "a\tb\nc\n" * 150_000,
        "\t" * 900_000 + "\na\tb\n" * 3,
        "|" * 900_000 + "\n|a|b|" * 5_000,
        "任务\t工作内容\t责任单位\n" + "引才\t办事\t" + "保障" * 400_000,
        "1.\n" * 300_000,
        "#" * 6 + " 一\n" * 200_000,
        "牵头单位：" * 180_000,
        "、\n" * 400_000,
    ],
    ids=range(15),
)
@pytest.mark.parametrize("kind", [".md", ".txt"])
def test_hostile_writing_is_read_or_refused_in_bounded_steps(kind: str, text: str) -> None:
    readable(f"a{kind}", text.encode())
