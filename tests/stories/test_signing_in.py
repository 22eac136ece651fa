"""A one-time link signs a browser in, once, and only when somebody presses the button."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.signing_in import sign_in_token
from storage.models import Account, Teacher
from storage.staff import name_officer
from tests.cast import Actor, OnWeb
from tests.stories.telling import register
from tests.world import World


@pytest.fixture
async def world(worlds: Callable[..., World]) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as made:
        yield made


def talking(session: Session) -> list[int]:
    """The people of the story, in the order in which they came; the fictional ones are on no platform."""
    real = select(Account.person_id).where(Account.platform.in_(["telegram", "web"]))
    return list(dict.fromkeys(session.scalars(real.order_by(Account.id))))


async def link_for(world: World, person: int | None = None) -> str:
    """A link for the one who came first, or for this person."""

    def unit(session: Session) -> str:
        return sign_in_token(session, person or talking(session)[0], world.now())

    return f"{world.address}/in/{await world.database.write(unit)}"


async def browser(world: World) -> tuple[Actor, OnWeb]:
    actor = await world.actor("Amina", "web")
    assert isinstance(actor.ways, OnWeb)
    return actor, actor.ways


async def test_a_browser_becomes_the_person_who_asked(world: World) -> None:
    await register(await world.actor("Amina", "telegram"))
    link = await link_for(world)
    there, ways = await browser(world)
    # A preview of the link, however often, changes nothing.
    for _look in range(3):
        status, page = await ways.opens(link)
        assert (status, "Amina Diallo" in page) == (200, True)
    assert await ways.presses_on(link, "enter") == (303, "")
    await there.says("/profile", hears="Amina Diallo")
    # The link is of no use to anybody else.
    _other, theirs = await browser(world)
    status, page = await theirs.opens(link)
    assert (status, "This link has been used" in page) == (410, True)
    assert (await theirs.presses_on(link, "enter"))[0] == 410


async def test_a_guest_of_the_browser_becomes_part_of_the_person(world: World) -> None:
    await register(await world.actor("Amina", "telegram"))
    there, ways = await browser(world)
    await there.says("/register", hears="1/7")
    link = await link_for(world)
    assert "somebody else" not in (await ways.opens(link))[1]
    assert (await ways.presses_on(link, "enter"))[0] == 303
    assert len(await world.database.read(talking)) == 1
    await there.says("/profile", hears="Amina Diallo")


async def test_somebody_else_with_a_profile_is_asked_first(world: World) -> None:
    await register(await world.actor("Amina", "telegram"))
    link = await link_for(world)
    there, ways = await browser(world)
    await register(there, name="Ines Costa")
    status, page = await ways.opens(link)
    assert status == 200
    assert "Ines Costa" in page
    assert "Amina Diallo" in page
    # The page may be older than what it says.
    assert "Ines Costa" in (await ways.presses_on(link, "enter"))[1]
    assert (await ways.presses_on(link, "switch"))[0] == 303
    await there.says("/profile", hears="Amina Diallo")
    names = await world.database.read(lambda s: set(s.scalars(select(Teacher.name))))
    assert {"Amina Diallo", "Ines Costa"} <= names


async def test_a_second_browser_shows_the_same_chat(world: World) -> None:
    one, ways = await browser(world)
    await register(one)
    assert (await ways.presses_on(await link_for(world), "enter"))[0] == 303
    two, theirs = await browser(world)
    assert (await theirs.presses_on(await link_for(world), "enter"))[0] == 303
    await two.hears("Welcome, Amina Diallo!")
    await two.does(one.says("/help"), hears="What I can do for you")


async def test_it_stops_working_when_it_is_old_or_another_one_is_made(world: World) -> None:
    await register(await world.actor("Amina", "telegram"))
    first = await link_for(world)
    second = await link_for(world)
    _there, ways = await browser(world)
    assert (await ways.presses_on(first, "enter"))[0] == 404
    world.offset += timedelta(minutes=10)
    status, page = await ways.opens(second)
    assert (status, "This link is too old" in page) == (410, True)
    assert (await ways.presses_on(second, "enter"))[0] == 410


async def test_support_is_named_as_such(world: World) -> None:
    await (await world.actor("Ana", "telegram")).says("/start", hears="Welcome")
    await world.database.write(
        lambda s: name_officer(s, talking(s)[0], "central", None, named_by=None, now=world.now())
    )
    _there, ways = await browser(world)
    assert "Support" in (await ways.opens(await link_for(world)))[1]


async def test_whoever_tries_many_addresses_is_slowed_and_others_come_to_theirs(world: World) -> None:
    _there, ways = await browser(world)
    answers = [(await ways.opens(f"{world.address}/in/{'x' * 42}{n % 10}"))[0] for n in range(25)]
    assert answers == [404] * 20 + [429] * 5
    world.offset += timedelta(minutes=11)
    assert (await ways.opens(f"{world.address}/in/x"))[0] == 404


async def test_another_page_cannot_press(world: World) -> None:
    await register(await world.actor("Amina", "telegram"))
    link = await link_for(world)
    _there, ways = await browser(world)
    async with ways.http.post(link, data={"choice": "enter"}, headers={"Origin": "https://evil.example"}) as answer:
        assert answer.status == 403
        assert "nothing was done" in await answer.text()
    assert (await ways.presses_on(link, "enter"))[0] == 303
