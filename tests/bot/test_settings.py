"""Every setting: what it may be, and the sentence that names it when it is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load, unknown
from tests.vault import KEY

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz012345"
MATRIX = {
    "TWINBOT_MATRIX_HOMESERVER": "https://matrix.example.org",
    "TWINBOT_MATRIX_USER": "@bot:example.org",
    "TWINBOT_MATRIX_PASSWORD": "hidden-word",
}


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("TWINBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def sentences(monkeypatch: pytest.MonkeyPatch, **values: str) -> list[str]:
    given(monkeypatch, **values)
    with pytest.raises(SettingsError) as caught:
        load()
    return caught.value.sentences


def test_without_any_the_web_is_on_and_nothing_else() -> None:
    settings = load()
    assert settings.address == "http://127.0.0.1:8080"
    assert settings.database_url == f"sqlite:///{Path('var') / 'twinbot.db'}"
    assert settings.telegram_token is None
    assert settings.matrix_homeserver is None


def test_the_database_lies_in_the_state_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, TWINBOT_STATE_DIR="/srv/twinbot")
    assert load().database_url == "sqlite:////srv/twinbot/twinbot.db"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TWINBOT_DATABASE_URL", "mysql://host/name", "should look like sqlite:///"),
        ("TWINBOT_DATABASE_URL", "twinbot.db", "should look like sqlite:///"),
        ("TWINBOT_SECRET_KEY", "hidden-word", "should be 32 bytes in url-safe base64"),
        ("TWINBOT_WEB_PORT", "65536", "number from 0 to 65535"),
        ("TWINBOT_WEB_PORT", "-1", "number from 0 to 65535"),
        ("TWINBOT_WEB_PORT", "eighty", "number from 0 to 65535"),
        ("TWINBOT_WEB_FILE_MB", "0", "number from 1 to 200"),
        ("TWINBOT_WEB_FILE_MB", "201", "number from 1 to 200"),
        ("TWINBOT_WEB_FILE_MB", "many", "number from 1 to 200"),
        ("TWINBOT_PUBLIC_URL", "twinbot.example.org", "should be an address such as https://"),
        ("TWINBOT_PUBLIC_URL", "ftp://twinbot.example.org", "should be an address such as https://"),
        ("TWINBOT_PUBLIC_URL", "https://", "should be an address such as https://"),
        ("TWINBOT_TELEGRAM_TOKEN", "hidden-word", "token that BotFather gave you"),
        ("TWINBOT_TELEGRAM_TOKEN", "12345:short", "token that BotFather gave you"),
        ("TWINBOT_TELEGRAM_API_URL", "localhost:8081", "should be an address such as https://"),
        ("TWINBOT_TELEGRAM_WEBHOOK", "perhaps", "should be true or false"),
        ("TWINBOT_MATRIX_HOMESERVER", "example.org", "should be an address such as https://"),
        ("TWINBOT_MATRIX_USER", "bot", "should be a full Matrix id"),
        ("TWINBOT_MATRIX_USER", "@bot", "should be a full Matrix id"),
        ("TWINBOT_MATRIX_ENCRYPTION", "perhaps", "should be true or false"),
        ("TWINBOT_SMTP_URL", "mail.example.org", "should look like smtp://"),
        ("TWINBOT_LOG_FORMAT", "xml", "should be text or json"),
    ],
)
def test_a_wrong_one_is_named_with_its_shape(name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    others = MATRIX if name.startswith("TWINBOT_MATRIX") else {}
    (sentence,) = sentences(monkeypatch, **{**others, name: value})
    assert sentence.startswith(f"{name} ")
    assert says in sentence
    assert sentence.endswith(".")
    assert "hidden-word" not in sentence


@pytest.mark.parametrize("left_out", MATRIX)
def test_matrix_is_whole_or_off(left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (sentence,) = sentences(monkeypatch, **{name: value for name, value in MATRIX.items() if name != left_out})
    assert sentence.startswith(left_out)
    assert "missing" in sentence


@pytest.mark.parametrize("others", [{}, {"TWINBOT_TELEGRAM_TOKEN": TOKEN}, {"TWINBOT_PUBLIC_URL": "https://a.org"}])
def test_a_webhook_needs_token_and_address(others: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    (sentence,) = sentences(monkeypatch, TWINBOT_TELEGRAM_WEBHOOK="on", **others)
    assert sentence.startswith("TWINBOT_TELEGRAM_WEBHOOK")


def test_all_wrong_ones_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = sentences(monkeypatch, TWINBOT_WEB_PORT="x", TWINBOT_LOG_FORMAT="x", TWINBOT_MATRIX_USER="x")
    assert len(told) == 3


def test_an_empty_one_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, TWINBOT_TELEGRAM_TOKEN="", TWINBOT_WEB_PORT="", TWINBOT_DATABASE_URL="")
    assert load().web_port == 8080


def test_all_of_them_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given(
        monkeypatch,
        TWINBOT_DATABASE_URL="postgresql://user:word@host/name",
        TWINBOT_PUBLIC_URL="https://twinbot.example.org/",
        TWINBOT_TELEGRAM_TOKEN=TOKEN,
        TWINBOT_TELEGRAM_API_URL="http://127.0.0.1:8081/",
        TWINBOT_TELEGRAM_WEBHOOK="on",
        TWINBOT_MATRIX_ENCRYPTION="yes",
        TWINBOT_SECRET_KEY=KEY,
        **MATRIX,
    )
    settings = load()
    assert settings.address == "https://twinbot.example.org"
    assert settings.telegram_api_url == "http://127.0.0.1:8081"
    assert settings.telegram_webhook
    assert settings.matrix_encryption
    assert TOKEN not in repr(settings)
    assert KEY not in repr(settings)
    assert "hidden-word" not in repr(settings)


def test_the_env_file_gives_way_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("TWINBOT_WEB_PORT=9000\nTWINBOT_LOG_FORMAT=json\nOTHER=x\n")
    given(monkeypatch, TWINBOT_WEB_PORT="9001")
    settings = load()
    assert (settings.web_port, settings.log_format) == (9001, "json")


def test_a_misspelt_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, TWINBOT_TELEGRAM_TOKN="x", TWINBOT_WEB_PORT="1")
    assert unknown() == ["TWINBOT_TELEGRAM_TOKN"]
    assert Settings.model_fields.keys() >= {"web_port"}
