"""Settings: the environment before the TOML file before the defaults; frozen, every mistake told in one sentence."""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot import config_kinds as kinds
from bot import config_slips as slips

PREFIX = "YOUCAI_"
SHORT = {"YOUCAI_PORT": ("web", "port"), "YOUCAI_DATA": ("service", "data_dir")}
_TESTS = "YOUCAI_TEST_"


class BadSettings(Exception):
    """One sentence that names the key or the file."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceSection(Section):
    office: kinds.Filled = "江海区人才服务窗口"
    office_hours: str = "工作日 8:30–12:00、14:30–17:30"
    base_url: kinds.Site = ""
    data_dir: Path = Path("var")
    timezone: str = "Asia/Shanghai"
    secret_keys: tuple[kinds.LongSecret, ...] = ()
    log_format: Literal["console", "json"] = "console"

    @field_validator("timezone")
    @classmethod
    def known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("没有这个时区") from error
        return name


class DatabaseSection(Section):
    url: kinds.DatabaseUrl = SecretStr("")
    pool: int = Field(10, ge=1, le=100)


class WebSection(Section):
    host: kinds.Filled = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    trust_proxy: bool = False
    metrics_token: SecretStr = SecretStr("")
    text_limit: int = Field(2000, ge=100, le=10_000)
    body_limit: int = Field(65_536, ge=4_096, le=1_048_576)
    per_person_minute: int = Field(60, ge=1)
    per_address_minute: int = Field(600, ge=1)
    cookie_days: int = Field(180, ge=1, le=400)


class TelegramSection(Section):
    token: SecretStr = SecretStr("")
    base_url: kinds.Api = "https://api.telegram.org"
    proxy: kinds.Proxy = SecretStr("")
    webhook: Literal["auto", "on", "off"] = "auto"
    secret_token: kinds.HookSecret = SecretStr("")
    rate: float = Field(25, gt=0, le=1000)
    personal_details: bool = False


class WeChatSection(Section):
    token: SecretStr = SecretStr("")
    app_id: str = ""
    secret: SecretStr = SecretStr("")
    aes_key: kinds.AesKey = SecretStr("")
    encrypted_only: bool = False
    base_url: kinds.Api = "https://api.weixin.qq.com"
    customer_window_hours: int = Field(48, ge=1, le=48)
    customer_quota: int = Field(5, ge=0, le=20)
    template_ids: dict[str, str] = {}
    subscribe_ids: dict[str, str] = {}
    menu: tuple[str, ...] = ("问政策", "预约优才卡", "近期活动")


class BookingSection(Section):
    first_opening: kinds.Moment = "2026-01-05 09:00"
    every_days: int = Field(14, ge=1, le=366)
    days: kinds.Weekdays = (2, 4)
    first_service_after_days: int = Field(3, ge=0, le=60)
    times: kinds.Clocks = ("09:00", "09:30", "10:00", "10:30", "15:00", "15:30", "16:00", "16:30")
    counters: int = Field(1, ge=0, le=50)
    per_counter: int = Field(1, ge=1, le=50)
    counter_minutes: int = Field(30, ge=5, le=240)
    visit_times: kinds.Clocks = ("09:00", "10:30", "15:00", "16:30")
    visit_teams: int = Field(1, ge=0, le=50)
    visit_minutes: int = Field(60, ge=10, le=480)
    visit_buffer_minutes: int = Field(30, ge=0, le=240)
    visits_per_team_day: int = Field(3, ge=1, le=50)
    lead_hours: int = Field(24, ge=0, le=240)
    cutoff_hours: int = Field(24, ge=0, le=240)
    hold_minutes: int = Field(10, ge=1, le=120)
    offer_minutes: int = Field(120, ge=5, le=2880)
    weeks_ahead: int = Field(8, ge=2, le=60)
    yearly_goal: int = Field(100, ge=1)
    place: str = "江海分中心"


class EventsSection(Section):
    offer_minutes: int = Field(120, ge=5, le=2880)
    yearly_goal: int = Field(12, ge=1)


class DeliverySection(Section):
    quiet_hours: kinds.Span = "22:00-08:00"
    telegram_rate: float = Field(0, ge=0, le=1000)
    wechat_rate: float = Field(10, gt=0, le=1000)
    web_rate: float = Field(200, gt=0, le=10_000)
    max_attempts: int = Field(6, ge=1, le=20)
    halt_failure_percent: int = Field(20, ge=1, le=100)
    rest_days: bool = True
    approval_steps: int = Field(2, ge=0, le=5)


class PrivacySection(Section):
    conversation_days: int = Field(180, ge=1)
    question_days: int = Field(365, ge=1)
    appointment_days: int = Field(1095, ge=1)
    audit_days: int = Field(1095, ge=180)  # at least six months


class KnowledgeSection(Section):
    refresh_seconds: float = Field(3, ge=0.5, le=60)


class Settings(BaseSettings):
    """`Settings.load()` is how to get one: it speaks of mistakes in sentences."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    service: ServiceSection = ServiceSection()
    database: DatabaseSection = DatabaseSection()
    web: WebSection = WebSection()
    telegram: TelegramSection = TelegramSection()
    wechat: WeChatSection = WeChatSection()
    booking: BookingSection = BookingSection()
    events: EventsSection = EventsSection()
    delivery: DeliverySection = DeliverySection()
    privacy: PrivacySection = PrivacySection()
    knowledge: KnowledgeSection = KnowledgeSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @model_validator(mode="after")
    def agree(self) -> "Settings":
        """Without the key this would refuse every message, and nobody would know why."""
        if self.wechat.encrypted_only and not self.wechat.aes_key.get_secret_value():
            raise BadSettings("设置 [wechat] encrypted_only 为 true 时，要写 [wechat] aes_key。")
        return self

    @classmethod
    def load(cls, file: Path | None = None) -> "Settings":
        """`file`, else `config.toml` here if there is one. Raises BadSettings."""
        _check_environment(os.environ)
        written = _written(file)
        for short, (section, key) in SHORT.items():
            if os.environ.get(short):
                written[section] = {**written.get(section, {}), key: os.environ[short]}
        try:
            return cls(**written)
        except ValidationError as error:
            raise BadSettings(slips.in_value(error)) from None

    @property
    def database_url(self) -> str:
        return self.database.url.get_secret_value() or f"sqlite:///{self.service.data_dir / 'youcai.db'}"

    @property
    def telegram_rate(self) -> float:
        return self.delivery.telegram_rate or self.telegram.rate

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.service.timezone)


def _written(file: Path | None) -> dict[str, Any]:
    path = file or Path("config.toml")
    if file is None and not path.exists():
        return {}
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadSettings(slips.in_file(path, error)) from None
    for section, keys in written.items():
        if section in Settings.model_fields and not isinstance(keys, dict):
            raise BadSettings(f"设置 {section} 要写成一段：先写一行 [{section}]，下面写它的各项。")
    return written


def _check_environment(environ: Mapping[str, str]) -> None:
    """An unknown variable is a slip that would otherwise go unseen; a list has to be JSON."""
    known = {
        f"{PREFIX}{section}__{key}".upper(): default
        for section, field in Settings.model_fields.items()
        for key, default in dict(field.default).items()
    }
    for name, value in environ.items():
        if not name.upper().startswith(PREFIX) or name.startswith(_TESTS) or name in SHORT:
            continue
        if name.upper() not in known:
            raise BadSettings(f"没有这个设置：环境变量 {name}。")
        if isinstance(known[name.upper()], (tuple, dict)) and not _is_json(value):
            raise BadSettings(f'环境变量 {name} 的值读不懂：几项要写成 JSON，例如 [2, 4] 或 {{"a": "b"}}。')


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True
