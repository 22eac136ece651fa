"""The log never holds a secret, nor anybody's words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import redact, set_up, trace, without_ids

_LETTERS = st.text("ABCabc019_-", min_size=35, max_size=35)


@pytest.fixture
def logged() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    logger = logging.getLogger("twinbot.test")
    yield logger
    root.handlers[:], root.level = kept[0], kept[1]


@given(st.integers(10_000, 10**12), _LETTERS)
def test_a_token_is_taken_out_wherever_it_stands(number: int, secret: str) -> None:
    for colon in (":", "%3A"):
        line = redact(f"POST https://api.telegram.org/bot{number}{colon}{secret}/sendMessage failed")
        assert secret not in line
        assert line.endswith("/sendMessage failed")


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("GET /sync?access_token=MDAxabc&since=s1", "MDAxabc"),
        ("Authorization: Bearer syt_Ym90_abcDEF_123", "Ym90_abcDEF_123"),
        ("refresh syr_Ym90_abc", "Ym90_abc"),
        ("postgresql+psycopg://bot:pass-word@db.example.org/twinbot", "pass-word"),
    ],
)
def test_other_secrets_are_taken_out(line: str, secret: str) -> None:
    assert secret not in redact(line)


@pytest.mark.parametrize("line", ["update 12 of telegram", "2026-03-02 09:30:12", "http://127.0.0.1:8080/healthz"])
def test_what_is_no_secret_stays(line: str) -> None:
    assert redact(line) == line


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("Bad Request: user 500123456 not found", "Bad Request: user [id] not found"),
        ("chat -1001234567890 was deleted", "chat [id] was deleted"),
        ("User @amina.d:example.org:8448 not in room !aBc-d:example.org", "User [id] not in room [id]"),
        ("no room !NPaPJYMUhF0xdNhYQ3KkJqUYXZpXv9nN", "no room [id]"),
        ("550 <amina@escola.pt>: no such mailbox", "550 <[id]>: no such mailbox"),
        ("rejected: 403 M_FORBIDDEN", "rejected: 403 M_FORBIDDEN"),
        ("101 buttons, Telegram takes 100", "101 buttons, Telegram takes 100"),
    ],
)
def test_a_platforms_words_about_an_error_name_nobody(reason: str, kept: str) -> None:
    assert without_ids(reason) == kept


def failing() -> None:
    try:
        int("Amina wrote this")
    except ValueError as error:
        raise ExceptionGroup("and Amina that", [KeyError("Amina Diallo"), OSError("Amina again")]) from error


def test_a_trace_shows_places_and_kinds_and_no_words() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        failing()
    told = trace(caught.value)
    assert "Amina" not in told.replace('int("Amina wrote this")', "").replace("and Amina that", "").replace(
        'KeyError("Amina Diallo")', ""
    ).replace('OSError("Amina again")', "")
    assert "test_logs.py" in told
    assert [line for line in told.splitlines() if line.startswith("builtins.")] == [
        "builtins.ValueError", "builtins.ExceptionGroup", "builtins.KeyError", "builtins.OSError",
    ]  # fmt: skip


@pytest.mark.parametrize("format_", ["text", "json"])
def test_what_is_logged_is_clean(format_: str, logged: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(format_)
    words = "".join(["words ", "of ", "Amina"])
    try:
        raise ValueError(words)
    except ValueError:
        logged.exception("at %s", "https://api.telegram.org/bot123456789:AAEabcdefghijklmnopqrstuvwxyz012345/x")
    shown = capsys.readouterr().err
    assert "[secret]" in shown
    assert "AAEabc" not in shown
    assert words not in shown
    assert "ValueError" in shown
    if format_ == "json":
        line = json.loads(shown)
        assert (line["level"], line["area"]) == ("error", "twinbot.test")
        assert "ValueError" in line["trace"]


def test_libraries_speak_only_when_something_is_wrong(
    logged: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up("text")
    logging.getLogger("aiohttp.access").info("GET /bot123")
    logging.getLogger("sqlalchemy.engine").info("SELECT 'Amina'")
    logged.info("said")
    shown = capsys.readouterr().err
    assert "said" in shown
    assert "GET" not in shown
    assert "SELECT" not in shown
