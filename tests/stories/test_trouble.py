"""Telegram refuses, slows down, or has lost somebody."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from storage.models import Chat
from tests.cast import Actor, OnTelegram
from tests.servers.botapi import BotApi, User
from tests.servers.botapi.faults import Kind
from tests.world import World

pytestmark = pytest.mark.parametrize("platform", ["telegram"], indirect=True)


def user(actor: Actor) -> User:
    """The person behind an actor."""
    assert isinstance(actor.ways, OnTelegram)
    return actor.ways.user


def server(world: World) -> BotApi:
    """Telegram."""
    assert world.api is not None
    return world.api


async def unreachable(world: World, actor: Actor) -> datetime | None:
    """Since when nothing can be sent to somebody."""
    await world.app.idle()
    where = select(Chat.unreachable_at).where(Chat.external_key == str(user(actor).id))
    return await world.database.read(lambda session: session.scalars(where).one())


async def test_who_blocks_the_bot_is_left_alone_until_they_write_again(world: World) -> None:
    amina, joao = await world.actor("Amina"), await world.actor("João")
    await amina.says("/start", hears="Welcome to twinbot")
    assert await unreachable(world, amina) is None
    await user(amina).blocks_bot()
    # Telegram tells in order, so that what João says is heard after it.
    await joao.says("/start", hears="Welcome to twinbot")
    assert await unreachable(world, amina) is not None
    await amina.says("/help", hears="What I can do for you")
    assert await unreachable(world, amina) is None


async def test_a_refusal_marks_a_chat_and_everybody_else_is_served(world: World) -> None:
    amina, joao = await world.actor("Amina"), await world.actor("João")
    await amina.says("/start", hears="Welcome to twinbot")
    fault = server(world).fault("sendMessage", kind="blocked", chat_id=user(amina).id)
    await amina.says("/help")
    await server(world).until(lambda: fault.met)
    await joao.says("/start", hears="Welcome to twinbot")
    assert await unreachable(world, amina) is not None
    world.lost = 1
    await amina.says("/privacy", hears="Your data")
    assert await unreachable(world, amina) is None


async def test_a_flood_limit_on_one_chat_delays_nobody_else(world: World) -> None:
    amina, joao = await world.actor("Amina"), await world.actor("João")
    await amina.says("/start", hears="Welcome to twinbot")
    server(world).fault("sendMessage", kind="flood", chat_id=user(amina).id, times=None, retry_after=1)
    await amina.says("/help")
    await joao.says("/start", hears="Welcome to twinbot")
    await joao.says("/help", hears="What I can do for you")
    assert amina.news() == ""
    server(world).clear_faults()
    await amina.hears("What I can do for you")


@pytest.mark.parametrize("kind", ["error", "gateway", "drop_before"])
async def test_an_answer_gets_through_in_the_end(world: World, kind: Kind) -> None:
    amina = await world.actor("Amina")
    await amina.says("/start", hears="Welcome to twinbot")
    server(world).fault("sendMessage", kind=kind, chat_id=user(amina).id)
    await amina.says("/help", hears="What I can do for you")
