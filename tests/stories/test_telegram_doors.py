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
        """The doors on Telegram that are not shut: how each stands, what it lacks, its topic."""
        there = RoomDoor.platform == "telegram", RoomDoor.state != "shut"
        where = select(RoomDoor).where(*there).order_by(RoomDoor.id)
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
        await here.ines.actor.says(f"/room doors {here.staff.id}", hears=[link, "Read there: João", "Invited: Ines"])
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


async def test_both_rooms_in_a_forum_once_the_bot_has_its_rights(worlds: Worlds) -> None:
    async with project(worlds) as here:
        joao, forum = here.user(here.joao), here.group(forum=True)
        offered = await here.joao.actor.says(f"/room telegram {here.staff.id}", hears="A link that does the same")
        link = next(word for word in offered.split() if word.startswith("https://t.me/"))
        # Brought in as a plain member, the bot says what is missing, exactly.
        told = here.joao.actor.does(joao.follows_link(link.partition("&")[0], forum), hears="To be an administrator")
        assert "I go on by myself" in await told
        told = here.joao.actor.does(joao.promotes_bot(forum, ["can_invite_users"]), hears="Manage topics")
        assert "To be an administrator" not in await told
        assert [state for state, _lacks, _thread in await here.doors()] == ["opening"]
        promoted = joao.promotes_bot(forum, ["can_invite_users", "can_manage_topics", "can_delete_messages"])
        told = here.joao.actor.does(promoted, hears="The door on Telegram is open.")
        assert "Ban users" in await told
        await here.opens(forum, here.school)
        await here.world.app.idle()
        staff, school = (int(thread or 0) for _state, _lacks, thread in await here.doors())
        assert [forum.topics[one]["name"] for one in (staff, school)] == [
            "Songs of our rivers · Staff room",
            "Songs of our rivers · Class room",
        ]
        pages = {staff: here.page(here.staff), school: here.page(here.school)}
        for topic, page in pages.items():
            page.listen()
            await joao.says(f"Hello {topic}", forum, thread=topic)
            await page.hears(f"Hello {topic}")
            await page.says(f"Answer {topic}")
            copy = await here.api.wait_for(forum, f"Answer {topic}")
            assert copy.data["message_thread_id"] == topic
            await page.hears(f"Answer {topic}")
        await joao.says("Nobody hears this", forum)
        # A topic that is deleted is opened anew.
        del forum.topics[school]
        here.world.lost = 1
        await pages[school].says("Is the topic there?")
        await here.joao.actor.hears("It was deleted or closed")
        await here.opens(forum, here.school)
        await here.world.app.idle()
        assert [lacks for _state, lacks, _thread in await here.doors()] == [[], []]
        await here.world.app.idle()
        spoken = {topic: [f"Hello {topic}", f"Answer {topic}"] for topic in pages}
        spoken[school] += ["Is the topic there?"]
        assert {topic: page.spoken() for topic, page in pages.items()} == spoken
        for page in pages.values():
            await page.close()


async def test_signs_are_summed_up_and_delete_takes_back_everywhere(worlds: Worlds) -> None:
    async with project(worlds) as here:
        page, joao, ines = here.page(here.staff), here.user(here.joao), here.user(here.ines)
        page.listen()
        group = here.group()
        await here.opens(group, here.staff)
        await joao.adds(ines, group)
        await page.says("Shall we sing?")
        copy = await here.api.wait_for(group, "Shall we sing?")
        ref = await page.hears("Shall we sing?")
        # A sign from the web is the bot's own in the group; those that are put there stand there by themselves.
        assert await page.posts("sign", ref=ref, sign="👍") == 204
        await here.api.until(lambda: copy.bot_reaction == [{"type": "emoji", "emoji": "👍"}])
        await ines.reacts(copy, "❤")
        await page.until(lambda: "❤ 1" in page.seen[ref].parts.get("sign", ""))
        assert await page.posts("sign", ref=ref, sign="🎉") == 204
        await here.api.wait_for(group, "👍  🎉")
        await page.says("Shall we sing together?", edits=ref)
        await here.api.wait_for(group, "Shall we sing together?\n👍  🎉")
        assert await page.posts("sign", ref=ref, sign="👍") == 204
        await here.api.until(lambda: copy.bot_reaction == [{"type": "emoji", "emoji": "🎉"}] and "👍" not in copy.text)
        await ines.reacts(copy)
        await page.until(lambda: "❤" not in page.seen[ref].parts.get("sign", ""))
        # Telegram tells nothing of what is deleted.
        said = await ines.says("Not here", group)
        await page.hears("Not here")
        command = await ines.says("/delete", group, reply_to=said)
        await page.hears("This message was taken back.")
        await here.api.until(lambda: said.deleted and command.deleted)
        await joao.says("/delete", group, reply_to=copy)
        await here.api.wait_for(group, "a message of your own")
        # The bot keeps out of what people say to each other, and of what is for other bots.
        said = len(here.said(group))
        await ines.says("/nonsense", group)
        await ines.says(f"Ask @{here.api.me['username']} about it", group)
        await page.hears("about it")
        await ines.says("/help", group)
        await here.api.wait_for(group, "heard at the other doors of this room")
        await here.world.app.idle()
        assert len(here.said(group)) == said + 1
        await page.close()


async def test_a_door_that_moves_goes_down_and_comes_back(worlds: Worlds) -> None:
    async with project(worlds) as here:
        page, joao = here.page(here.staff), here.user(here.joao)
        page.listen()
        group = here.group(kind="group")
        await here.opens(group, here.staff)
        await joao.says("Before", group)
        await page.hears("Before")
        await here.world.app.idle()
        moved = await here.api.migrate(group)
        await here.api.until(lambda: bool(moved.invites))
        await here.world.app.idle()
        # Numbers of messages begin anew there, and what was said before stays what it was.
        for number in range(3):
            await joao.says(f"After {number}", moved)
        await page.hears("After 2")
        await page.says("From the web")
        await here.api.wait_for(moved, "From the web")
        await here.joao.actor.does(joao.promotes_bot(moved, []), hears="Add users")
        await here.joao.actor.does(joao.removes_bot(moved), hears="I was removed from the group on Telegram")
        await page.says("Who hears me?")
        await page.hears("Who hears me?")
        await here.world.app.idle()
        assert (await here.doors())[0][:2] == ("down", ["inside"])
        # Without being an administrator it would hear nothing.
        await here.joao.actor.does(joao.adds_bot(moved), hears="To be an administrator")
        assert "Who hears me?" not in str(here.said(moved))
        await here.joao.actor.does(joao.promotes_bot(moved), hears="The door on Telegram is open again.")
        await here.api.wait_for(moved, "Who hears me?")
        await here.world.app.idle()
        assert await here.doors() == [("open", [], None)]
        await here.joao.actor.says(f"/room doors {here.staff.id}", hears="Close on Telegram")
        await here.joao.actor.chooses("Close on Telegram", hears="I leave the group then")
        await here.joao.actor.chooses("Close the door", hears="The door is closed.")
        await here.api.until(lambda: not moved.inside(here.api.me["id"]))
        assert await here.doors() == []
        assert page.spoken() == ["Before", "After 0", "After 1", "After 2", "From the web", "Who hears me?"]
        await page.close()
