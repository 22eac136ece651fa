"""The bot is restarted, and replaced by newer versions of itself, while people are in the middle of something."""

from __future__ import annotations

from dataclasses import replace

from bot.talk import Flow, Talk
from bot.talk.commands import Commands
from bot.text import Name, _
from handlers import commands
from handlers.register import ask_country, ask_languages, ask_name, ask_wish
from tests.world import World


async def test_a_restart_between_every_two_lines(world: World) -> None:
    amina = await world.actor("Amina")
    lines = [
        ("/start", "Welcome to twinbot"),
        ("/register", "1/7"),
        ("Amina Diallo", "2/7"),
        ("Portugal", "3/7"),
        ("Viseu", "Which of these is it?"),
        ("Escola Básica do Viriato, Viseu", "4/7"),
        ("music", "5/7"),
        ("back", "4/7"),
        ("music, art", "5/7"),
        ("English", "6/7"),
        ("8-10", "7/7"),
        ("Rivers", "Is everything right?"),
    ]
    for line, hears in lines:
        await amina.says(line, hears=hears)
        await world.restart()
    await amina.chooses("Change: Ages", hears="How old are your pupils?")
    await world.restart()
    await amina.says("9-10", hears=["Is everything right?", "9–10", "Music, Art"])
    await world.restart()
    await amina.chooses("Save", hears="Welcome, Amina Diallo!")
    await world.restart()
    await amina.chooses("Find partners", hears="Partners for you")
    await world.restart()
    await amina.chooses("More", hears="6. ")


def earlier(talk: Talk) -> None:
    name = ask_name(talk)
    country = ask_country(talk)
    wish = ask_wish(talk)
    talk.say(_("Noted: {facts}", facts=Name(f"{name}/{country}/{wish}")))


def inserted(talk: Talk) -> None:
    name = ask_name(talk)
    languages = ask_languages(talk, "PT")
    country = ask_country(talk)
    wish = ask_wish(talk)
    talk.say(_("Noted: {facts}", facts=Name(f"{name}/{languages[0]}/{country}/{wish}")))


def removed(talk: Talk) -> None:
    name = ask_name(talk)
    wish = ask_wish(talk)
    talk.say(_("Noted: {facts}", facts=Name(f"{name}/{wish}")))


def reordered(talk: Talk) -> None:
    wish = ask_wish(talk)
    country = ask_country(talk)
    name = ask_name(talk)
    talk.say(_("Noted: {facts}", facts=Name(f"{name}/{country}/{wish}")))


def with_flow(flow: Flow) -> Commands:
    """The table of commands with another /register."""
    return Commands([replace(c, flow=flow) if c.word == "register" else c for c in commands()])


async def test_a_deploy_inserts_a_question(world: World) -> None:
    amina = await world.actor("Amina")
    await world.restart(with_flow(earlier))
    await amina.says("/register", hears="call you?")
    await amina.says("Amina", hears="Which country")
    await world.restart(with_flow(inserted))
    # The new question comes first; what was said meanwhile is not lost.
    await amina.says("Austria", hears="Which languages")
    await amina.says("English", hears="What are you looking for?")
    await amina.says("Songs", hears="Noted: Amina/en/AT/Songs")


async def test_a_deploy_removes_the_open_question(world: World) -> None:
    amina = await world.actor("Amina")
    await world.restart(with_flow(earlier))
    await amina.says("/register", hears="call you?")
    await amina.says("Amina", hears="Which country")
    await world.restart(with_flow(removed))
    await amina.says("Austria", hears="What are you looking for?")
    await amina.says("Songs", hears="Noted: Amina/Songs")


async def test_a_deploy_changes_the_order_of_questions(world: World) -> None:
    amina = await world.actor("Amina")
    await world.restart(with_flow(earlier))
    await amina.says("/register", hears="call you?")
    await amina.says("Amina", hears="Which country")
    await world.restart(with_flow(reordered))
    await amina.says("Austria", hears="What are you looking for?")
    await amina.says("Songs", hears="Noted: Amina/AT/Songs")


async def test_a_deploy_takes_a_whole_flow_away(world: World) -> None:
    amina = await world.actor("Amina")
    await amina.says("/register", hears="1/7")
    await world.restart(Commands([c for c in commands() if c.word != "register"]))
    await amina.says("Amina", hears="no longer part of what I do")
    await amina.says("/help", hears="What I can do for you")


async def test_what_was_heard_before_a_stop_is_answered_after_it(world: World) -> None:
    amina = await world.actor("Amina")
    await amina.says("/register", hears="1/7")
    await amina.says("Amina")
    await world.restart()
    await amina.hears("2/7")
