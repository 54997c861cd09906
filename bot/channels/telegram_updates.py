"""What comes in from Telegram: each kind decided, and turned into an Update, or passed over."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import telegram

from services.messaging import Update, UpdateKind

CHANNEL = "telegram"
WANTED = ["message", "edited_message", "callback_query", "my_chat_member"]
COMMANDS = {
    "menu": "菜单",
    "ask": "问政策",
    "book": "预约",
    "my": "我的预约",
    "events": "活动",
    "stop": "退订",
    "privacy": "隐私",
    "help": "帮助",
    "cancel": "取消",
}
_CORRECTED = timedelta(minutes=2)  # an edit so soon is a slip put right: it is answered; a later one is not
_MEDIA = (
    *("voice", "audio", "video", "video_note", "animation", "photo", "sticker", "document"),
    *("location", "venue", "contact", "poll", "dice", "story"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said."""

    chat: int
    topic: int | None = None  # the thread of a forum
    asked: int | None = None  # the message that it answers, where others talk in between
    card: int | None = None  # the message whose button was tapped


@dataclass(frozen=True, slots=True)
class Incoming:
    """An Update with where its answer goes, and the tap that waits to be acknowledged."""

    update: Update
    place: Place
    callback: str = ""


def incoming(raw: telegram.Update, me: telegram.User, now: datetime) -> Incoming | None:
    """None: not meant for us (channels, other people's talk in groups, what we never asked for)."""
    if raw.callback_query is not None:
        return _tapped(raw, raw.callback_query, now)
    if raw.my_chat_member is not None:
        return _membership(raw, raw.my_chat_member, now)
    message = raw.message or raw.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    if raw.edited_message is not None and now - message.date.astimezone(UTC) > _CORRECTED:
        return None
    return _said(raw, message, me, now)


def _said(
    raw: telegram.Update, message: telegram.Message, me: telegram.User, now: datetime
) -> Incoming | None:
    private = message.chat.type == telegram.Chat.PRIVATE
    text = message.text or message.caption or ""
    if not private and not _addressed(message, text, me):
        return None
    kind, said = _meaning(message, text.strip() if private else _without_mention(text, me))
    if kind is None:
        return None
    update = _update(raw, message.from_user, now, kind, said, public=not private)
    return Incoming(update, Place(message.chat.id, _topic(message), None if private else message.message_id))


def _meaning(message: telegram.Message, text: str) -> tuple[UpdateKind | None, str]:
    if text.startswith("/"):
        return _command(text)
    if text:
        return UpdateKind.TEXT, text
    media = next((name for name in _MEDIA if getattr(message, name, None)), None)
    if media:
        return UpdateKind.MEDIA, media
    return (UpdateKind.TEXT, COMMANDS["help"]) if message.text else (None, "")  # our name, and nothing else


def _command(text: str) -> tuple[UpdateKind, str]:
    word, _, rest = text[1:].partition(" ")
    name = word.partition("@")[0].lower()
    if name == "start":
        return UpdateKind.JOIN, rest.strip()
    if name == "ask" and rest.strip():
        return UpdateKind.TEXT, rest.strip()
    return UpdateKind.TEXT, COMMANDS.get(name, COMMANDS["help"])


def _tapped(raw: telegram.Update, tap: telegram.CallbackQuery, now: datetime) -> Incoming | None:
    if tap.message is None or not tap.data:
        return None
    card = tap.message
    public = card.chat.type != telegram.Chat.PRIVATE
    update = _update(raw, tap.from_user, now, UpdateKind.CHOICE, tap.data, public=public)
    topic = _topic(card) if isinstance(card, telegram.Message) else None
    return Incoming(update, Place(card.chat.id, topic, card=card.message_id), tap.id)


def _membership(raw: telegram.Update, change: telegram.ChatMemberUpdated, now: datetime) -> Incoming | None:
    """Who blocks us has left. Who unblocks us is met again with their next word."""
    gone = change.new_chat_member.status in (telegram.ChatMember.BANNED, telegram.ChatMember.LEFT)
    if change.chat.type != telegram.Chat.PRIVATE or not gone:
        return None
    return Incoming(_update(raw, change.from_user, now, UpdateKind.LEAVE, ""), Place(change.chat.id))


def _update(
    raw: telegram.Update,
    who: telegram.User | None,
    now: datetime,
    kind: UpdateKind,
    text: str,
    *,
    public: bool = False,
) -> Update:
    assert who is not None
    language = who.language_code or ""
    return Update(CHANNEL, str(who.id), str(raw.update_id), now, kind, text, who.full_name, language, public)


def _topic(message: telegram.Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def _addressed(message: telegram.Message, text: str, me: telegram.User) -> bool:
    answered = message.reply_to_message
    to_us = answered is not None and answered.from_user is not None and answered.from_user.id == me.id
    return to_us or _mention(me).search(text) is not None


def _without_mention(text: str, me: telegram.User) -> str:
    return text if text.startswith("/") else _mention(me).sub("", text).strip()


def _mention(me: telegram.User) -> re.Pattern[str]:
    """Our name, and not the beginning of a longer one."""
    return re.compile(rf"@{re.escape(me.username or '')}(?![A-Za-z0-9_])", re.IGNORECASE)
