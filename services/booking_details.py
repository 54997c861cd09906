"""What a person tells for an appointment: each answer checked on its own, never more than is needed."""

import re
import unicodedata
from collections.abc import Mapping

from services.booking_terms import Refused, Standing, Tier
from services.cycles import Service
from services.masking import hide_numbers

_LONGEST = {"name": 40, "phone": 20, "employer": 60, "address": 120, "contact": 60}
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_OTHER_PHONE = re.compile(r"\+?\d{7,15}")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .·•'’-])*")


class BadDetail(Refused):
    """An answer that cannot be taken; `reason` names the sentence that says why."""

    def __init__(self, field: str, reason: str):
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


def fields(tier: Tier) -> tuple[str, ...]:
    """In the order in which they are asked."""
    own = ("name", "phone", "employer", "standing")
    return (*own, "address", "contact") if tier.service is Service.VISIT else own


def clean(field: str, text: str) -> str:
    """The answer as it is kept. Raises `BadDetail`."""
    said = " ".join(unicodedata.normalize("NFKC", text).split())
    if hide_numbers(said) != said or "***" in said:
        raise BadDetail(field, "number_hidden")
    if field == "standing":
        return _standing(said)
    if not said or len(said) > _LONGEST[field]:
        raise BadDetail(field, "too_long" if said else "empty")
    if field == "phone":
        return _phone(said)
    if field == "name" and not _NAME.fullmatch(said):
        raise BadDetail(field, "odd_name")
    return said


def complete(tier: Tier, told: Mapping[str, str]) -> dict[str, str]:
    """Every field of the tier, cleaned. Raises `BadDetail` for the first one that is not there."""
    return {field: clean(field, told.get(field, "")) for field in fields(tier)}


def missing(tier: Tier, told: Mapping[str, str]) -> str | None:
    return next((field for field in fields(tier) if field not in told), None)


def masked_phone(phone: str) -> str:
    return phone[:3] + "*" * max(0, len(phone) - 7) + phone[-4:] if len(phone) > 7 else phone


def _standing(said: str) -> str:
    try:
        return Standing(said).value
    except ValueError as error:
        raise BadDetail("standing", "choose") from error


def _phone(said: str) -> str:
    digits = re.sub(r"[ ()-]", "", said)
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return mobile[1]
    if not _OTHER_PHONE.fullmatch(digits):
        raise BadDetail("phone", "odd_phone")
    return digits
