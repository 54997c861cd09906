"""How each channel is opened from the settings."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.campaign_desk import quiet_hours
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.channels.telegram_tour import Webhook
from bot.channels.webchat import WebChat, WebChatLimits
from bot.channels.webcookie import Cookie
from bot.channels.wechat import WeChatChannel
from bot.channels.wechat_account import Account
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_pieces import Link, Place
from bot.channels.wechat_updates import Outcome
from bot.config import Settings
from bot.delivering import Halt, Manners
from bot.election import Seat
from bot.pace import Pace, Paced
from bot.web import caller, pages, static_version
from db.session import Database
from services import arrivals, campaign_runs
from services.campaign_terms import REASON, CampaignDesk
from services.messaging import Attachment, Channel, Reply, Update
from services.rest_days import RestDays
from services.spoken import spoken_day
from services.texts import Texts
from services.wechat import files

Answer = Callable[[Update], Awaitable[Reply]]


def open_webchat(settings: Settings, database: Database, dispatch: Answer) -> WebChat:
    limits = WebChatLimits(
        settings.web.text_limit, settings.web.per_person_minute, settings.web.per_address_minute
    )
    page = pages().get_template("web/chat.html").render(
        office=settings.service.office, version=static_version(), limits={"text": limits.text}
    )  # fmt: skip
    cookie = Cookie(
        database.vault,
        days=settings.web.cookie_days,
        secure=settings.service.base_url.startswith("https://"),
    )
    return WebChat(database, dispatch, page.encode(), cookie, limits, caller(settings.web.trust_proxy))


def open_wechat(
    settings: Settings,
    database: Database,
    dispatch: Answer,
    texts: Texts,
    clock: Callable[[], datetime],
) -> WeChatChannel:
    """Without the account's secret it can only answer."""
    section = settings.wechat
    account = Account(
        token=section.token.get_secret_value(),
        app_id=section.app_id,
        secret=section.secret.get_secret_value(),
        aes_key=section.aes_key.get_secret_value(),
        base_url=section.base_url,
        customer_window_hours=section.customer_window_hours,
        customer_quota=section.customer_quota,
        template_ids=section.template_ids,
        subscribe_ids=section.subscribe_ids,
        menu=section.menu,
        encrypted_only=section.encrypted_only,
    )
    api = WeChatApi(account.base_url, account.app_id, account.secret, database, clock)
    return WeChatChannel(
        account,
        dispatch,
        database,
        api=api if account.can_call else None,
        texts=texts,
        link=laying_out(settings, clock),
        on_outcome=noting(database, WeChatChannel.name, clock),
        clock=clock,
    )


def laying_out(settings: Settings, clock: Callable[[], datetime]) -> Link | None:
    """Files by links to our own page; without a public address there is none that anybody could open."""
    site = settings.service.base_url
    if not site:
        return None

    def lay_out(session: Session, address: str, file: Attachment) -> Place:
        laid = files.lay_out(session, address, file, clock())
        return Place(site + laid.path, spoken_day(laid.until.astimezone(settings.zone).date()))

    return lay_out


def noting(
    database: Database, channel: str, clock: Callable[[], datetime]
) -> Callable[[Outcome], Awaitable[None]]:
    """What the platform tells later goes into the ledger; it is acknowledged only then."""

    async def note(told: Outcome) -> None:
        await database.run(
            lambda session: arrivals.note(
                session, channel, told.address, told.message_id, told.arrival, clock()
            ),
            brief=True,
        )

    return note


def open_telegram(
    settings: Settings,
    database: Database,
    dispatch: Answer,
    texts: Texts,
    pace: Pace,
    clock: Callable[[], datetime],
    *,
    polls: bool,
    unsaid: Callable[[str], None],
) -> TelegramChannel:
    """By webhook where the service has a public https address; else one of the processes that may poll does."""
    section, public = settings.telegram, settings.service.base_url
    hooked = section.webhook == "on" or (section.webhook == "auto" and public.startswith("https://"))
    secret = section.secret_token.get_secret_value() or database.vault.sign("telegram webhook")
    account = TelegramAccount(
        section.token.get_secret_value(),
        section.base_url,
        section.proxy.get_secret_value(),
        section.personal_details,
        Webhook(f"{public}/telegram", secret) if hooked else None,
    )
    seat = Seat(database, "telegram polling") if polls else None
    return TelegramChannel(account, dispatch, texts, pace, clock, polls=seat, unsaid=unsaid)


def open_paces(settings: Settings) -> dict[str, Pace]:
    """One for each channel: its sender looks at it, and whatever makes the calls keeps it."""
    section = settings.delivery
    rates = {"telegram": settings.telegram_rate, "wechat": section.wechat_rate, "web": section.web_rate}
    return {channel: Pace(rate) for channel, rate in rates.items()}


def at_pace(channel: Channel, pace: Pace) -> Channel:
    """Telegram counts calls, and makes several for one notice: there each has its turn."""
    return channel if isinstance(channel, TelegramChannel) else Paced(channel, pace)


def manners(settings: Settings) -> Manners:
    section = settings.delivery
    quiet = quiet_hours(settings)
    return Manners(
        section.max_attempts,
        quiet,
        RestDays(quiet is not None and section.rest_days),
        section.halt_failure_percent,
        settings.zone,
    )


def sending(settings: Settings) -> frozenset[str]:
    """Channels with an account; what is queued for another waits until it has one."""
    accounts = {"telegram": settings.telegram.token, "wechat": settings.wechat.token}
    return frozenset({"web"} | {name for name, token in accounts.items() if token.get_secret_value()})


def reaching(settings: Settings) -> frozenset[str]:
    """Where what is due arrives unasked. On WeChat that takes a template; consent to other forms is known to nobody."""
    forms = settings.wechat.secret.get_secret_value() and settings.wechat.template_ids
    ways = {"telegram": settings.telegram.token.get_secret_value(), "wechat": forms}
    return frozenset(channel for channel, way in ways.items() if way)


def spreading(settings: Settings) -> frozenset[str]:
    """Where a broadcast arrives whenever it goes out: WeChat takes one for two days after somebody spoke, no longer."""
    return reaching(settings) - {"wechat"}


def halting(desk: CampaignDesk) -> Halt:
    """Campaigns are the only broadcasts that know how to stop."""

    def halt(session: Session, reason: str, subject: str, failure: str, now: datetime) -> None:
        if reason == REASON:
            campaign_runs.halt(session, desk, subject, failure, now)

    return halt
