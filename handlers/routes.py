"""What a message means: every route with the words that lead to it, the steps of dialogues, and what is no message."""

from collections.abc import Mapping, Sequence
from functools import partial

from handlers import (
    appointments,
    booking,
    booking_details,
    checkin,
    events,
    handoff,
    linking,
    policy,
    privacy,
    staff_drafting,
    staff_events,
    subscription,
    waitlist,
    welcome,
)
from handlers.routing import Route, Routes
from handlers.staff_routes import STAFF_ROUTES
from handlers.turn import Handler
from services import checkins
from services.messaging import UpdateKind
from services.subscriptions import topic_in

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
STOP_WORDS = (
    "退订",
    "退訂",
    "全部退订",
    "取消订阅",
    "取消訂閱",
    "不要再发了",
    "别再发了",
    "不想收通知",
    "td",
    "stop",
    "unsubscribe",
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
        "events",
        events.show,
        (
            "活动",
            "活動",
            "近期活动",
            "近期活動",
            "最近活动",
            "最近有什么活动",
            "活动报名",
            "报名",
            "報名",
            "我要报名",
            "events",
        ),
        scanned=True,
    ),
    Route("event", events.show_one, scanned=True),
    Route(
        "event.mine",
        events.show_mine,
        ("我的活动", "我的活動", "我的报名", "我的報名", "取消报名", "取消報名", "我报名的活动"),
        private=True,
    ),
    Route("event.join", events.join, private=True),
    Route("event.wait", events.wait, private=True),
    Route("event.leave", events.leave, private=True),
    Route("event.leave.now", events.leave_now, private=True),
    Route("event.accept", events.accept, private=True),
    Route("event.rate", events.rate, private=True),
    Route(
        "checkin",
        checkin.check_in,
        ("签到", "簽到", "活动签到", "check in"),
        private=True,
        scanned=True,
        holds=checkins.code_in,
    ),
    Route(
        "subscriptions",
        subscription.show,
        ("订阅", "訂閱", "我的订阅", "通知设置", "subscribe"),
        private=True,
    ),
    Route("subscribe", subscription.subscribe, private=True, holds=partial(topic_in, verbs=("订阅", "訂閱"))),
    Route(
        "unsubscribe", subscription.unsubscribe, private=True, holds=partial(topic_in, verbs=("退订", "退訂"))
    ),
    Route("stop", subscription.stop, STOP_WORDS, private=True),
    Route("hear", subscription.hear_again, private=True),
    Route("privacy", privacy.show, ("隐私", "隱私", "我的数据", "我的數據", "privacy"), private=True),
    Route("link", linking.show, ("关联", "關聯", "绑定", "綁定", "我的渠道", "关联其他渠道"), private=True),
    Route("link.new", linking.give_code, private=True),
    Route("link.enter", linking.ask_code, ("输入绑定码",), private=True),
    Route("link.off", linking.part, private=True),
    Route("staff.events", staff_events.show, ("活动管理",)),
    Route("staff.event", staff_events.show_one),
    Route("staff.event.new", staff_events.begin, ("起草活动",)),
    Route("staff.event.edit", staff_events.begin_again),
    Route("staff.event.submit", staff_events.submit),
    Route("staff.event.publish", staff_events.publish),
    Route("staff.event.door", staff_events.door),
    Route("staff.event.cancel", staff_events.ask_to_cancel),
    Route("staff.event.cancel.now", staff_events.cancel),
    Route("export", privacy.export, ("导出我的数据", "導出我的數據", "导出数据"), private=True),
    Route("erase", privacy.ask_to_erase, ("删除我的数据", "刪除我的數據", "删除数据", "注销"), private=True),
    Route("erase.now", privacy.erase, private=True),
    *STAFF_ROUTES,
)

STEPS: Mapping[str, Handler] = {
    "handoff.more": handoff.take_more,
    "link.code": linking.take_code,
    checkins.STEP: checkin.take_code,
    staff_events.STEP: staff_events.take_form,
    staff_drafting.STEP: staff_drafting.take,
    booking_details.STEP: booking_details.take,
}

KINDS: Mapping[UpdateKind, Handler] = {UpdateKind.MEDIA: welcome.cannot_read, UpdateKind.LEAVE: welcome.leave}


def house_routes(
    routes: Sequence[Route] = ROUTES,
    steps: Mapping[str, Handler] = STEPS,
    kinds: Mapping[UpdateKind, Handler] = KINDS,
    otherwise: Handler = staff_events.unasked,
) -> Routes:
    return Routes(routes, steps, kinds, otherwise)
