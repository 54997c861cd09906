"""Every setting is written down with its default, can be set both ways, and a slip is one sentence that names it."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bot.config import BadSettings, Settings

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
WRITTEN: dict[str, dict[str, Any]] = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
KEYS = [(section, key) for section, keys in WRITTEN.items() for key in keys]
OTHER: dict[
    str, Any
] = {  # a right value that is not the default, where one cannot be made up from the default
    "service.base_url": "https://rc.example.gov.cn",
    "service.timezone": "Asia/Urumqi",
    "service.secret_keys": ["k" * 32],
    "service.log_format": "json",
    "database.url": "postgresql://u:p@127.0.0.1/youcai",
    "telegram.base_url": "http://127.0.0.1:1",
    "telegram.proxy": "http://127.0.0.1:7890",
    "telegram.webhook": "off",
    "wechat.aes_key": "k" * 43,
    "wechat.base_url": "http://127.0.0.1:1",
    "wechat.customer_window_hours": 47,
    "booking.first_opening": "2026-02-03 10:30",
    "booking.days": [1, 3],
    "booking.times": ["08:00"],
    "booking.visit_times": ["08:00"],
    "delivery.quiet_hours": "",
}
NEEDED = {"wechat.encrypted_only": {"YOUCAI_WECHAT__AES_KEY": "k" * 43}}  # by its side


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("YOUCAI_PORT", "YOUCAI_DATA", "YOUCAI_WEB__PORT", "YOUCAI_SERVICE__DATA_DIR"):
        monkeypatch.delenv(name, raising=False)


def plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value


def test_the_example_holds_every_key_with_its_default() -> None:
    settings = Settings.load()
    known = {
        section: {key: plain(value) for key, value in dict(getattr(settings, section)).items()}
        for section in Settings.model_fields
    }
    assert known == WRITTEN


def test_the_example_itself_can_be_loaded() -> None:
    assert Settings.load(EXAMPLE) == Settings.load()


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("", 25),
        ("[telegram]\nrate = 30", 30),
        ("[delivery]\ntelegram_rate = 30", 30),
        ("[telegram]\nrate = 30\n[delivery]\ntelegram_rate = 20", 20),
    ],
)
def test_telegram_has_one_rate_wherever_it_is_written(tmp_path: Path, written: str, rate: float) -> None:
    file = tmp_path / "config.toml"
    file.write_text(written)
    assert Settings.load(file).telegram_rate == rate


def other(section: str, key: str) -> Any:
    value = WRITTEN[section][key]
    if f"{section}.{key}" in OTHER:
        return OTHER[f"{section}.{key}"]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return {"reminder": "x"} if isinstance(value, dict) else ["x"]


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_key_can_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, section: str, key: str
) -> None:
    value = other(section, key)
    for name, needed in NEEDED.get(f"{section}.{key}", {}).items():
        monkeypatch.setenv(name, needed)
    written = value if isinstance(value, str) else json.dumps(value)
    monkeypatch.setenv(f"YOUCAI_{section}__{key}".upper(), written)
    assert plain(getattr(getattr(Settings.load(), section), key)) == value


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[web]\nport = 9001\nhost = '0.0.0.0'\n")
    monkeypatch.setenv("YOUCAI_WEB__PORT", "9002")
    settings = Settings.load()
    assert (settings.web.port, settings.web.host) == (9002, "0.0.0.0")


def test_the_short_names_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YOUCAI_PORT", "9003")
    monkeypatch.setenv("YOUCAI_DATA", str(tmp_path))
    settings = Settings.load()
    assert settings.web.port == 9003
    assert settings.database_url == f"sqlite:///{tmp_path / 'youcai.db'}"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("[web]\nprot = 1", "[web] prot"),
        ("[web]\nport = 'x'", "[web] port"),
        ("[web]\nport = 99999", "[web] port"),
        ("[webb]\nport = 1", "[webb]"),
        ("[service]\ntimezone = 'Mars/Base'", "[service] timezone"),
        ("[service]\nsecret_keys = ['short']", "[service] secret_keys"),
        ("[service]\nbase_url = 'ftp://x'", "[service] base_url"),
        ("[privacy]\naudit_days = 30", "[privacy] audit_days"),
        ("[wechat]\naes_key = 'short'", "[wechat] aes_key"),
        ("[booking]\ntimes = ['09:00', '25:00']", "[booking] times 第 2 个"),
        ("[booking]\ntimes = ['09:00', '09:00']", "[booking] times"),
        ("[booking]\ntimes = '09:00'", "[booking] times"),
        ("[booking]\ndays = []", "[booking] days"),
        ("[booking]\ndays = [8]", "[booking] days 第 1 个"),
        ("[booking]\nfirst_opening = '2026-13-45 09:00'", "[booking] first_opening"),
        ("[booking]\nfirst_opening = '2026-1-5 9:00'", "[booking] first_opening"),
        ("[delivery]\nquiet_hours = 'night'", "[delivery] quiet_hours"),
        ("[delivery]\nquiet_hours = '22:00-22:00'", "[delivery] quiet_hours"),
        ("[delivery]\ntelegram_rate = -1", "[delivery] telegram_rate"),
        ("[delivery]\nwechat_rate = 0", "[delivery] wechat_rate"),
        ("[telegram]\nrate = 0", "[telegram] rate"),
        ("[service]\nlog_format = 'xml'", "[service] log_format"),
        ("[service]\ndata_dir = 1", "[service] data_dir"),
        ("[database]\nurl = 'mysql://x'", "[database] url"),
        ("[web]\nhost = ''", "[web] host"),
        ("[web]\ntrust_proxy = 'perhaps'", "[web] trust_proxy"),
        ("[telegram]\nproxy = 'socks5://x'", "[telegram] proxy"),
        ("[telegram]\nsecret_token = '中文'", "[telegram] secret_token"),
        ("[telegram]\nwebhook = true", "[telegram] webhook"),
        ("[wechat]\nencrypted_only = true", "[wechat] aes_key"),
        ("[wechat]\ntemplate_ids = 1", "[wechat] template_ids"),
        ("web = 1", "[web]"),
        ("prot = 1", "prot"),
        ("[web]\nport = \n", "第 2 行"),
        ("[web", "wrong.toml"),
    ],
)
def test_a_slip_in_the_file_is_one_sentence_that_names_it(tmp_path: Path, written: str, named: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(written)
    with pytest.raises(BadSettings) as told:
        Settings.load(file)
    assert named in str(told.value)
    assert "\n" not in str(told.value)
    assert str(told.value).endswith("。")
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", str(told.value).replace(str(tmp_path), ""))  # no English


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YOUCAI_WEB__PROT", "1"),
        ("youcai_webb__port", "1"),
        ("YOUCAI_WEB", '{"port": 1}'),
        ("YOUCAI_BOOKING__DAYS", "2,4"),
        ("YOUCAI_WECHAT__TEMPLATE_IDS", "reminder"),
    ],
)
def test_a_slip_in_the_environment_is_named_too(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name):
        Settings.load()


def test_a_wrong_value_in_a_short_name_is_told_by_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUCAI_PORT", "web")
    with pytest.raises(BadSettings, match=r"\[web\] port .*整数"):
        Settings.load()


def test_what_the_tests_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUCAI_TEST_ANYTHING", "1")
    assert Settings.load() == Settings()


def test_a_file_that_windows_saved_is_read(tmp_path: Path) -> None:
    file = tmp_path / "notepad.toml"
    file.write_bytes("\ufeff[web]\r\nport = 9001\r\n".encode())
    assert Settings.load(file).web.port == 9001
    file.write_bytes("[service]\noffice = '窗口'".encode("gbk"))
    with pytest.raises(BadSettings, match="UTF-8"):
        Settings.load(file)


def test_nothing_can_be_changed_later() -> None:
    settings = Settings.load()
    with pytest.raises(ValidationError):
        settings.web = settings.web
    with pytest.raises(ValidationError):
        settings.web.port = 1


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="打不开"):
        Settings.load(tmp_path / "none.toml")


SECRETS = [(section, key) for section, key in KEYS if key in ("token", "secret", "secret_token", "aes_key")] + [
    ("service", "secret_keys"), ("web", "metrics_token"), ("database", "url"), ("telegram", "proxy")
]  # fmt: skip


@pytest.mark.parametrize(("section", "key"), SECRETS)
def test_secrets_never_print(tmp_path: Path, section: str, key: str) -> None:
    right = {"aes_key": "s" * 43, "url": "postgresql:///sss", "proxy": "http://sss"}.get(key, "s" * 32)
    file = tmp_path / "secret.toml"
    file.write_text(f"[{section}]\n{key} = {[right] if key == 'secret_keys' else repr(right)}")
    settings = Settings.load(file)
    assert "sss" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    file.write_text(f"[{section}]\n{key} = {{ sss = 'sss' }}")
    with pytest.raises(BadSettings) as told:
        Settings.load(file)
    assert "sss" not in str(told.value)
