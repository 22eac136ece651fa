"""Rooms of the bot's own on a real Synapse: a space with its rooms, who comes in and who is sent away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.platforms.matrix import Matrix
from bot.platforms.platform import Deed, Rejected, Unreachable
from bot.talk.messages import Event, Heard
from tests.platforms.matrix_parts import Bot, name, new_bot, post
from tests.servers.matrix_crypto_user import crypto_user
from tests.servers.matrix_user import MatrixError, MatrixUser, matrix_user
from tests.servers.synapse import Synapse

POWER = "m.room.power_levels"


@pytest.fixture(params=["11", "12"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bot(homeserver: Synapse, tmp_path: Path) -> Bot:
    return new_bot(homeserver, tmp_path / "matrix")


@pytest.fixture
async def amina(bot: Bot) -> AsyncIterator[MatrixUser]:
    async with matrix_user(bot.server, name("amina")) as user:
        yield user


async def does(matrix: Matrix, chat: str, what: str, **args: Any) -> Any:
    return await matrix.do(Deed(chat, f"{what} {chat}", what, args))


def wanted(bot: Bot, which: str, space: str | None = None) -> dict[str, Any]:
    alias = f"{bot.user_id[1:].partition(':')[0]}-{which}"
    return {"alias": alias, "name": f"Rivers · {which}", "topic": "A room of a project", "space": space, "tint": 7}


async def house(matrix: Matrix, bot: Bot) -> tuple[str, str]:
    """A space with a room."""
    space = (await does(matrix, "door:s", "open", **wanted(bot, "space")))["chat"]
    return space, (await does(matrix, "door:r", "open", **wanted(bot, "room", space)))["chat"]


async def own(bot: Bot, http: MatrixUser) -> MatrixUser:
    """The bot's account in the hands of its operator."""
    return MatrixUser(bot.server.url, bot.login, http._http)


async def state(user: MatrixUser, room: str, kind: str, key: str = "") -> Any:
    return await user.call("GET", f"/rooms/{room}/state/{kind}/{key}")


async def test_a_space_and_its_rooms(bot: Bot, amina: MatrixUser, version: str) -> None:
    async with bot.running(room_version=version) as matrix:
        space, room = await house(matrix, bot)
        operator = await own(bot, amina)
        assert (await state(operator, room, "m.room.create"))["room_version"] == version
        assert (await state(operator, space, "m.room.create"))["type"] == "m.space"
        assert (await state(operator, space, "m.space.child", room))["via"] == ["twinbot.test"]
        picture = await amina.downloads((await state(operator, room, "m.room.avatar"))["url"])
        assert Image.open(BytesIO(picture)).size == (128, 128)
        power = await state(operator, room, POWER)
        assert power["users"] == ({bot.user_id: 100} if version == "11" else {})
        # Whoever is asked into the space enters its rooms alone, and asks nobody in.
        await does(matrix, space, "invite", user=amina.user_id)
        await does(matrix, space, "invite", user=amina.user_id)
        await amina.is_invited(space)
        await amina.join(space)
        await amina.join(room)
        assert await does(matrix, room, "invite", user=amina.user_id) == {"membership": "join"}
        with pytest.raises(MatrixError, match="M_FORBIDDEN"):
            await amina.invite(room, "@eve:twinbot.test")
        await amina.says(room, "good morning")
        assert (await bot.hears("good morning")).kind == "group"
        with pytest.raises(MatrixError, match="M_FORBIDDEN"):
            await amina.says(space, "here, too?")
        await matrix.send(post(room, "dzień dobry"))
        await amina.hears("dzień dobry")
        # Nobody but the bot writes in a room that is closed.
        await does(matrix, room, "hush", on=True)
        with pytest.raises(MatrixError, match="M_FORBIDDEN"):
            await amina.says(room, "too late")
        await matrix.send(post(room, "closed", key="second"))
        await amina.hears("closed")
        await does(matrix, room, "hush", on=False)
        await amina.says(room, "again")
        await does(matrix, room, "remove", user=amina.user_id, bar=True)
        with pytest.raises(MatrixError, match="banned"):
            await amina.join(room)
        assert await does(matrix, room, "invite", user=amina.user_id) == {"membership": "invite"}
        await amina.join(room)
        for chat in (room, space):
            assert await does(matrix, chat, "remove", user=amina.user_id) == {"membership": "leave"}
            assert await does(matrix, chat, "remove", user=amina.user_id) == {"membership": "leave"}
        with pytest.raises(MatrixError, match="M_FORBIDDEN"):
            await amina.join(room)
        assert await operator.members(room) == {bot.user_id}


async def test_a_room_whose_creation_was_not_answered_is_found_and_completed(bot: Bot, amina: MatrixUser) -> None:
    async with bot.running() as matrix:
        space, room = await house(matrix, bot)
        operator = await own(bot, amina)
        await operator.set_state(room, "m.room.join_rules", {"join_rule": "invite"})
        await operator.set_state(space, "m.space.child", {}, room)
    async with bot.running() as matrix:
        assert await house(matrix, bot) == (space, room)
        assert (await state(operator, room, "m.room.join_rules"))["join_rule"] == "restricted"
        assert (await state(operator, space, "m.space.child", room))["via"] == ["twinbot.test"]
        # An alias that somebody else has taken leads to no room of ours.
        foreign = await amina.create_room(room_alias_name=wanted(bot, "taken")["alias"])
        with pytest.raises(Rejected, match="M_FORBIDDEN"):
            await does(matrix, "door:t", "open", **wanted(bot, "taken", space))
        assert await amina.members(foreign) == {amina.user_id}


async def test_an_upgraded_room_is_followed(bot: Bot, amina: MatrixUser, version: str) -> None:
    async with bot.running(room_version="11") as matrix:
        space, room = await house(matrix, bot)
        operator = await own(bot, amina)
        new = (await operator.call("POST", f"/rooms/{room}/upgrade", {"new_version": version}))["replacement_room"]
        followed = await does(matrix, room, "follow", to=new, **wanted(bot, "room", space))
        assert followed == {"chat": new, "members": {}}
        assert (await state(operator, new, "m.space.parent", space))["canonical"] is True
        assert (await state(operator, space, "m.space.child", new))["via"] == ["twinbot.test"]
        assert await state(operator, space, "m.space.child", room) == {}
        await does(matrix, new, "invite", user=amina.user_id)
        await amina.join(new)
        await amina.says(new, "here we are")
        assert (await bot.hears("here we are")).kind == "group"


async def test_where_a_space_opens_no_rooms_one_knocks(bot: Bot, amina: MatrixUser) -> None:
    async with bot.running(room_version="7") as matrix:
        _space, room = await house(matrix, bot)
        await amina.call("POST", f"/knock/{room}", {})
        asks = Event("asks", amina.user_id)
        await bot.inbox.until(lambda: any(heard.event == asks for heard in happened(bot)))
        await does(matrix, room, "remove", user=amina.user_id)
        await amina.call("POST", f"/knock/{room}", {})
        assert await does(matrix, room, "invite", user=amina.user_id) == {"membership": "invite"}
        await amina.join(room)
        await bot.inbox.until(lambda: happened(bot)[-1].event == Event("in", amina.user_id))


def happened(bot: Bot) -> list[Heard]:
    """What happened in the bot's rooms while nobody said anything."""
    found = [bot.platform().read(json.loads(update.body)) for update in bot.inbox.kept.values()]
    return [heard for heard in found if heard is not None and heard.event is not None]


async def test_a_room_without_power_there_is_not_followed(bot: Bot, amina: MatrixUser) -> None:
    async with bot.running() as matrix:
        _space, room = await house(matrix, bot)
        theirs = await amina.create_room(preset="public_chat")
        with pytest.raises(Rejected, match="M_FORBIDDEN"):
            await does(matrix, room, "follow", to=theirs, **wanted(bot, "room"))
        with pytest.raises(Unreachable):
            await does(matrix, "!nowhere:twinbot.test", "invite", user=amina.user_id)
        with pytest.raises(Rejected, match="no such deed"):
            await does(matrix, room, "dance")


async def test_two_people_in_an_encrypted_room_where_encryption_is_on(homeserver: Synapse, tmp_path: Path) -> None:
    bot = new_bot(homeserver, tmp_path / "matrix", encryption=True)
    async with (
        crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia,
        crypto_user(bot.server, name("olga"), tmp_path / "olga") as olga,
        bot.running() as matrix,
    ):
        space, room = await house(matrix, bot)
        for user in (basia, olga):
            await does(matrix, space, "invite", user=user.user_id)
            await user.plain.join(space)
            await user.join(room)
        for user, other in ((basia, olga), (olga, basia)):
            await user.sees_joined(room, bot.user_id)
            await user.sees_joined(room, other.user_id)
        await basia.says(room, "good morning")
        heard = await bot.hears("good morning")
        assert (heard.sender, heard.kind) == (basia.user_id, "group")
        assert (await olga.hears("good morning")).was_encrypted
        await matrix.send(post(room, "dzień dobry"))
        assert (await basia.hears("dzień dobry")).was_encrypted
        assert (await olga.hears("dzień dobry")).was_encrypted
        # Who is sent away reads nothing more.
        await does(matrix, room, "remove", user=olga.user_id)
        await matrix.send(post(room, "between us", key="second"))
        assert (await basia.hears("between us")).was_encrypted
        assert not any("between us" in heard.body for heard in olga.ear.events)
