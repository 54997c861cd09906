"""What holds of every button and every no around appointments."""

from handlers.refusals import spelled
from services.booking_terms import Refused
from services.texts import Texts
from tests.cast import NOON


def test_every_choice_fits_into_64_bytes() -> None:
    big = 10**12
    longest = f"book.move.to:{big}:{10**4}:{big}"
    assert len(longest.encode()) <= 64
    assert len(f"book.join:diamond:replacement:{NOON.date()}") <= 64


def test_every_no_of_the_office_has_its_sentence() -> None:
    kinds = Refused.__subclasses__()
    assert len({Texts().say(f"booking/no{spelled(kind)}") for kind in kinds}) == len(kinds) >= 8
