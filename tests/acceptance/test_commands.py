"""Every command of `twinbot`: its help, its exit codes, and JSON for scripts."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.text import Verbatim
from storage import post
from storage.database import Database
from storage.models import School, Teacher
from storage.models.post import OutboxRow, Update
from tests.acceptance.conftest import with_a_school
from tests.acceptance.process import STEPS, command
from tests.bot.house import written
from tests.servers.smtp import smtp
from tests.vault import KEY, VAULT

CSV = """country,name,town,level,id
PT,Escola do Mar,Faro,primary,1
XX,Nowhere School,Nowhere,primary,2
FR,Lycée Hugo,Paris,upper_secondary,3
"""
COMMANDS = [
    (), ("run",), ("demo",), ("chat",), ("migrate",), ("import",), ("import", "schools"), ("populate",), ("doctor",),
    ("dead-letters",), ("dead-letters", "list"), ("dead-letters", "retry"), ("locales",), ("locales", "check"),
    ("locales", "update"), ("keys",), ("keys", "new"), ("keys", "list"),
    ("keys", "rotate"), ("keys", "forget"), ("audit",), ("audit", "list"), ("audit", "verify"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to work in, and no settings but its state directory."""
    for name in [name for name in os.environ if name.startswith("TWINBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TWINBOT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("TWINBOT_SECRET_KEY", KEY)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def twinbot(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def count(place: Path, table: Any) -> int:
    database = Database(f"sqlite:///{place}/state/twinbot.db", VAULT)
    found = database.do(lambda session: session.query(table).count())
    database.close()
    return found


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_explains_itself(words: tuple[str, ...]) -> None:
    done = twinbot(*words, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    "words",
    [("fly",), ("populate", "--teachers", "-1"), ("import", "schools", "missing.csv"), ("dead-letters", "retry", "7")],
)
def test_a_wrong_call_is_exit_code_2(words: tuple[str, ...]) -> None:
    assert twinbot(*words).exit_code == 2


def test_migrating_twice_does_nothing_the_second_time() -> None:
    first, second = twinbot("migrate"), twinbot("migrate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "nothing to do" not in first.stdout
    assert "nothing to do" in second.stdout


def test_populating_twice_adds_nothing_the_second_time(place: Path) -> None:
    words = ("populate", "--teachers", "20", "--schools", "42", "--seed", "5", "--json")
    first, second = twinbot(*words), twinbot(*words)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert json.loads(first.stdout)["teachers"] == 20
    assert json.loads(second.stdout)["teachers"] == 0
    assert count(place, Teacher) == 20


def test_wrong_rows_are_named_and_the_others_imported(place: Path) -> None:
    (place / "schools.csv").write_text(CSV)
    done = twinbot("import", "schools", "schools.csv")
    assert done.exit_code == 4
    assert "line 3: " in done.stderr
    assert "added: 2" in done.stdout
    assert count(place, School) == 2
    again = twinbot("import", "schools", "schools.csv", "--json")
    assert again.exit_code == 4
    told = json.loads(again.stdout)
    assert (told["added"], told["unchanged"]) == (0, 2)
    assert [problem["line"] for problem in told["problems"]] == [3]


def test_a_strict_import_refuses_everything(place: Path) -> None:
    (place / "schools.csv").write_text(CSV)
    done = twinbot("import", "schools", "schools.csv", "--strict")
    assert done.exit_code == 1
    assert "3" in done.stderr
    assert count(place, School) == 0


def test_a_sound_import_is_exit_code_0(place: Path) -> None:
    (place / "schools.csv").write_text("".join(line for line in CSV.splitlines(keepends=True) if "XX" not in line))
    assert twinbot("import", "schools", "schools.csv", "--strict").exit_code == 0


def test_the_doctor_finds_what_is_missing_and_then_nothing(place: Path) -> None:
    before = twinbot("doctor")
    assert before.exit_code == 1
    assert "twinbot migrate" in before.stdout
    assert twinbot("migrate").exit_code == 0
    after = twinbot("doctor", "--json")
    assert after.exit_code == 0, after.stdout
    findings = json.loads(after.stdout)
    assert all(finding["good"] for finding in findings)
    assert [f["subject"] for f in findings][:3] == ["settings", "state directory", "database"]
    assert findings[3]["sentence"].startswith(f"{VAULT.id}, from TWINBOT_SECRET_KEY. Keep a copy")


def test_the_doctor_looks_after_the_key(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def key() -> dict[str, Any]:
        findings = json.loads(twinbot("doctor", "--json").stdout)
        return next(finding for finding in findings if finding["subject"] == "secret key")

    monkeypatch.delenv("TWINBOT_SECRET_KEY")
    file = place / "state" / "secret.key"
    assert twinbot("migrate").exit_code == 0
    assert key()["good"]
    assert f"in {file}. Keep a copy apart from the database" in key()["sentence"]
    file.chmod(0o640)
    assert "chmod 600" in key()["sentence"]
    kept = file.read_text()
    file.unlink()
    for word in ("doctor", "migrate", "populate", "run"):
        done = twinbot(word)
        assert done.exit_code == (1 if word == "doctor" else 3)
        assert "is not there. Put it back or set TWINBOT_SECRET_KEY" in done.output.replace("\n", " ")
    assert not file.exists()
    monkeypatch.setenv("TWINBOT_SECRET_KEY", KEY)
    assert "TWINBOT_SECRET_KEY has another one" in key()["sentence"]
    monkeypatch.delenv("TWINBOT_SECRET_KEY")
    file.write_text(kept)
    file.chmod(0o600)
    assert key()["good"]


@pytest.mark.parametrize(
    ("settings", "subject", "says"),
    [
        ({"TWINBOT_TELEGRAM_TOKN": "x"}, "settings", "TWINBOT_TELEGRAM_TOKN"),
        ({"TWINBOT_STATE_DIR": "file/below"}, "state directory", "TWINBOT_STATE_DIR"),
        ({"TWINBOT_DATABASE_URL": "sqlite:///file/below/x.db"}, "database", "TWINBOT_DATABASE_URL"),
        ({"TWINBOT_DATABASE_URL": "sqlite:///file"}, "database", "TWINBOT_DATABASE_URL"),
        ({"TWINBOT_DATABASE_URL": "postgresql://me:hidden-word@127.0.0.1:1/x"}, "database", "TWINBOT_DATABASE_URL"),
        (
            {"TWINBOT_TELEGRAM_TOKEN": "12345:hidden-word", "TWINBOT_TELEGRAM_API_URL": "http://127.0.0.1:1"},
            "Telegram",
            "does not answer",
        ),
        (
            {
                "TWINBOT_MATRIX_HOMESERVER": "http://127.0.0.1:1",
                "TWINBOT_MATRIX_USER": "@bot:x",
                "TWINBOT_MATRIX_PASSWORD": "hidden-word",
            },
            "Matrix",
            "does not answer",
        ),
        ({"TWINBOT_SMTP_URL": "smtp://u:hidden-word@127.0.0.1:1?from=a@b.example"}, "mail", "does not let us in"),
        ({"TWINBOT_PUBLIC_URL": "http://twinbot.example.org"}, "web", "not https"),
    ],
)
def test_the_doctor_names_each_fault(
    settings: dict[str, str], subject: str, says: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "file").write_text("no directory, and no database either " * 100)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    done = twinbot("doctor", "--json")
    assert done.exit_code == 1
    bad = {finding["subject"]: finding["sentence"] for finding in json.loads(done.stdout) if not finding["good"]}
    assert says in bad[subject]
    assert "hidden-word" not in done.output


async def test_the_doctor_tries_the_mail_server(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert twinbot("migrate").exit_code == 0
    async with smtp() as box:
        monkeypatch.setenv("TWINBOT_SMTP_URL", f"smtp://127.0.0.1:{box.port}?from=bot@twinbot.example")
        done = await asyncio.to_thread(twinbot, "doctor")
        assert "127.0.0.1 takes letters from bot@twinbot.example" in done.stdout
        assert done.exit_code == 0
        assert box.letters == []


def letters(place: Path) -> None:
    """An update that was set aside, and a message that did not get through."""
    with_a_school(f"sqlite:///{place}/state/twinbot.db")
    database = Database(f"sqlite:///{place}/state/twinbot.db", VAULT)
    now = datetime.now(UTC)

    def unit(session: Session) -> None:
        (stored,) = post.store_updates(session, "telegram", [("1", "1", "{}")], {}, now)
        post.set_aside(session, stored.id, "unreadable: no chat")
        row = written(session, "a", Verbatim("words of a person"), {}).id
        post.settle(session, [(row, post.FAILED, None, "rejected: too odd")], now)

    database.do(unit)
    database.close()


def test_dead_letters_are_shown_without_anybodys_words_and_sent_again(place: Path) -> None:
    assert "No dead letters" in twinbot("dead-letters", "list").stdout
    letters(place)
    shown = twinbot("dead-letters", "list", "--json")
    assert "words of a person" not in shown.stdout
    assert {(row["id"], row["reason"]) for row in json.loads(shown.stdout)} == {
        ("in:1", "unreadable: no chat"),
        ("out:1", "rejected: too odd"),
    }
    assert "rejected: too odd" in twinbot("dead-letters", "list").stdout
    assert json.loads(twinbot("dead-letters", "retry", "out:1", "--json").stdout) == {"updates": 0, "messages": 1}
    assert json.loads(twinbot("dead-letters", "retry", "--json").stdout) == {"updates": 1, "messages": 0}
    assert json.loads(twinbot("dead-letters", "list", "--json").stdout) == []
    database = Database(f"sqlite:///{place}/state/twinbot.db", VAULT)
    states = database.do(lambda s: (s.query(Update.state).scalar(), s.query(OutboxRow.state).scalar()))
    assert states == (post.NEW, post.READY)
    database.close()


def test_the_terminal_carries_a_registration(place: Path) -> None:
    (place / "state").mkdir()
    with_a_school(f"sqlite:///{place}/state/twinbot.db")
    typed = "\n".join([*(line for line, _hears in STEPS[1:]), "1", "/profile"]) + "\n"
    done = command("chat", settings={"TWINBOT_STATE_DIR": "state"}, folder=place, typed=typed)
    assert done.returncode == 0, done.stderr
    plain = done.stdout.replace("\u2068", "").replace("\u2069", "")
    for words in ("1/7", "7/7", "Is everything right?", "Welcome, Amina Diallo!", "Your profile"):
        assert words in plain
    assert count(place, Teacher) == 1


def test_the_terminal_keeps_its_place_between_two_calls(place: Path) -> None:
    settings = {"TWINBOT_STATE_DIR": "state"}
    assert "1/7" in command("chat", settings=settings, folder=place, typed="/register\n").stdout
    assert "2/7" in command("chat", settings=settings, folder=place, typed="Amina Diallo\n").stdout
    other = command("chat", "--user", "jan", "--language", "pl", settings=settings, folder=place, typed="/start\n")
    assert "2/7" not in other.stdout
    assert "twinbot" in other.stdout
