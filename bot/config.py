"""Settings: the environment before the TOML file before the defaults; frozen, every mistake told in one sentence."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "YOUCAI_"
SHORT = {"YOUCAI_PORT": ("web", "port"), "YOUCAI_DATA": ("service", "data_dir")}
_TESTS = "YOUCAI_TEST_"

Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Span = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")]
Weekday = Annotated[int, Field(ge=1, le=7)]


class BadSettings(Exception):
    """One sentence that names the key or the file."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceSection(Section):
    office: str = "江海区人才服务窗口"
    office_hours: str = "工作日 8:30–12:00、14:30–17:30"
    base_url: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s/]+)?$")] = ""
    data_dir: Path = Path("var")
    timezone: str = "Asia/Shanghai"
    secret_keys: tuple[SecretStr, ...] = ()
    log_format: Literal["console", "json"] = "console"

    @field_validator("timezone")
    @classmethod
    def known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("没有这个时区") from error
        return name

    @field_validator("secret_keys")
    @classmethod
    def long(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("每个密钥至少 32 个字符")
        return keys


class DatabaseSection(Section):
    url: str = ""
    pool: int = Field(10, ge=1, le=100)


class WebSection(Section):
    host: str = "127.0.0.1"
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
    base_url: str = "https://api.telegram.org"
    proxy: str = ""
    webhook: Literal["auto", "on", "off"] = "auto"
    secret_token: SecretStr = SecretStr("")
    rate: float = Field(25, gt=0, le=1000)
    personal_details: bool = False


class WeChatSection(Section):
    token: SecretStr = SecretStr("")
    app_id: str = ""
    secret: SecretStr = SecretStr("")
    aes_key: SecretStr = SecretStr("")
    encrypted_only: bool = False
    base_url: str = "https://api.weixin.qq.com"
    customer_window_hours: int = Field(48, ge=1, le=48)
    customer_quota: int = Field(5, ge=0, le=20)
    template_ids: dict[str, str] = {}
    subscribe_ids: dict[str, str] = {}
    menu: tuple[str, ...] = ("问政策", "预约优才卡", "近期活动")

    @field_validator("aes_key")
    @classmethod
    def whole(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) not in (0, 43):
            raise ValueError("应为 43 个字符")
        return key


class BookingSection(Section):
    first_opening: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d$")] = (
        "2026-01-05 09:00"
    )
    every_days: int = Field(14, ge=1, le=366)
    days: tuple[Weekday, ...] = (2, 4)
    first_service_after_days: int = Field(3, ge=0, le=60)
    times: tuple[Clock, ...] = ("09:00", "09:30", "10:00", "10:30", "15:00", "15:30", "16:00", "16:30")
    counters: int = Field(1, ge=0, le=50)
    per_counter: int = Field(1, ge=1, le=50)
    counter_minutes: int = Field(30, ge=5, le=240)
    visit_times: tuple[Clock, ...] = ("09:00", "10:30", "15:00", "16:30")
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


class DeliverySection(Section):
    quiet_hours: Span = "22:00-08:00"
    telegram_rate: float = Field(25, gt=0, le=1000)
    wechat_rate: float = Field(10, gt=0, le=1000)
    web_rate: float = Field(200, gt=0, le=10_000)
    max_attempts: int = Field(6, ge=1, le=20)
    halt_failure_percent: int = Field(20, ge=1, le=100)
    batch: int = Field(200, ge=1, le=1000)


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

    @classmethod
    def load(cls, file: Path | None = None) -> "Settings":
        """`file`, else `config.toml` here if there is one. Raises BadSettings."""
        _check_names(os.environ)
        written = _written(file)
        for short, (section, key) in SHORT.items():
            if os.environ.get(short):
                written[section] = {**written.get(section, {}), key: os.environ[short]}
        try:
            return cls(**written)
        except ValidationError as error:
            raise BadSettings(_sentence(error)) from None
        except ValueError as error:  # a value in the environment that should be JSON is not
            raise BadSettings(f"环境变量里的设置读不懂：{error}") from None

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.service.data_dir / 'youcai.db'}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.service.timezone)


def _written(file: Path | None) -> dict[str, Any]:
    path = file or Path("config.toml")
    if file is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadSettings(f"打不开配置文件 {path}。") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"配置文件 {path} 不是正确的 TOML：{error}。") from None


def _check_names(environ: Mapping[str, str]) -> None:
    """An unknown variable is a slip that would otherwise go unseen."""
    known = {
        f"{PREFIX}{section}__{key}".upper()
        for section, field in Settings.model_fields.items()
        for key in field.annotation.model_fields  # type: ignore[union-attr]
    }
    for name in environ:
        ours = name.startswith(PREFIX) and not name.startswith(_TESTS)
        if ours and name.upper() not in known and name not in SHORT:
            raise BadSettings(f"没有这个设置：环境变量 {name}。")


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    section, *rest = (str(part) for part in first["loc"])
    name = f"[{section}] {'.'.join(rest)}".strip()
    if first["type"] == "extra_forbidden":
        return f"没有这个设置：{name}。"
    return f"设置 {name} 的值不对：{first['msg'].removeprefix('Value error, ')}。"
