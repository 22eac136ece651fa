"""Whatever somebody writes: commands in the middle of a question, misspelt ones, plain words, noise, and files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.cast import Actor, OnMatrix, OnTelegram
from tests.stories.telling import register, to_question, to_summary
from tests.world import World

#: What each command says in the middle of a question, to somebody who is not registered.
ANSWERS = {
    "/start": "Welcome to twinbot",
    "/register": "2/7",
    "/partners": "This is for registered teachers.",
    "/profile": "This is for registered teachers.",
    "/link": "Your code, good for 15 minutes",
    "/privacy": "Your data",
    "/help": "What I can do for you",
}


async def test_every_command_is_answered_in_the_middle_of_a_question(world: World) -> None:
    amina = await world.actor("Amina")
    await to_question(amina, 2)
    for command, answer in ANSWERS.items():
        await amina.says(command, hears=[answer, "2/7"])
    await amina.says("/language", hears="Which language shall we speak?")
    await amina.says("English", hears=["From now on", "2/7"])
    await amina.says("help", hears=["What I can do for you", "2/7"])
    await amina.says("/nonsense", hears=["I do not know that command.", "2/7"])
    await amina.says("Portugal", hears="3/7")


async def test_a_flow_within_a_flow_is_cancelled_alone(world: World) -> None:
    amina = await world.actor("Amina")
    await to_question(amina, 2)
    await amina.says("/language", hears="Which language shall we speak?")
    await amina.says("cancel", hears=["Back to where we were", "2/7"])
    await amina.says("cancel", hears="Stopped. Nothing was saved.")
    await amina.says("cancel", hears="There is nothing to cancel.")
    await amina.says("back", hears="There is nothing to go back to.")


async def test_words_outside_of_any_question(world: World) -> None:
    amina = await world.actor("Amina")
    await amina.says("hello", hears=["Here is what I can do:", "Register"])
    await amina.says("/regster", hears=["Did you mean this?", "Register"])
    await amina.says("1", hears="1/7")
    await amina.says("cancel", hears="Stopped.")
    await amina.says("help", hears="What I can do for you")
    await amina.says("find partners", hears="This is for registered teachers.")
    await amina.says("Registr", hears="1/7")
    await amina.says("/CANCEL", hears="Stopped.")


async def test_a_teacher_asks_in_plain_words(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    await amina.says("find partners", hears="Partners for you")
    await amina.says("cancel", hears="Stopped.")
    await amina.says("My profile", hears="Your profile")


@pytest.mark.parametrize("noise", ["\u202e\u200b\u2066", " \u0007\u200f ", "...", "\U0001f600\U0001f600"])
async def test_noise_is_no_name(world: World, noise: str) -> None:
    amina = await world.actor("Amina")
    await to_question(amina, 1)
    await amina.says(noise)
    await amina.says("/nonsense", hears=["I do not know that command.", "1/7"])
    await amina.says("Amina", hears="2/7")


@pytest.mark.parametrize("platform", ["terminal"], indirect=True)
async def test_an_empty_line_brings_the_question_again(world: World) -> None:
    amina = await world.actor("Amina")
    await amina.says("", hears="What would you like to do?")
    await to_question(amina, 2)
    await amina.says("", hears="2/7")


async def test_far_too_many_words(world: World) -> None:
    amina = await world.actor("Amina")
    long = "Wir suchen Partner. " * (195 if amina.platform in {"web", "telegram"} else 500)
    await to_question(amina, 1)
    await amina.says(long, hears=["Please keep it to 60 characters.", "1/7"])
    await amina.says("Amina", hears="2/7")
    await amina.says(long, hears="2/7")
    await amina.says("Portugal", hears="3/7")
    await amina.says(long, hears="3/7")
    await amina.says("Viseu", hears="Which of these is it?")
    await amina.chooses("Viriato", hears="4/7")
    await amina.says(long, hears="4/7")
    await amina.says("music", hears="5/7")
    await amina.says(long, hears="5/7")
    await amina.says("English", hears="6/7")
    await amina.says(long, hears="6/7")
    await amina.says("8-10", hears="7/7")
    await amina.says(long, hears=["Please keep it to 500 characters.", "7/7"])


NAMES = [
    "<b>Anna</b> & *Bob*",
    "[x](https://example.org) _a_ `b`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "Zoë 👩🏽‍🏫 Ångström",
    "أمينة ديالو",
    "{name} %s {0}",
]


@pytest.mark.parametrize("name", NAMES)
async def test_names_are_shown_as_they_were_written(world: World, name: str) -> None:
    amina = await world.actor("Amina")
    await to_summary(amina, name=name, wish=f"1 < 2 & {name}")
    assert f"Name: {name}\n" in amina.news()
    assert f"1 < 2 & {name}" in amina.news()
    await amina.chooses("Save", hears=f"Welcome, {name}!")


async def test_signs_that_turn_the_text_around_are_taken_out_of_names(world: World) -> None:
    amina = await world.actor("Amina")
    await to_summary(amina, name="Amina \u202eDiallo\u0007\u2066")
    assert "Name: Amina Diallo\n" in amina.news()


def files(actor: Actor) -> list[Callable[[], Awaitable[object]]]:
    """What is no text, as the platform knows it."""
    ways = actor.ways
    if isinstance(ways, OnTelegram):
        user = ways.user
        return [
            user.sends_photo,
            user.sends_document,
            user.sends_voice,
            user.sends_sticker,
            user.sends_location,
            user.sends_contact,
        ]
    assert isinstance(ways, OnMatrix)
    matrix, room = ways.user, ways.room
    place = {"msgtype": "m.location", "body": "here", "geo_uri": "geo:48.2,16.4"}
    sticker = {"body": "hi", "url": "mxc://twinbot.test/x", "info": {}}
    return [
        lambda: matrix.shows_picture(room),
        lambda: matrix.send(room, {"msgtype": "m.file", "body": "a.pdf", "url": "mxc://twinbot.test/x"}),
        lambda: matrix.send(room, {"msgtype": "m.audio", "body": "a.ogg", "url": "mxc://twinbot.test/x"}),
        lambda: matrix.send(room, place),
        lambda: matrix.send(room, sticker, "m.sticker"),
    ]


@pytest.mark.parametrize("platform", ["telegram", "matrix"], indirect=True)
async def test_what_is_no_text_is_declined_and_the_question_goes_on(world: World) -> None:
    amina = await world.actor("Amina")
    await to_question(amina, 2)
    for send in files(amina):
        await amina.does(send(), hears=["I can only read text here.", "2/7"])
    await amina.says("Portugal", hears="3/7")
