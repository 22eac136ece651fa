"""A teacher shows that they teach, in each of the four ways, on every platform; support answers on another."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.cast import Actor, OnWeb
from tests.stories.support import comes_round, helper, status, writes_to_support
from tests.stories.telling import register
from tests.world import World

# A Tuesday morning without a holiday near in Portugal.
TUESDAY = datetime(2026, 10, 13, 9, tzinfo=UTC)


@pytest.fixture
async def world(platform: str, worlds: Callable[..., World]) -> AsyncIterator[World]:
    """The teacher's platform, the web for those who help, and mail."""
    async with worlds(*dict.fromkeys((platform, "web", "mail"))) as made:
        made.stands = TUESDAY
        yield made


def link_in(letter: EmailMessage) -> str:
    """The web address in a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return re.findall(r"http://\S+/in/\S+", body.get_content())[0]


def browser(actor: Actor) -> OnWeb:
    """Somebody's browser."""
    assert isinstance(actor.ways, OnWeb)
    return actor.ways


async def test_a_note_is_approved_and_the_teacher_hears_it(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await world.actor("Amina")
    await register(amina)
    await ines.does(writes_to_support(amina, "See escola.example, music"), hears="A teacher waits")
    await ines.chooses("Look at it", hears=["Amina Diallo", "1 teacher waits", "See escola.example, music"])
    await ines.chooses("Approve", hears=["Approved", "Nobody waits to be verified now"])
    assert await status(world) == "unverified"
    world.offset += timedelta(seconds=11)
    await amina.does(comes_round(world, "decisions"), hears="You are verified.")
    assert await status(world) == "verified"
    await amina.says("/verification", hears=["You are verified.", "support"])


async def test_a_code_to_a_school_address(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    await amina.chooses("Get verified", hears="Code by e-mail")
    await amina.chooses("Code by e-mail", hears="name@viriato.example")
    await amina.says("amina.diallo@mail.viriato.example", hears="A code is on its way")
    letter = await world.mailbox.until(1)
    code = str(letter["Subject"]).rpartition(" ")[2].strip("\u2068\u2069")
    assert world.mailbox.recipients == ["amina.diallo@mail.viriato.example"]
    await amina.says("AAA-AAA", hears="That code is not right")
    await amina.says(code.lower().replace("-", " "), hears="You are verified.")
    assert await status(world) == "verified"


async def test_the_head_teacher_confirms(world: World) -> None:
    head = await world.actor("Rosa", "web")
    amina = await world.actor("Amina")
    await register(amina)
    await amina.says("/verification", hears="Head teacher")
    await amina.chooses("Head teacher", hears="Shall I write?")
    await amina.chooses("Yes", hears=["I have written to your school", "can answer until"])
    link = link_in(await world.mailbox.until(1))
    assert world.mailbox.recipients == ["direcao@viriato.example"]
    status_code, page = await browser(head).opens(link)
    assert (status_code, "Amina Diallo" in page) == (200, True)
    assert await status(world) == "unverified"
    await amina.does(browser(head).presses_on(link, "yes"), hears="You are verified.")
    assert await status(world) == "verified"


async def test_an_ambassador_gives_their_word(world: World) -> None:
    joao = await helper(world, "João", "web", "ambassador", region="Viseu e Guarda")
    amina = await world.actor("Amina")
    await register(amina)
    await amina.says("/verification", hears="Ambassador")
    await amina.chooses("Ambassador", hears="1 ambassador of your country will see")
    await joao.does(amina.chooses("Yes", hears="I have asked."), hears=["asks for your word", "Amina Diallo", "Viseu"])
    await joao.chooses("Look at it", hears="Do you know that this person teaches there?")
    await amina.does(joao.chooses("Yes, I know it", hears="The teacher is verified"), hears="You are verified.")
    assert await status(world) == "verified"
