"""Officers: their home, the link to the web, ambassadors, and what support hears of names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from storage import audit
from storage.staff import post_of
from tests.cast import Actor, OnWeb
from tests.staff.parts import Worlds, officer, person_called, teacher
from tests.stories.telling import register, to_question
from tests.world import World

_LINK = re.compile(r"http://\S+/in/[A-Za-z0-9_-]{43}")


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as made:
        yield made


@pytest.mark.parametrize("platform", ["telegram", "matrix"])
async def test_an_officer_signs_in_on_the_web(worlds: Worlds, platform: str) -> None:
    async with worlds(platform, "web") as world:
        ana = await officer(world, "Ana", platform)
        await ana.says("/start", hears="What waits")
        await ana.chooses("What waits", hears=["🛡 Support", "For: Portugal", "Nothing waits for you now."])
        heard = await ana.chooses("Sign in on the web", hears=["It works once", "/in/"])
        found = _LINK.search(heard)
        assert found is not None
        there = await world.actor("Ana", "web")
        assert isinstance(there.ways, OnWeb)
        assert "Support" in (await there.ways.opens(found.group()))[1]
        assert (await there.ways.presses_on(found.group(), "enter"))[0] == 303
        await there.says("/staff", hears="For: Portugal")


async def test_a_new_link_ends_the_old_one(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    links = []
    for _time in range(2):
        found = _LINK.search(await ana.says("/staff web", hears="/in/"))
        assert found is not None
        links.append(found.group())
    there = await world.actor("Ana", "web")
    assert isinstance(there.ways, OnWeb)
    assert [(await there.ways.opens(link))[0] for link in links] == [404, 200]


async def test_nobody_else_gets_a_link(world: World) -> None:
    amina = await teacher(world, "Amina Diallo", "telegram")
    assert "/in/" not in await amina.says("/staff web", hears="This is for those who help teachers")


async def name_one(ana: Actor, region: str) -> None:
    await ana.says("/ambassadors", hears=["🛡 Support", "Name one"])
    await ana.chooses("Name one", hears="Which teacher?")
    await ana.says("amina", hears="Which of these is it?")
    await ana.chooses("Amina Diallo", hears="For which region?")
    await ana.says(region, hears=["Name this teacher as an ambassador?", region])


async def test_an_ambassador_is_named_seen_and_thanked(world: World) -> None:
    ana, amina = await officer(world, "Ana", "telegram"), await teacher(world, "Amina Diallo", "web")
    await name_one(ana, "Beira Alta")
    await amina.does(
        ana.chooses("Yes", hears="is an ambassador"), hears=["🛡 Support", "as an ambassador", "Beira Alta"]
    )
    person = await person_called(world, "Amina Diallo")
    post = await world.database.read(lambda s: post_of(s, person))
    assert post is not None
    assert (post.role, post.country, post.region, post.support) == ("ambassador", "PT", "Beira Alta", False)
    # An ambassador is no officer.
    for word in ("staff", "ambassadors", "suspend"):
        await amina.says(f"/{word}", hears="This is for those who help teachers")
    await ana.says("/ambassadors", hears=["1 ambassador:", "Amina Diallo", "Beira Alta"])
    await ana.chooses("Amina Diallo", hears="Take the role away")
    gone = "no longer an ambassador"
    await amina.does(ana.chooses("Take the role away", hears="is no ambassador any more"), hears=gone)
    await ana.says("/ambassadors", hears="Nobody is an ambassador yet.")
    assert await world.database.read(lambda s: post_of(s, person)) is None
    entries = await world.database.read(lambda s: audit.entries_about(s, person))
    assert [entry.act for entry in entries] == ["ambassador_removed", "ambassador_named"]


async def test_only_a_verified_teacher_of_the_country_is_named(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    await teacher(world, "Amina Diallo", "web", verified=False)
    await ana.says("/ambassadors", hears="Name one")
    await ana.chooses("Name one", hears="Which teacher?")
    await ana.says("Amina Diallo", hears="Which of these is it?")
    await ana.chooses("Amina Diallo", hears="Only a verified teacher")
    marie = await officer(world, "Marie", "web", "FR")
    await marie.says("/ambassadors", hears="Name one")
    await marie.chooses("Name one", hears="Which teacher?")
    await marie.says("Amina Diallo", hears="I found no teacher like that")


async def test_central_support_names_one_anywhere(world: World) -> None:
    cleo = await officer(world, "Cleo", "telegram", None)
    await cleo.says("/staff", hears="For: all countries")
    await teacher(world, "Amina Diallo", "web")
    await name_one(cleo, "Viseu")
    await cleo.chooses("Yes", hears="is an ambassador")
    await cleo.says("/ambassadors", hears=["Amina Diallo", "Portugal"])


async def test_teachers_are_found_by_their_school(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    await teacher(world, "Amina Diallo", "web")
    await ana.says("/suspend", hears="Suspend a teacher")
    await ana.chooses("Suspend a teacher", hears="Which teacher?")
    await ana.says("Viriato Viseu", hears=["Which of these is it?", "Amina Diallo"])


async def test_a_name_that_says_support_is_not_taken(world: World) -> None:
    amina = await world.actor("Amina", "web")
    await amina.says("/register", hears="1/7")
    await amina.says("eTwinning Support", hears="That name sounds like support.")
    await amina.says("Amina Diallo", hears="2/7")


async def test_support_hears_of_a_name_that_imitates_it(world: World) -> None:
    ana, eve = await officer(world, "Ana", "telegram"), await world.actor("Eve", "web")
    await ana.does(register(eve, name="еTwinning Ѕupport"), hears=["looks like support", "еTwinning Ѕupport"])
    await eve.says("/profile", hears="Your profile")
    assert "🛡" not in eve.heard
    await ana.chooses("Suspend", hears=["еTwinning Ѕupport", "Why do you suspend this teacher?"])
    await ana.says("Please take your own name", hears="Suspend this teacher?")
    await ana.chooses("Yes", hears="is suspended")


async def test_support_hears_of_a_change_of_name_as_well(world: World) -> None:
    cleo = await officer(world, "Cleo", "telegram", None)
    amina = await teacher(world, "Amina Diallo", "web")
    await amina.says("/profile", hears="Your profile")
    await amina.chooses("Change: Name", hears="What may partner teachers call you?")
    await cleo.does(amina.says("5upp0rt Portugal", hears="Saved."), hears=["looks like support", "5upp0rt Portugal"])


async def test_the_mark_of_support_cannot_be_written(world: World) -> None:
    eve = await world.actor("Eve", "web")
    await to_question(eve, 1, name="🛡 Eve")
    await eve.says("/cancel", hears="Stopped")
    await register(eve, name="🛡️ Eve 🛡")
    assert "🛡" not in eve.heard
