"""The language is changed in the middle of something, and the dialogue goes on in the new one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.text.catalogs import available
from storage.models import Person
from tests.cast import OnWeb
from tests.stories.telling import to_question, to_summary
from tests.world import World


async def test_the_language_is_changed_by_a_command(world: World) -> None:
    amina = await world.actor("Amina")
    await to_summary(amina)
    await amina.says("/language fr", hears=["français", "Portugal", "anglais"])
    await amina.says("/language polski", hears=["polski", "Portugalia", "angielski"])
    # Countries and languages are named by the reader's own dictionary, whatever the catalogs hold.
    await amina.says("/language العربية", hears=["العربية", "البرتغال", "الإنجليزية"])
    await amina.says("/language English", hears=["English", "Portugal", "Is everything right?"])
    await amina.chooses("Save", hears="Welcome, Amina Diallo!")


async def test_the_language_is_chosen_from_a_list(world: World) -> None:
    amina = await world.actor("Amina")
    await to_question(amina, 2)
    await amina.says("/language", hears="Which language shall we speak?")
    await amina.says("klingonisch", hears=["I do not speak that language yet.", "polski"])
    await amina.chooses("français", hears=["français", "2/7", "Belgique"])
    # Answers are understood in every language, whichever is spoken.
    await amina.says("Hiszpania", hears="3/7")
    await amina.says("/language en", hears=["English", "3/7"])


@pytest.mark.parametrize("platform", ["web"], indirect=True)
async def test_the_language_is_changed_in_the_menu_of_the_page(world: World) -> None:
    ines = await world.actor("Ines")
    assert isinstance(ines.ways, OnWeb)
    await to_question(ines, 5)
    await ines.does(ines.ways.commands("language fr"), hears=["français", "5/7", "portugais"])
    await ines.does(ines.ways.commands("language ar"), hears=["العربية", "البرتغالية"])
    await ines.says("anglais, Polish")
    await ines.does(ines.ways.commands("language en"), hears=["English", "6/7"])


@pytest.mark.parametrize("platform", ["telegram", "web"], indirect=True)
async def test_the_platform_gives_a_first_hint(world: World) -> None:
    amina = await world.actor("Amina", language="fr")
    await amina.says("/register")
    await amina.says("Amina", hears="Belgique")


async def test_the_likely_languages_stand_first(world: World) -> None:
    amina = await world.actor("Amina")
    await to_summary(amina)
    await amina.chooses("Save", hears="Welcome, Amina Diallo!")
    await amina.says("/language fr", hears="français")
    await amina.says("/language", hears="français")
    assert amina.last.labels[:2] == ["français", "português"] if "pt" in available() else ["français", "English"]


@pytest.mark.parametrize("platform", ["telegram", "web"], indirect=True)
async def test_luxembourgish_asks_what_stands_in_for_what_it_lacks(world: World) -> None:
    lea = await world.actor("Lea")
    await to_summary(lea)
    await lea.says("/language Lëtzebuergesch", hears="Some texts may not be there in this language.")
    assert lea.last.labels[:2] == ["français", "Deutsch"]
    await lea.chooses("Deutsch", hears=["Lëtzebuergesch (Deutsch)", "Portugal"])
    assert await _kept(world) == "lb_DE"
    # The choice can be made again, and the other one is the usual one.
    await lea.says("/language lb", hears="français")
    await lea.chooses("français", hears=["Lëtzebuergesch", "Portugal"])
    assert await _kept(world) == "lb"


async def _kept(world: World) -> str | None:
    newest = select(Person.language).order_by(Person.id.desc()).limit(1)
    return await world.database.read(lambda session: session.scalar(newest))
