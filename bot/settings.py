"""The settings: read from the environment or an `.env` file when a command starts, never on import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.platforms.mail.server import server_of
from bot.secret import decoded

_TELEGRAM = "https://api.telegram.org"


class SettingsError(Exception):
    """Settings that are wrong or missing; ``sentences`` names each and says what it should look like."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("should be an address such as https://twinbot.example.org")
    return value.rstrip("/")


def _reachable(address: str | None) -> bool:
    """Whether Telegram would post to an address: https, or http on this very machine for a local server."""
    parts = urlsplit(address or "")
    return parts.scheme == "https" or parts.hostname in {"127.0.0.1", "localhost", "::1"}


def _database(value: str) -> str:
    try:
        url = make_url(value)
    except ArgumentError:
        url = make_url("nothing://")
    # An SQLite database in memory would be another, empty one for each of our threads.
    in_file = url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}
    if not in_file and url.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise ValueError("should look like sqlite:///var/twinbot.db or postgresql://user:password@host/name")
    return value


def _secret_key(value: SecretStr) -> SecretStr:
    if decoded(value.get_secret_value()) is None:
        raise ValueError("should be 32 bytes in url-safe base64, such as `twinbot keys new` prints")
    return value


def _token(value: SecretStr) -> SecretStr:
    number, _colon, secret = value.get_secret_value().partition(":")
    if not number.isdecimal() or len(secret) < 10:
        raise ValueError("should be the token that BotFather gave you, such as 123456789:AAE...")
    return value


def _metrics_token(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 16:
        raise ValueError("should be a secret of at least 16 characters")
    return value


def _smtp(value: SecretStr) -> SecretStr:
    server_of(value.get_secret_value())
    return value


def _matrix_id(value: str) -> str:
    if not value.startswith("@") or ":" not in value:
        raise ValueError("should be a full Matrix id such as @twinbot:example.org")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """Every setting, with its default; the names are these in capitals, with TWINBOT_ before them."""

    model_config = SettingsConfigDict(env_prefix="TWINBOT_", env_file=".env", extra="ignore", env_ignore_empty=True)

    state_dir: Path = Path("var")
    database_url: Annotated[str, AfterValidator(_database)] = ""
    secret_key: Annotated[SecretStr, AfterValidator(_secret_key)] | None = None
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_file_mb: Annotated[int, Field(ge=1, le=200)] = 20
    room_days: Annotated[int, Field(ge=31, le=3650)] = 180
    public_url: WebAddress | None = None
    telegram_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    telegram_api_url: WebAddress = _TELEGRAM
    telegram_webhook: bool = False
    telegram_rate: Annotated[int, Field(ge=0, le=1000)] = 30
    matrix_homeserver: WebAddress | None = None
    matrix_user: Annotated[str, AfterValidator(_matrix_id)] | None = None
    matrix_password: SecretStr | None = None
    matrix_encryption: bool = False
    smtp_url: Annotated[SecretStr, AfterValidator(_smtp)] | None = None
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning"] = "info"
    metrics_token: Annotated[SecretStr, AfterValidator(_metrics_token)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _place_the_database(cls, data: dict[str, object]) -> dict[str, object]:
        """Without a database of its own, it is a file under the state directory."""
        if not data.get("database_url"):
            data["database_url"] = f"sqlite:///{Path(str(data.get('state_dir') or 'var')) / 'twinbot.db'}"
        return data

    @model_validator(mode="after")
    def _whole(self) -> Settings:
        """Settings that only make sense together."""
        matrix = {
            "TWINBOT_MATRIX_HOMESERVER": self.matrix_homeserver,
            "TWINBOT_MATRIX_USER": self.matrix_user,
            "TWINBOT_MATRIX_PASSWORD": self.matrix_password,
        }
        missing = [name for name, value in matrix.items() if value is None]
        if missing and len(missing) < len(matrix):
            raise ValueError(f"{' and '.join(missing)}: missing; Matrix needs homeserver, user and password together")
        if self.telegram_webhook and (self.telegram_token is None or not _reachable(self.public_url)):
            raise ValueError(
                "TWINBOT_TELEGRAM_WEBHOOK: needs TWINBOT_TELEGRAM_TOKEN and TWINBOT_PUBLIC_URL (an https address)"
            )
        return self

    @property
    def key_file(self) -> Path:
        """Where the secret key stands if it is not given."""
        return self.state_dir / "secret.key"

    @property
    def anchor_file(self) -> Path:
        """Where it is noted how far the audit log goes."""
        return self.state_dir / "audit.anchor"

    @property
    def address(self) -> str:
        """The address at which people reach the web chat."""
        return self.public_url or f"http://{self.web_host}:{self.web_port}"


def load() -> Settings:
    """Read the settings. Raises `SettingsError` with a sentence for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError([_sentence(problem) for problem in error.errors()]) from None


def unknown() -> list[str]:
    """Variables that start with TWINBOT_ but are no setting: probably misspelt."""
    known = {f"TWINBOT_{name.upper()}" for name in Settings.model_fields}
    given = {*os.environ, *(name.upper() for name in dotenv_values(".env"))}
    return sorted(name for name in given if name.startswith("TWINBOT_") and name not in known)


_SHAPES = {
    "web_port": "should be a number from 0 to 65535, such as 8080",
    "web_file_mb": "should be a number from 1 to 200, such as 20",
    "room_days": "should be a number of days from 31 to 3650, such as 180",
    "telegram_webhook": "should be true or false",
    "telegram_rate": "should be a number from 0 to 1000, such as 30",
    "matrix_encryption": "should be true or false",
    "log_format": "should be text or json",
    "log_level": "should be debug, info or warning",
}


def _sentence(problem: object) -> str:
    assert isinstance(problem, dict)
    place = problem["loc"]
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not place:
        return f"{message}."
    return f"TWINBOT_{str(place[0]).upper()} {_SHAPES.get(str(place[0]), message)}."
