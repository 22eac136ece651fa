"""Doors on Telegram: a teacher opens one with a button or a link, members are let in, what changes is noticed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import partnerships, projects, rooms
from storage.models import DoorMember, RoomDoor
from tests.cast import OnTelegram, OnWeb
from tests.projects.page import RoomPage
from tests.projects.town import RIVERS
from tests.servers.botapi import BotApi, Chat, User
from tests.stories.teachers import Colleague, verified
from tests.world import World

Worlds = Callable[..., World]
CHOOSE = "Choose a group"


def plain(text: str) -> str:
    """Without the signs that keep the direction of names apart."""
    return text.translate({0x2068: None, 0x2069: None})


@dataclass
class Project:
    """A project of João and Ines, who are on Telegram, and Amina, who is on the web."""

    world: World
    amina: Colleague
    joao: Colleague
    ines: Colleague
    staff: rooms.Room
    school: rooms.Room

    @property
    def api(self) -> BotApi:
        assert self.world.api is not None
        return self.world.api

    def user(self, one: Colleague) -> User:
        ways = one.actor.ways
        assert isinstance(ways, OnTelegram)
        return ways.user

    def page(self, room: rooms.Room) -> RoomPage:
        ways = self.amina.actor.ways
        assert isinstance(ways, OnWeb)
        return RoomPage(ways.http, self.world.address, room.address)

    def group(self, title: str = "Rivers", **how: Any) -> Chat:
        return self.api.group(title, creator=self.user(self.joao), **{"bot": None, **how})

    async def doors(self) -> list[tuple[str, list[Any], str | None]]:
        """The doors on Telegram: how each stands, what it lacks, its topic."""
        where = select(RoomDoor).where(RoomDoor.platform == "telegram").order_by(RoomDoor.id)
        return await self.world.database.read(lambda s: [(d.state, d.lacks, d.thread) for d in s.scalars(where)])

    async def reads(self) -> dict[str, str]:
        """Who stands how at the door on Telegram."""

        def look(session: Session) -> dict[str, str]:
            found = {}
            for one in (self.joao, self.ines):
                mine = rooms.seat_of(session, self.staff.id, one.person)
                where = select(DoorMember.state).where(DoorMember.member_id == (mine.member if mine else 0))
                found[one.actor.name] = session.scalar(where) or ""
            return found

        return await self.world.database.read(look)

    async def opens(self, group: Chat, room: rooms.Room, hears: str = "The door on Telegram is open.") -> None:
        """João opens a door with the button."""
        await self.joao.actor.says(f"/room telegram {room.id}", hears="Everybody in that group reads along")
        await self.joao.actor.does(self.user(self.joao).chooses_group(CHOOSE, group), hears=hears)

    def said(self, group: Chat) -> list[str]:
        """What the bot says in a group, without how it greets."""
        by_bot = [plain(m.text) for m in group.messages if m.by_bot and not m.deleted and m.text]
        return [text for text in by_bot if "This group is a door" not in text]


def begin(session: Session, people: tuple[int, int, int], world: World) -> list[rooms.Room]:
    joao, amina, ines = people
    now = world.now()
    for other in (amina, ines):
        partnerships.open_(session, joao, other, now)
    made = projects.propose(session, joao, amina, RIVERS, now).id
    projects.sign(session, made, amina, now)
    projects.invite(session, made, joao, ines, now)
    projects.answer(session, made, ines, True, now)
    return rooms.of_project(session, made)


@asynccontextmanager
async def project(worlds: Worlds) -> AsyncIterator[Project]:
    async with worlds("telegram", "web") as world:
        joao, ines = await verified(world, "João", "telegram"), await verified(world, "Ines", "telegram")
        amina = await verified(world, "Amina", "web")
        people = joao.person, amina.person, ines.person
        staff, school = await world.database.write(partial(begin, people=people, world=world))
        yield Project(world, amina, joao, ines, staff, school)


async def test_a_door_is_opened_with_a_button_and_members_are_let_in(worlds: Worlds) -> None:
    async with project(worlds) as here:
        page = here.page(here.staff)
        page.listen()
        group, ines = here.group(), here.user(here.ines)
        await here.opens(group, here.staff)
        await here.ines.actor.hears("Follow the link and ask to be let in")
        await here.world.app.idle()
        assert await here.doors() == [("open", [], None)]
        assert await here.reads() == {"João": "in", "Ines": "asked"}
        (link,) = group.invites
        await ines.asks_to_join(group, link)
        await here.api.until(lambda: group.inside(ines.id))
        eve = here.api.user("Eve")
        await eve.asks_to_join(group, link)
        await here.api.wait_for(eve, "I do not know you as one of them")
        await here.world.app.idle()
        assert not group.inside(eve.id) and not group.asking
        assert await here.reads() == {"João": "in", "Ines": "in"}
        # All three talk: two in the group, one on the web.
        await ines.says("Olá from the group", group)
        await page.hears("Olá from the group")
        await page.says("And from the web")
        copy = await here.api.wait_for(group, "And from the web")
        await here.user(here.joao).says("I heard both", group, reply_to=copy)
        heard = await page.hears("I heard both")
        assert "And from the web" in page.seen[heard].parts["quote"]
        await here.world.app.idle()
        assert [text.splitlines()[-1] for text in here.said(group)] == ["And from the web"]
        await page.close()
