"""The words staff maintain in `db/seed/words/`: synonyms, question words, English, places, slips, boundaries."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.language.facts_asked import Aspect

SEED_WORDS = Path(__file__).resolve().parents[2] / "db" / "seed" / "words"

EXACT, SAME, NEAR = 1.0, 0.95, 0.7  # how well another wording stands for the one that was asked


@dataclass(frozen=True, slots=True)
class Entry:
    """What one wording means: the terms that may stand for it, what it asks, and whether it must be met."""

    terms: tuple[tuple[str, float], ...] = ()
    aspects: frozenset[Aspect] = frozenset()
    optional: bool = False
    elsewhere: bool = False  # a place that is not ours
    bare: bool = False  # says what is done, not to what
    vague: bool = False  # a lone syllable of pinyin


@dataclass(frozen=True, slots=True)
class Boundary:
    """A reason not to answer: any of `words`, or one word from each list of one of `combinations`."""

    name: str
    words: tuple[str, ...]
    combinations: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    entries: dict[str, Entry]
    groups: dict[str, tuple[str, ...]]  # a wording -> the names of the groups it belongs to
    bodies: frozenset[str]  # offices and institutions: read whole, the words inside their names mean nothing
    everyday: frozenset[str]  # names of groups about matters that every office has to do with
    dialect: tuple[tuple[str, str], ...]
    english: dict[str, tuple[str, ...]]  # lower-case words or phrases; an empty tuple is dropped
    boundaries: tuple[Boundary, ...]
    lookalikes: dict[str, str]  # a character -> one that stands for its whole family
    accents: tuple[tuple[str, str], ...]
    particles: frozenset[str]  # pinyin syllables that are a word by themselves

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, folder: Path = SEED_WORDS) -> "Lexicon":
        questions, synonyms = _read(folder, "questions"), _read(folder, "synonyms")
        places, slips = _read(folder, "places"), _read(folder, "slips")
        english = _read(folder, "english")
        groups = _groups(synonyms)
        return cls(
            entries={word: Entry(((word, EXACT),)) for said in english["words"].values() for word in said}
            | {word: Entry(((word, EXACT),), elsewhere=True) for word in places["elsewhere"]}
            | _entries(questions, groups, _wider(synonyms), places["home"]),
            groups=groups,
            bodies=frozenset(
                word for group in synonyms["offices"]["same"] for word in group if len(word) > 2
            ),
            everyday=frozenset(
                group[0] for table in synonyms.values() if table.get("everyday") for group in table["same"]
            ),
            dialect=tuple(slips["dialect"].items()),
            english=dict.fromkeys(english["drop"], ())
            | {word: tuple(said) for table in ("aspects", "words") for word, said in english[table].items()},
            boundaries=tuple(
                Boundary(name, tuple(rule["any"]), tuple(tuple(map(tuple, every)) for every in rule["all"]))
                for name, rule in _read(folder, "boundaries").items()
            ),
            lookalikes={char: family[0] for family in slips["lookalikes"] for char in family},
            accents=tuple((heard, meant) for heard, meant in slips["fuzzy"]),
            particles=frozenset(slips["particles"]),
        )


def group_term(name: str) -> str:
    """The term under which every wording of a group is found."""
    return f"={name}"


def _read(folder: Path, name: str) -> dict[str, Any]:
    with (folder / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _groups(synonyms: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for table in synonyms.values():
        for group in table.get("same", []):
            for wording in group:
                names = found.setdefault(wording, [])
                if group[0] not in names:
                    names.append(group[0])
    return {wording: tuple(names) for wording, names in found.items()}


def _wider(synonyms: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Group -> other groups that may stand for it: neighbours less well, members of a kind as well as itself."""
    wider: dict[str, dict[str, float]] = {}
    for table in synonyms.values():
        for group in table.get("near", []):
            for name in group:
                wider.setdefault(name, {}).update({other: NEAR for other in group if other != name})
    for table in synonyms.values():
        for kind, *members in table.get("kinds", []):
            wider.setdefault(kind, {}).update(dict.fromkeys(members, SAME))
    return wider


def _entries(
    questions: dict[str, Any],
    groups: dict[str, tuple[str, ...]],
    wider: dict[str, dict[str, float]],
    home: Iterable[str],
) -> dict[str, Entry]:
    padding = set(questions["padding"])
    silent = {*padding, *questions["stop"], *questions["whenwords"], *home}
    optional = silent | set(questions["generic"])
    bare = set(questions["bare"])
    aspects: dict[str, set[Aspect]] = {}
    for name, wordings in questions["aspects"].items():
        for wording in wordings:
            aspects.setdefault(wording, set()).add(Aspect(name))
    entries = {}
    for wording in {*optional, *aspects, *groups, *wider}:
        terms: dict[str, float] = {}
        if wording not in padding and (wording in groups or wording in wider or wording not in silent):
            terms[wording] = EXACT
        for name in groups.get(wording, (wording,)) if wording not in padding else ():
            if name in groups:
                terms.setdefault(group_term(name), SAME)
            for other, quality in wider.get(name, {}).items():
                terms.setdefault(group_term(other), quality)
        entries[wording] = Entry(
            tuple(sorted(terms.items(), key=lambda pair: -pair[1])),
            frozenset(aspects.get(wording, ())),
            wording in optional or (wording in aspects and wording not in groups),
            bare=any(name in bare for name in groups.get(wording, ())),
        )
    return entries
