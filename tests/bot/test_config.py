"""Every setting is written down with its default, can be set both ways, and a slip is one sentence that names it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.config import BadSettings, Settings

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
WRITTEN: dict[str, dict[str, Any]] = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
KEYS = [(section, key) for section, keys in WRITTEN.items() for key in keys]


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


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_key_can_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, section: str, key: str
) -> None:
    value = WRITTEN[section][key]
    written = value if isinstance(value, str) else json.dumps(value)
    monkeypatch.setenv(f"YOUCAI_{section}__{key}".upper(), written)
    assert Settings.load() == Settings()


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
        ("[booking]\ntimes = ['25:00']", "[booking] times.0"),
        ("[delivery]\nquiet_hours = 'night'", "[delivery] quiet_hours"),
        ("[web\n", "TOML"),
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


def test_a_slip_in_the_environment_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUCAI_WEB__PROT", "1")
    with pytest.raises(BadSettings, match="YOUCAI_WEB__PROT"):
        Settings.load()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="打不开"):
        Settings.load(tmp_path / "none.toml")


def test_secrets_never_print(tmp_path: Path) -> None:
    file = tmp_path / "secret.toml"
    file.write_text("[telegram]\ntoken = 'very-secret'\n[wechat]\nsecret = 'very-secret'")
    assert "very-secret" not in repr(Settings.load(file))
    file.write_text("[wechat]\naes_key = 'very-secret'")
    with pytest.raises(BadSettings) as told:
        Settings.load(file)
    assert "very-secret" not in str(told.value)
