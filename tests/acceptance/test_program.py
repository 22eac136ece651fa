"""The program as its operator meets it: how it starts, stands by, stops, and says what is wrong."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from pathlib import Path
from time import monotonic

import pytest

from storage.database import Database
from storage.models import Teacher
from tests.acceptance.conftest import with_a_school
from tests.acceptance.process import STEPS, Program, Town, command
from tests.cast import Actor
from tests.servers.postgres import Postgres
from tests.servers.synapse import Synapse
from tests.vault import VAULT


async def register(actor: Actor) -> None:
    for line, hears in STEPS[1:]:
        await actor.says(line, hears=hears)
    await actor.chooses("Save", hears="Welcome, Amina Diallo!")


async def test_a_webhook_carries_a_conversation(folder: Path) -> None:
    async with Town(folder, "telegram") as town:
        town.program.settings |= {"TWINBOT_TELEGRAM_WEBHOOK": "on", "TWINBOT_PUBLIC_URL": town.program.url}
        await town.program.start()
        amina = await town.actor("Amina", "telegram")
        await amina.says("/register", hears="1/7")
        assert town.api.updates.webhook["url"] == f"{town.program.url}/telegram/updates"
        town.program.kill()
        await amina.says("Amina Diallo")
        await town.program.start()
        await amina.hears("2/7")
        assert town.api.count("getUpdates") == 0
        assert len(town.api.updates.deliveries) >= 2


async def test_postgresql_carries_a_registration(tmp_path: Path, postgresql: Postgres) -> None:
    url = postgresql.fresh_database()
    with_a_school(url)
    async with Town(tmp_path, "telegram", settings={"TWINBOT_DATABASE_URL": url}) as town:
        await town.program.start()
        await register(await town.actor("Amina", "telegram"))
    database = Database(url, VAULT)
    assert database.do(lambda session: session.query(Teacher).count()) == 1
    database.close()


async def test_on_sqlite_a_second_process_stands_by_and_takes_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/twinbot.db"
    with_a_school(url)
    async with Town(tmp_path, "telegram", settings={"TWINBOT_DATABASE_URL": url}) as town:
        await town.program.start()
        amina = await town.actor("Amina", "telegram")
        await amina.says("/register", hears="1/7")
        second = Program(tmp_path, {**town.program.settings, "TWINBOT_WEB_PORT": "0"}, "second")
        second.settings["TWINBOT_WEB_PORT"] = str(second.port)
        try:
            second.begin()
            await asyncio.to_thread(second.until_it_says, "standing by")
            await amina.says("Amina Diallo", hears="2/7")
            assert not second.answers()
            town.program.kill()
            await second.serves()
            await amina.says("Portugal", hears="3/7")
            assert await second.ended(signal.SIGTERM) == 0
        finally:
            second.close()


async def test_an_outage_of_postgresql_is_survived(tmp_path: Path, postgresql: Postgres) -> None:
    url = postgresql.fresh_database()
    with_a_school(url)
    async with Town(tmp_path, "telegram", "web", settings={"TWINBOT_DATABASE_URL": url}) as town:
        await town.program.start()
        amina = await town.actor("Amina", "telegram")
        await amina.says("/register", hears="1/7")
        postgresql.stop()
        try:
            await amina.says("Amina Diallo")
            await asyncio.to_thread(town.program.until_it_says, "the database is away")
        finally:
            postgresql.start()
        await amina.hears("2/7")
        await amina.says("Portugal", hears="3/7")


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_when_told_to(by: signal.Signals, folder: Path, homeserver: Synapse) -> None:
    async with Town(folder, "telegram", "web", "matrix", homeserver=homeserver) as town:
        await town.program.start()
        amina = await town.actor("Amina", "web")
        await amina.says("/register", hears="1/7")
        began = monotonic()
        assert await town.program.ended(by) == 0
        print(f"\n{by.name}: ended after {monotonic() - began:.2f} s")
        assert "Traceback" not in town.program.said, town.program.said


async def test_what_is_on_its_way_arrives_before_it_stops_and_never_again(folder: Path) -> None:
    async with Town(folder, "telegram") as town:
        await town.program.start()
        amina = await town.actor("Amina", "telegram")
        await amina.says("/start", hears="Welcome to twinbot")
        slow = town.api.fault("sendMessage", kind="slow", delay=1.0)
        await amina.says("/register")
        await town.api.until(lambda: slow.met)
        began = monotonic()
        assert await town.program.ended(signal.SIGTERM) == 0
        seconds = monotonic() - began
        print(f"\nended after {seconds:.2f} s with a message on its way")
        await town.program.start()
        await amina.says("Amina Diallo", hears="2/7")
        assert sum("1/7" in seen.text for seen in amina.ways.seen().values()) == 1
        # Not a measure of the machine: the program gives itself so long, and so does the one who stops it.
        assert seconds < 10


async def test_it_stops_while_it_stands_by(folder: Path) -> None:
    async with Town(folder, "web") as town:
        await town.program.start()
        second = Program(folder, {}, "second")
        try:
            second.begin()
            await asyncio.to_thread(second.until_it_says, "standing by")
            assert await second.ended(signal.SIGTERM) == 0
        finally:
            second.close()


async def test_a_taken_port_is_a_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = Program(folder, {"TWINBOT_WEB_PORT": str(port)})
        program.begin()
        assert await program.ended() == 3
    assert f"Port {port} is in use" in program.said
    assert "Traceback" not in program.said


async def test_a_refused_token_is_a_sentence(folder: Path) -> None:
    async with Town(folder, "telegram") as town:
        town.program.settings["TWINBOT_TELEGRAM_TOKEN"] = "4242:another-token-than-that"
        town.program.begin()
        assert await town.program.ended() == 3
        assert "TWINBOT_TELEGRAM_TOKEN" in town.program.said
        assert "another-token" not in town.program.said
        assert "Traceback" not in town.program.said


def test_wrong_settings_stop_it_before_anything_starts(tmp_path: Path) -> None:
    wrong = {"TWINBOT_WEB_PORT": "many", "TWINBOT_TELEGRAM_TOKEN": "secret", "TWINBOT_STATE_DIR": "state"}
    done = command("run", settings=wrong, folder=tmp_path)
    assert done.returncode == 2
    assert "TWINBOT_WEB_PORT should be a number from 0 to 65535" in done.stderr
    assert "TWINBOT_TELEGRAM_TOKEN should be the token" in done.stderr
    assert "secret" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TWINBOT_LOG_FORMAT=xml\n")
    done = command("migrate", settings={}, folder=tmp_path)
    assert done.returncode == 2
    assert "TWINBOT_LOG_FORMAT should be text or json" in done.stderr
    (tmp_path / ".env").write_text("TWINBOT_STATE_DIR=here\n")
    assert command("migrate", settings={}, folder=tmp_path).returncode == 0
    assert (tmp_path / "here" / "twinbot.db").exists()


@pytest.mark.parametrize(
    "url", ["postgresql://nobody:hidden-word@127.0.0.1:1/nowhere", "sqlite:////proc/nowhere/twinbot.db"]
)
@pytest.mark.parametrize("words", [("run",), ("migrate",), ("dead-letters", "list")])
def test_a_database_that_cannot_be_opened_is_a_sentence(tmp_path: Path, url: str, words: tuple[str, ...]) -> None:
    done = command(*words, settings={"TWINBOT_DATABASE_URL": url}, folder=tmp_path)
    assert done.returncode == 3
    assert "TWINBOT_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden-word" not in done.stderr + done.stdout


async def test_demo_fills_a_database_once_and_serves(tmp_path: Path) -> None:
    program = Program(tmp_path, {})
    words = ("demo", "--teachers", "100", "--schools", "60")
    try:
        for time in ("first", "second"):
            began = monotonic()
            await program.start(*words)
            print(f"\n{time} start of the demo served after {monotonic() - began:.2f} s")
            assert await program.ended(signal.SIGTERM) == 0
            database = Database(program.settings["TWINBOT_DATABASE_URL"], VAULT)
            assert database.do(lambda session: session.query(Teacher).count()) == 100
            database.close()
        assert "Inventing teachers" in program.said
        assert program.said.count("Open this address as a new teacher") == 2
        assert program.url in program.said
    finally:
        program.close()


async def test_the_log_can_be_json(folder: Path) -> None:
    async with Town(folder, "telegram", settings={"TWINBOT_LOG_FORMAT": "json"}) as town:
        await town.program.start()
        await (await town.actor("Amina", "telegram")).says("/start", hears="Welcome")
        assert await town.program.ended(signal.SIGTERM) == 0
        lines = [line for line in town.program.said.splitlines() if line.startswith("{")]
        assert {"time", "level", "area", "message"} <= json.loads(lines[0]).keys()
