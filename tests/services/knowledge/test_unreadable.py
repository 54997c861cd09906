"""A file that cannot be read gets one sentence, which says what to do and how much is allowed."""

import pytest

from services.knowledge.documents import read_document
from services.knowledge.unreadable import MAX_BYTES, DocumentUnreadable, Unreadable
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
