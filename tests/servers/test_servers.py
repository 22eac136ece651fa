"""The servers and people of the tests do what the other tests rely on."""

import asyncio
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.servers.child import ServerStartError
from tests.servers.matrix_crypto_user import crypto_user
from tests.servers.matrix_user import MatrixError, matrix_user
from tests.servers.postgres import Postgres, postgres
from tests.servers.synapse import Synapse, synapse

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with synapse(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="module")
def database_server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


def test_a_fresh_database_is_empty_and_alone(database_server: Postgres) -> None:
    one, other = (create_engine(database_server.fresh_database()) for _ in range(2))
    with one.begin() as connection:
        connection.execute(text("CREATE TABLE school (name text)"))
        connection.execute(text("INSERT INTO school VALUES ('Zespół Szkół')"))
        assert connection.scalar(text("SELECT name FROM school")) == "Zespół Szkół"
    with other.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE tablename = 'school'")) == 0
    one.dispose()
    other.dispose()


def test_a_database_can_be_copied(database_server: Postgres) -> None:
    original = database_server.fresh_database()
    engine = create_engine(original)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE school AS SELECT 'Liceo' AS name"))
    engine.dispose()
    copy = create_engine(database_server.fresh_database(like=original))
    with copy.begin() as connection:
        assert connection.scalar(text("SELECT name FROM school")) == "Liceo"
    copy.dispose()


def test_an_outage_breaks_connections_and_keeps_data() -> None:
    with postgres() as server:
        url = server.fresh_database().replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE school AS SELECT 1 AS id")
            connection.commit()
            server.stop()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT id FROM school").fetchall() == [(1,)]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
@pytest.mark.parametrize("server", ["postgres()", "synapse(Path(sys.argv[1]))"])
def test_servers_die_with_tests_that_are_killed(server: str, tmp_path: Path) -> None:
    program = f"""if True:
        import sys
        from pathlib import Path
        from tests.servers.postgres import postgres
        from tests.servers.synapse import synapse
        with {server} as running:
            print(running.pid, running.directory, flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as tests:
        assert tests.stdin and tests.stdout
        pid, directory = tests.stdout.readline().split(maxsplit=1)
        server_end = os.pidfd_open(int(pid))
        tests.kill()
    assert select.select([server_end], [], [], 15)[0], "The server outlived the tests."
    os.close(server_end)
    shutil.rmtree(directory.strip())


def test_a_server_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("This file stands where the folder of the media should be.")
    with pytest.raises(ServerStartError, match="media"), synapse(tmp_path):
        pass


def test_a_killed_homeserver_comes_back_with_its_accounts(tmp_path: Path) -> None:
    with synapse(tmp_path) as server:
        address = server.url
        server.register("amina")
        server.kill()
        with pytest.raises(OSError, match="refused"):
            server.register("joao")
        server.start()
        assert server.url == address
        with pytest.raises(HTTPError, match="400"):
            server.register("amina")


async def test_default_rate_limits_can_be_left_on(tmp_path: Path) -> None:
    with synapse(tmp_path, limited=True) as server:
        async with matrix_user(server, "amina") as amina:
            room = await amina.create_room()
            with pytest.raises(MatrixError, match="M_LIMIT_EXCEEDED") as refusal:
                for number in range(50):
                    await amina.says(room, str(number))
            assert refusal.value.body["retry_after_ms"] > 0


async def test_limits_are_off_otherwise(homeserver: Synapse) -> None:
    async with matrix_user(homeserver, "hasty") as hasty:
        room = await hasty.create_room()
        for number in range(50):
            await hasty.says(room, str(number))
        assert [heard.body for heard in await hasty.history(room)][-50:] == [str(number) for number in range(50)]


async def test_two_people_talk(homeserver: Synapse) -> None:
    async with matrix_user(homeserver, "amina") as amina, matrix_user(homeserver, "joao") as joao:
        room = await amina.direct_chat(joao.user_id)
        invitation = await joao.is_invited(room)
        assert any(event["content"].get("is_direct") for event in invitation)
        await joao.join(room)
        hello = await joao.says(room, "Olá!")
        assert (await amina.hears("Olá")).event_id == hello
        answer = await amina.replies(room, hello, "Bonjour")
        assert (await joao.hears("Bonjour")).relation == {"m.in_reply_to": {"event_id": hello}}
        await amina.edits(room, answer, "Bonsoir")
        assert (await joao.hears("Bonsoir")).replaces == answer
        await amina.reacts(room, hello, "2️⃣")
        assert (await joao.hears(lambda heard: heard.type == "m.reaction")).body == "2️⃣"
        await amina.notices(room, "done")
        assert (await joao.hears("done")).content["msgtype"] == "m.notice"
        await amina.shows_picture(room)
        assert (await joao.hears("dot.png")).content["url"].startswith("mxc://twinbot.test/")
        await amina.redacts(room, answer)
        assert (await joao.hears(lambda heard: heard.type == "m.room.redaction")).sender == amina.user_id
        await amina.send(room, {"msgtype": "m.text", "body": "odd", "m.relates_to": ["not", "an object"]})
        assert (await joao.hears("odd")).relation == {}
        await amina.leave(room)
        await joao.hears(lambda heard: heard.content.get("membership") == "leave")
        assert await joao.members(room) == {joao.user_id}


async def test_what_was_not_heard_is_told(homeserver: Synapse) -> None:
    async with matrix_user(homeserver, "ines") as ines, matrix_user(homeserver, "olga") as olga:
        room = await ines.create_room(olga.user_id, name="Team", preset="private_chat")
        await olga.join(room)
        await olga.says(room, "something else")
        await ines.hears("something")
        with pytest.raises(AssertionError, match="did not hear 'something'"):
            await ines.hears("something", seconds=0)


async def test_people_outlast_an_outage_but_not_a_revoked_token(tmp_path: Path) -> None:
    with synapse(tmp_path) as server:
        async with matrix_user(server, "amina") as amina, matrix_user(server, "joao") as joao:
            room = await amina.create_room(joao.user_id)
            await joao.join(room)
            await asyncio.to_thread(server.stop)
            server.start()
            await joao.says(room, "back again")
            await amina.hears("back again")
            await amina.call("POST", "/logout", {})
            with pytest.raises(MatrixError, match="M_UNKNOWN_TOKEN"):
                await amina.hears("anything")


async def test_encrypted_people_understand_each_other_and_nobody_else(homeserver: Synapse, tmp_path: Path) -> None:
    async with (
        crypto_user(homeserver, "basia", tmp_path / "basia") as basia,
        crypto_user(homeserver, "yusuf", tmp_path / "yusuf") as yusuf,
        matrix_user(homeserver, "eve") as eve,
    ):
        room = await basia.direct_chat(yusuf.user_id)
        await yusuf.join(room)
        await basia.sees_joined(room, yusuf.user_id)
        await basia.says(room, "Dzień dobry")
        assert (await yusuf.hears("Dzień")).was_encrypted
        await yusuf.says(room, "مرحبا")
        assert (await basia.hears("مرحبا")).was_encrypted
        await basia.plain.invite(room, eve.user_id)
        await eve.join(room)
        kinds = [heard.type for heard in await eve.history(room)]
        assert kinds.count("m.room.encrypted") == 2
        assert "m.room.message" not in kinds
