"""How Chinese text is printed: one width of punctuation, no stray spaces or marks, pieces of a quotable length."""

import re

LONGEST = 400  # characters of one passage, where sentences permit

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_WIDE = f"{_HAN}\u3000-\u303f\uff00-\uffef“”‘’—…"
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffe\uffff]"
)
_NARROW = str.maketrans(
    {
        code: code - 0xFEE0
        for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0E)
    }
)
_PAIR = re.compile(rf"(?P<before>[{_WIDE}]?)\((?P<inside>[^()]*)\)(?=(?P<after>[{_WIDE}]?))")
_SIGN = re.compile(rf"(?<=[{_WIDE}])[,;:?!()]|[,;:?!()](?=[{_WIDE}])")
_SIGNS = str.maketrans(",;:?!()", "，；：？！（）")
_SPACE = re.compile(
    rf"(?<=[{_WIDE}])[ \t]+(?=[{_WIDE}\d])|(?<=\d)[ \t]+(?=[{_WIDE}])|(?<=\d\.)[ \t]+(?=[{_WIDE}])"
)
_SENTENCE = re.compile(r"[^。！？\n]*(?:[。！？]+[”’」）]*\n?|\n)|[^。！？\n]+")
_PART = re.compile(r"[^；;，,]*[；;，,]|[^；;，,]+")


def unify(text: str) -> str:
    """The same words in one width: full-width signs beside Chinese, half-width digits and letters."""
    text = _INVISIBLE.sub("", text).replace("**", "").replace("\u00a0", " ").replace("\u3000", " ")
    text = _PAIR.sub(_brackets, text.translate(_NARROW))
    text = _SPACE.sub("", _SIGN.sub(lambda sign: sign[0].translate(_SIGNS), text))
    return re.sub(r"[ \t]+", " ", text).strip()


def _brackets(found: re.Match[str]) -> str:
    chinese = found["before"] or found["after"] or re.search(f"[{_WIDE}]", found["inside"])
    return f"{found['before']}（{found['inside']}）" if chinese else found[0]


def one_line(text: str) -> str:
    return unify(" ".join(text.split()))


def pieces(text: str) -> list[str]:
    """Cut after sentences into pieces of at most `LONGEST`; a longer sentence is cut where it pauses."""
    cut = [""]
    for sentence in _SENTENCE.findall(text):
        for part in [sentence] if len(sentence) <= LONGEST else _pauses(sentence):
            if cut[-1] and len(cut[-1]) + len(part) > LONGEST:
                cut.append("")
            cut[-1] += part
    return [piece.strip() for piece in cut if piece.strip()]


def _pauses(sentence: str) -> list[str]:
    return [
        part[start : start + LONGEST]
        for part in _PART.findall(sentence)
        for start in range(0, len(part), LONGEST)
    ]
