"""Numbers that never belong in a chat (ID cards, bank cards): found by their own check digits, and hidden."""

import re

_DIGITS = r"(?<![\dA-Za-z])\d(?:[ -]?\d){13,18}(?:[ -]?[\dXx])?(?![\dA-Za-z])"
_LONG = re.compile(_DIGITS)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10X98765432"


def hide_numbers(text: str) -> str:
    """The same text with every ID-card and bank-card number starred out but for its last two characters."""
    return _LONG.sub(lambda found: _starred(found.group()), text)


def _starred(found: str) -> str:
    digits = re.sub(r"[ -]", "", found).upper()
    if _is_identity_card(digits) or _is_bank_card(digits):
        return "*" * (len(digits) - 2) + digits[-2:]
    return found


def _is_identity_card(digits: str) -> bool:
    if len(digits) == 15 and digits.isdigit():
        return _is_day("19" + digits[6:12])
    if len(digits) != 18 or not digits[:17].isdigit() or not _is_day(digits[6:14]):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits[:17], strict=True))
    return _CHECKS[total % 11] == digits[17]


def _is_day(written: str) -> bool:
    year, month, day = int(written[:4]), int(written[4:6]), int(written[6:])
    return 1900 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31


def _is_bank_card(digits: str) -> bool:
    """16 to 19 digits that pass the Luhn check."""
    if not digits.isdigit() or not 16 <= len(digits) <= 19:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
