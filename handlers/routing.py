"""How a message finds its handler: buttons and menu words first, then the open step, then the policy answer."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from handlers import welcome
from handlers.turn import BROADCAST, Handler, Turn
from services import campaign_reports
from services.messaging import Reply, UpdateKind


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is the first part of its buttons' choices; `words` typed alone mean the same.

    `private`: never answered where others read along. `scanned`: a QR code or a deep link may lead here
    (`event-12` is the choice `event:12`). `holds`: finds what leads here within a text ('' is nothing).
    """

    name: str
    handler: Handler
    words: tuple[str, ...] = ()
    private: bool = False
    scanned: bool = False
    holds: Callable[[str], str] | None = None


_NUMBER = re.compile(r"(\d{1,2})[.、,)）]?")
_AROUND = " \t\r\n。.!！?？~～、，,;；“”\"'/"


class Routes:
    """The tables, ready to be looked up."""

    def __init__(
        self,
        routes: Sequence[Route],
        steps: Mapping[str, Handler],
        kinds: Mapping[UpdateKind, Handler],
        otherwise: Handler,
    ):
        self._named = {route.name: route for route in routes}
        self._words = {folded(word): route for route in routes for word in route.words}
        self._found = [(route.holds, route) for route in routes if route.holds]
        self._steps, self._kinds, self._otherwise = steps, kinds, otherwise

    def answer(self, turn: Turn) -> Reply:
        kind, text = turn.update.kind, turn.text
        if kind in self._kinds:
            return self._kinds[kind](turn)
        if kind in (UpdateKind.JOIN, UpdateKind.SCAN):
            return self._scanned(turn)
        if kind is UpdateKind.CHOICE:
            return self._chosen(turn, text)
        for holds, led_to in self._found:
            if found := holds(text):
                return self._go(led_to, turn, (found,))
        route = self._words.get(folded(text))
        if route is not None:
            return self._go(route, turn, ())
        choice = number_chosen(turn)
        if choice:
            return self._chosen(turn, choice)
        if turn.step is not None and not turn.update.public:
            return self._steps.get(turn.step.name, self._otherwise)(turn)
        return self._otherwise(turn)

    def _chosen(self, turn: Turn, choice: str) -> Reply:
        name, *rest = choice.split(":")
        if name == BROADCAST:
            note_tap(turn, rest)
            name, *rest = rest[1:] or [""]
        route = self._named.get(name)
        return self._go(route, turn, tuple(rest)) if route else welcome.stale(turn)

    def _scanned(self, turn: Turn) -> Reply:
        name, _, rest = turn.text.partition("-")
        route = self._named.get(name)
        if route is None or not route.scanned:
            return welcome.greet(turn)
        return self._go(route, turn, tuple(rest.split("-")) if rest else ())

    def _go(self, route: Route, turn: Turn, rest: tuple[str, ...]) -> Reply:
        if route.private and turn.update.public:
            return welcome.in_private(turn)
        turn.object = rest
        return route.handler(turn)


def note_tap(turn: Turn, rest: Sequence[str]) -> None:
    """It is noted that a broadcast's button led somewhere."""
    written = rest[0] if rest else ""
    if written.isascii() and written.isdigit() and len(written) < 16:
        number = int(written)
        if campaign_reports.tapped(turn.session, number, turn.person_id, turn.now):
            turn.campaign = number


def number_chosen(turn: Turn) -> str:
    """The choice that a bare number means, of those offered last; '' when it means none."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", turn.text).strip())
    if not found or not 1 <= int(found[1]) <= len(turn.stand.offered):
        return ""
    return turn.stand.offered[int(found[1]) - 1].choice


def folded(text: str) -> str:
    """Width, case and the marks around a word do not matter."""
    return unicodedata.normalize("NFKC", text).strip(_AROUND).lower()
