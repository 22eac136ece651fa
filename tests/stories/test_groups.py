"""Groups and rooms, where the bot is a guest: it answers commands, mentions and its own buttons."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from storage.models import Chat, Person
from tests.cast import OnMatrix, OnTelegram
from tests.servers.botapi import BotApi
from tests.world import World

PRIVATE = "Please write to me in a private chat"
telegram = pytest.mark.parametrize("platform", ["telegram"], indirect=True)
matrix = pytest.mark.parametrize("platform", ["matrix"], indirect=True)


def server(world: World) -> BotApi:
    assert world.api is not None
    return world.api


async def people(world: World) -> int:
    """How many people are known."""
    return await world.database.read(lambda s: s.scalar(select(func.count()).select_from(Person)) or 0)


@telegram
async def test_a_telegram_group(world: World) -> None:
    api = server(world)
    amina = (await world.actor("Amina")).ways
    assert isinstance(amina, OnTelegram)
    group = api.group("Teachers", creator=amina.user, bot="administrator")
    before = await people(world)
    await amina.user.says("Good morning, all", group)
    await amina.user.sends_photo(chat=group)
    await amina.user.says("/start@somebody_else_bot", group)
    await amina.user.says("/start", group)
    welcome = await api.wait_for(group, "Welcome to twinbot")
    assert len([m for m in group.messages if m.by_bot]) == 1
    assert await people(world) == before + 1
    await amina.user.says("/register", group)
    await api.wait_for(group, PRIVATE)
    await amina.user.says(f"@{api.me['username']} are you there?", group)
    second = await api.wait_for(group, "Welcome to twinbot", since=welcome.revision)
    # Its buttons work as well, for the one who called it.
    asked = api.revision
    await amina.user.presses("Register", second)
    await api.wait_for(group, PRIVATE, since=asked)
    await amina.user.presses("What can you do?", second)
    await api.wait_for(group, "What I can do for you")


@telegram
async def test_a_button_in_a_group_pressed_by_somebody_else(world: World) -> None:
    api = server(world)
    amina, eve = (await world.actor("Amina")).ways, (await world.actor("Eve")).ways
    assert isinstance(amina, OnTelegram)
    assert isinstance(eve, OnTelegram)
    group = api.group("Teachers", creator=amina.user)
    await eve.user.joins(group)
    await amina.user.says("/start", group)
    welcome = await api.wait_for(group, "Welcome to twinbot")
    await eve.user.presses("Privacy", welcome)
    await api.wait_for(group, "That button is too old.")
    assert "Your data" not in " ".join(group.texts)


@telegram
async def test_a_group_that_moves_is_followed(world: World) -> None:
    api = server(world)
    amina = (await world.actor("Amina")).ways
    assert isinstance(amina, OnTelegram)
    group = api.group("Teachers", creator=amina.user, kind="group")
    await amina.user.says("/start", group)
    await api.wait_for(group, "Welcome to twinbot")
    new = await api.migrate(group)
    await amina.user.says("/help", new)
    await api.wait_for(new, "What I can do for you")
    known = select(Chat.external_id).where(Chat.platform == "telegram", Chat.kind == "group")
    assert await world.database.read(lambda s: list(s.scalars(known))) == [str(new.id)]


@telegram
async def test_an_answer_follows_a_group_that_moves_meanwhile(world: World) -> None:
    api = server(world)
    amina = (await world.actor("Amina")).ways
    assert isinstance(amina, OnTelegram)
    group = api.group("Teachers", creator=amina.user, kind="group")
    moved = api.group("Teachers", creator=amina.user)
    api.fault("sendMessage", kind="migrated", chat_id=group.id, migrate_to=moved.id)
    await amina.user.says("/start", group)
    await api.wait_for(moved, "Welcome to twinbot")


@matrix
async def test_a_matrix_room(world: World) -> None:
    amina, joao = (await world.actor("Amina")).ways, (await world.actor("João")).ways
    assert isinstance(amina, OnMatrix)
    assert isinstance(joao, OnMatrix)
    bot = world.bot
    room = await amina.user.create_room(preset="public_chat")
    await joao.user.join(room)
    await world.join(room)
    await amina.user.says(room, "Good morning, all")
    await amina.user.shows_picture(room)
    await amina.user.says(room, "!start")
    welcome = await amina.user.hears("Welcome to twinbot", room_id=room)
    assert len([h for h in amina.user.ear.events if h.sender == bot and h.room_id == room and h.body]) == 1
    await amina.user.says(room, "!register")
    await amina.user.hears(PRIVATE, room_id=room)
    await amina.user.replies(room, welcome.event_id, f"{bot} 2")
    await amina.user.hears("What I can do for you", room_id=room)
    await amina.user.says(room, f"{bot}: are you there?")
    await amina.user.hears("Welcome to twinbot", room_id=room)
