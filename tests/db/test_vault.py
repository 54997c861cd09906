"""What is sealed opens with its key and no other; marks are found again; nothing readable is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.vault import Unreadable, Vault, new_key

OLD, NEW = new_key(), new_key()
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY_TEXT)
def test_what_is_sealed_opens_again(text: str) -> None:
    vault = Vault([OLD])
    assert vault.open(vault.seal(text)) == text


def test_sealing_the_same_twice_looks_different_each_time() -> None:
    vault = Vault([OLD])
    assert vault.seal("13800000000") != vault.seal("13800000000")


def test_a_newer_key_in_front_still_opens_what_the_older_sealed_and_finds_its_marks() -> None:
    before, after = Vault([OLD]), Vault([NEW, OLD])
    assert after.open(before.seal("陈博士")) == "陈博士"
    assert after.mark("42") == before.mark("42")
    assert after.signed("42", before.sign("42"))
    with pytest.raises(Unreadable):
        before.open(after.seal("陈博士"))


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(40)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        Vault([OLD]).open(sealed)


def test_a_signature_is_good_for_one_text_and_key() -> None:
    vault = Vault([OLD])
    assert not vault.signed("43", vault.sign("42"))
    assert not Vault([NEW]).signed("42", vault.sign("42"))
    assert not vault.signed("42", "不是签名")
    assert vault.mark("42") != vault.sign("42")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        Vault(["short"])
