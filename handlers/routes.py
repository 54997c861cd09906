"""What a message means: commands, buttons and menu words first, then the open step, then the policy answer."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers import (
    appointments,
    booking,
    booking_details,
    handoff,
    linking,
    policy,
    privacy,
    subscription,
    waitlist,
    welcome,
)
from handlers.turn import Handler, Turn
from services import campaign_reports
from services.messaging import Reply, UpdateKind


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is the first part of its buttons' choices; `words` typed alone mean the same.

    `private`: never answered where others read along. `scanned`: a QR code or a deep link may lead here
    (`event-12` is the choice `event:12`).
    """

    name: str
    handler: Handler
    words: tuple[str, ...] = ()
    private: bool = False
    scanned: bool = False


BROADCAST = "go"  # what the choices of a broadcast's buttons begin with: go:12:book
BOOKING_WORDS = (
    "办卡预约",
    "辦卡預約",
    "预约",
    "預約",
    "预约优才卡",
    "預約優才卡",
    "优才卡预约",
    "我要预约",
    "预约办卡",
    "我要办卡",
    "办卡",
    "book",
)
ROUTES: tuple[Route, ...] = (
    Route("start", welcome.greet, ("开始", "你好", "您好", "hi", "hello", "start")),
    Route("menu", welcome.menu, ("菜单", "菜單", "主菜单", "首页", "返回菜单", "menu")),
    Route("help", welcome.help, ("帮助", "幫助", "怎么用", "help")),
    Route("cancel", booking.stop, ("取消", "退出", "算了", "cancel")),
    Route("ask", policy.invite, ("问政策", "問政策", "政策咨询")),
    Route("topic", policy.show_topic),
    Route("useful", policy.useful, private=True),
    Route("useless", policy.useless, private=True),
    Route("why", policy.why, private=True),
    Route(
        "handoff",
        handoff.ask,
        ("转人工", "轉人工", "人工", "人工服务", "人工客服", "找人工", "真人", "human", "agent"),
        private=True,
    ),
    Route("handoff.more", handoff.add_more, private=True),
    Route("book", booking.begin, BOOKING_WORDS, private=True),
    Route("book.unsure", booking.unsure, private=True),
    Route("book.tier", booking.choose_tier, private=True),
    Route("book.kind", booking.choose_kind, private=True),
    Route("book.day", booking.choose_day, private=True),
    Route("book.slot", booking.choose_time, private=True),
    Route("book.drop", booking.drop, private=True),
    Route("book.standing", booking_details.take_standing, private=True),
    Route("book.back", booking_details.step_back, private=True),
    Route("book.correct", booking_details.correct, private=True),
    Route("book.filled", booking_details.filled_in, private=True),
    Route("book.confirm", booking_details.confirm, private=True),
    Route(
        "book.mine", appointments.show, ("我的预约", "我的預約", "查预约", "预约进度", "查进度"), private=True
    ),
    Route("book.move", appointments.move, private=True),
    Route("book.move.day", appointments.move_to_day, private=True),
    Route("book.move.to", appointments.move_to_time, private=True),
    Route("book.move.now", appointments.move_now, private=True),
    Route("book.cancel", appointments.ask_to_cancel, private=True),
    Route("book.cancel.now", appointments.cancel, private=True),
    Route("book.join", waitlist.join, private=True),
    Route("book.leave", waitlist.leave, private=True),
    Route("book.accept", waitlist.accept, private=True),
    Route("book.decline", waitlist.decline, private=True),
    Route(
        "subscriptions",
        subscription.show,
        ("订阅", "訂閱", "我的订阅", "通知设置", "subscribe"),
        private=True,
    ),
    Route("subscribe", subscription.subscribe, private=True),
    Route("unsubscribe", subscription.unsubscribe, private=True),
    Route("stop", subscription.stop, ("退订", "退訂", "全部退订", "td", "stop", "unsubscribe"), private=True),
    Route("privacy", privacy.show, ("隐私", "隱私", "我的数据", "我的數據", "privacy"), private=True),
    Route("link", linking.show, ("关联", "關聯", "绑定", "綁定", "我的渠道", "关联其他渠道"), private=True),
    Route("link.new", linking.give_code, private=True),
    Route("link.enter", linking.ask_code, ("输入绑定码",), private=True),
    Route("link.off", linking.part, private=True),
    Route("export", privacy.export, ("导出我的数据", "導出我的數據", "导出数据"), private=True),
    Route("erase", privacy.ask_to_erase, ("删除我的数据", "刪除我的數據", "删除数据", "注销"), private=True),
    Route("erase.now", privacy.erase, private=True),
)

STEPS: Mapping[str, Handler] = {
    "handoff.more": handoff.take_more,
    "link.code": linking.take_code,
    booking_details.STEP: booking_details.take,
}

KINDS: Mapping[UpdateKind, Handler] = {UpdateKind.MEDIA: welcome.cannot_read, UpdateKind.LEAVE: welcome.leave}

_NUMBER = re.compile(r"(\d{1,2})[.、,)）]?")
_AROUND = " \t\r\n。.!！?？~～、，,;；“”\"'/"


class Routes:
    """The tables, ready to be looked up."""

    def __init__(
        self,
        routes: Sequence[Route] = ROUTES,
        steps: Mapping[str, Handler] = STEPS,
        kinds: Mapping[UpdateKind, Handler] = KINDS,
        otherwise: Handler = policy.answer,
    ):
        self._named = {route.name: route for route in routes}
        self._words = {folded(word): route for route in routes for word in route.words}
        self._steps, self._kinds, self._otherwise = steps, kinds, otherwise

    def answer(self, turn: Turn) -> Reply:
        kind, text = turn.update.kind, turn.text
        if kind in self._kinds:
            return self._kinds[kind](turn)
        if kind in (UpdateKind.JOIN, UpdateKind.SCAN):
            return self._scanned(turn)
        if kind is UpdateKind.CHOICE:
            return self._chosen(turn, text)
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
        campaign_reports.tapped(turn.session, int(written), turn.person_id, turn.now)


def number_chosen(turn: Turn) -> str:
    """The choice that a bare number means, of those offered last; '' when it means none."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", turn.text).strip())
    if not found or not 1 <= int(found[1]) <= len(turn.stand.offered):
        return ""
    return turn.stand.offered[int(found[1]) - 1].choice


def folded(text: str) -> str:
    """Width, case and the marks around a word do not matter."""
    return unicodedata.normalize("NFKC", text).strip(_AROUND).lower()
