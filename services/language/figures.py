"""Numbers as they are written: 二〇二三年, 3万元, 三万, 30000元 come out the same in questions and in documents."""

import re

_DIGIT = dict(zip("〇零一二三四五六七八九两", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True))
_YEAR_IN_WORDS = re.compile(r"[〇零一二三四五六七八九]{4}(?=年)")
_MONEY_IN_WORDS = re.compile(r"[一二三四五六七八九十百千两]+(?=[万元块])")
_KINDS = re.compile(r"(?<!\d)[1-9](?=大|类)")
_WORD = "零一二三四五六七八九"
_FIGURE = re.compile(
    r"(?P<year>\d{4}|(?<!\d)2\d(?=年))年?(?P<part>底|末|初)?(?P<month>\d{1,2}月)?(?P<day>\d{1,2}日)?"
    r"|(?P<money>\d+(?:\.\d+)?)(?P<unit>万元|万|元|块)"
    r"|(?P<number>\d+(?:\.\d+)?)(?P<counter>[^\W\d_a-z等]|%)?"
)
_FIGURE_SIGN = re.compile(r"\d")


def digits(text: str) -> str:
    """Numerals in words where they are a year or a sum; words for the few kinds that have names (六大平台)."""
    text = _YEAR_IN_WORDS.sub(lambda found: "".join(str(_DIGIT[char]) for char in found.group()), text)
    text = _KINDS.sub(lambda found: _WORD[int(found.group())], text)
    return _MONEY_IN_WORDS.sub(lambda found: str(_value(found.group())), text)


def figures_in(text: str) -> list[tuple[int, int, tuple[str, ...]]]:
    """Start, end, and the terms each figure is found by, the most exact first."""
    if not _FIGURE_SIGN.search(text):
        return []
    return [(found.start(), found.end(), _terms(found)) for found in _FIGURE.finditer(text)]


def _terms(found: re.Match[str]) -> tuple[str, ...]:
    if found["year"]:
        year = found["year"] if len(found["year"]) == 4 else "20" + found["year"]
        exact = f"{year}年" + (found["month"] or "") + ("底" if found["part"] in ("底", "末") else "")
        return tuple(dict.fromkeys((exact, f"{year}年", f"{year}年底", found["month"] or exact)))
    if found["money"]:
        return (_sum(float(found["money"]) * (10_000 if "万" in found["unit"] else 1)),)
    number = found["number"]
    return (f"{number}{found['counter']}",) if found["counter"] else (number,)


def _sum(value: float) -> str:
    return f"{value:.0f}元" if value == int(value) else f"{value}元"


def _value(words: str) -> int:
    total = current = 0
    for char in words:
        unit = {"十": 10, "百": 100, "千": 1000}.get(char)
        if unit:
            total += (current or 1) * unit
            current = 0
        else:
            current = _DIGIT[char]
    return total + current
