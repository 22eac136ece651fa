"""The rooms of a project on Matrix: opened by a teacher there, read by another on the web, looked after by the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest
from sqlalchemy.orm import Session

from bot.platforms.matrix import Matrix
from handlers.rooms.onmatrix import matrix_chore
from storage import partnerships, projects, rooms
from storage.rooms import opening, places
from tests.cast import OnMatrix, OnWeb
from tests.patience import PATIENCE
from tests.projects.page import RoomPage
from tests.projects.town import RIVERS
from tests.servers.matrix_user import MatrixError, MatrixUser
from tests.stories.teachers import Colleague, verified
from tests.world import World

Worlds = Callable[..., World]


def plain(text: str) -> str:
    """Without the signs that keep the direction of names apart."""
    return text.translate({0x2068: None, 0x2069: None})


@dataclass
class House:
    """A project of João, who is on Matrix, and Amina, who is on the web."""

    world: World
    joao: Colleague
    amina: Colleague
    project: int
    staff: rooms.Room
    classroom: rooms.Room

    @property
    def user(self) -> MatrixUser:
        return matrix_of(self.joao)

    @property
    def matrix(self) -> Matrix:
        platform = self.world.app.platforms["matrix"]
        assert isinstance(platform, Matrix)
        return platform

    @property
    def operator(self) -> MatrixUser:
        """The bot's own account in the hands of whoever runs it."""
        assert self.world.server is not None
        return MatrixUser(self.world.server.url, self.world._bot_login, self.user._http)

    async def chat_of(self, room: int | None) -> str:
        """How Matrix calls the space, or the door of a room."""

        def look(session: Session) -> str:
            known = [
                places.space_of(session, self.project, "matrix"),
                *places.doors_of(session, self.project, "matrix"),
            ]
            return next(spot.external for spot in known if spot is not None and spot.room == room)

        return await self.world.database.read(look)

    async def standing(self, room: int) -> str:
        found = await self.world.database.read(partial(opening.standing_of, room=room, platform="matrix"))
        return found[0].state if found else "none"

    async def stands(self, who: Colleague, state: str) -> None:
        """Wait until somebody reads, or does not, at the door of the staff room."""

        def look(session: Session) -> str | None:
            door = opening.standing_of(session, self.staff.id, "matrix")[0].id
            return opening.readers(session, door).get(who.person)

        await self.until(lambda: self.world.database.read(look), state)

    async def until(self, look: Callable[[], Awaitable[object]], wanted: object) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await look() == wanted:
                    return
                await asyncio.sleep(0.02)

    async def open(self) -> tuple[str, str, str]:
        """João opens Matrix; the space and the two rooms."""
        await self.joao.actor.says(f"!room matrix {self.staff.id}", hears="Open the rooms of this project on Matrix?")
        await self.joao.actor.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
        await self.joao.actor.hears("are open on Matrix")
        await self.world.app.idle()
        return await self.chat_of(None), await self.chat_of(self.staff.id), await self.chat_of(self.classroom.id)

    def page(self, room: rooms.Room, who: Colleague | None = None) -> RoomPage:
        ways = (who or self.amina).actor.ways
        assert isinstance(ways, OnWeb)
        return RoomPage(ways.http, self.world.address, room.address)


def matrix_of(one: Colleague) -> MatrixUser:
    ways = one.actor.ways
    assert isinstance(ways, OnMatrix)
    return ways.user


def begin(session: Session, joao: int, amina: int, world: World) -> int:
    partnerships.open_(session, joao, amina, world.now())
    made = projects.propose(session, joao, amina, RIVERS, world.now()).id
    projects.sign(session, made, amina, world.now())
    return made


@asynccontextmanager
async def house(worlds: Worlds) -> AsyncIterator[House]:
    async with worlds("web", "matrix") as world:
        joao, amina = await verified(world, "João", "matrix"), await verified(world, "Amina", "web")
        made = await world.database.write(partial(begin, joao=joao.person, amina=amina.person, world=world))
        staff, classroom = await world.database.read(partial(rooms.of_project, project=made))
        yield House(world, joao, amina, made, staff, classroom)


async def member_of(user: MatrixUser, room: str, who: str) -> str | None:
    try:
        return str((await user.call("GET", f"/rooms/{room}/state/m.room.member/{who}"))["membership"])
    except MatrixError:
        return None


async def test_a_teacher_on_matrix_and_one_on_the_web(worlds: Worlds) -> None:
    async with house(worlds) as here:
        space, staff, classroom = await here.open()
        user = here.user
        for room in (space, staff, classroom):
            await user.is_invited(room)
            await user.join(room)
        page = here.page(here.staff)
        page.listen()
        # What stands out travels both ways; what is typed stays what it is.
        html = {"format": "org.matrix.custom.html", "formatted_body": "<b>Good</b> morning &lt;i&gt;"}
        said = await user.send(staff, {"msgtype": "m.text", "body": "**Good** morning <i>", **html})
        on_page = await page.hears("Good morning <i>")
        assert page.seen[on_page].parts["who"].startswith("João · ")
        await page.says("Olá <b>João</b>", about=on_page)
        copy = await user.hears("Olá <b>João</b>", room_id=staff)
        assert plain(copy.body).startswith("Amina · Escola Básica do Viriato · 🇵🇹\n")
        assert "&lt;b&gt;João" in copy.content["formatted_body"]
        assert copy.relation["m.in_reply_to"]["event_id"] == said
        # Changes, removals and signs follow.
        await user.edits(staff, said, "Good evening")
        await page.hears("Good evening")
        sign = await user.reacts(staff, copy.event_id, "🎉")
        mine = page.named("Olá <b>João</b>") or ""
        await page.until(lambda: "🎉 1" in page.seen[mine].parts.get("sign", ""))
        await user.redacts(staff, sign)
        await page.until(lambda: "sign" not in page.seen[mine].parts)
        assert await page.posts("remove", ref=mine) == 204
        await user.hears(lambda heard: heard.type == "m.room.redaction", room_id=staff)
        # The bot is brief in a room, and what is said in one room is not heard in the other.
        await user.says(staff, "!help")
        brief = await user.hears("to the other doors of this room", room_id=staff)
        assert len(brief.body) < 200
        await user.says(classroom, "For the class")
        await here.world.app.idle()
        assert page.spoken() == ["Good evening", "This message was taken back."]
        await page.close()
        # The card of the room says who reads where.
        await here.amina.actor.says(f"/room doors {here.staff.id}", hears="Matrix: open")
        assert any("Read there: João" in plain(seen.text) for seen in here.amina.actor.ways.seen().values())


async def test_who_joins_is_invited_and_who_leaves_is_sent_away(worlds: Worlds) -> None:
    async with house(worlds) as here:
        chats = await here.open()
        ines = await verified(here.world, "Ines", "matrix")
        user = matrix_of(ines)

        def join(session: Session) -> None:
            partnerships.open_(session, here.joao.person, ines.person, here.world.now())
            projects.invite(session, here.project, here.joao.person, ines.person, here.world.now())

        await here.world.database.write(join)
        await ines.actor.says(f"!project yes {here.project}", hears="You are in.")
        for room in chats:
            await user.is_invited(room)
            await user.join(room)
        # Leaving one door is not leaving the project, and nobody is asked again who did not want to.
        await user.leave(chats[1])
        await here.world.app.idle()
        await here.stands(ines, "out")
        await ines.actor.says(f"!room doors {here.staff.id}", hears="Left this door: Ines")
        await ines.actor.says(f"!room again {here.staff.id}", hears="on their way to you")
        await user.is_invited(chats[1])
        # A stranger whom somebody brought in does not stay.
        eve = await verified(here.world, "Eve", "matrix")
        stranger = matrix_of(eve)
        await here.operator.invite(chats[2], stranger.user_id)
        await here.until(lambda: member_of(here.operator, chats[2], stranger.user_id), "leave")
        # Who leaves the project leaves the space and every room of it.
        await ines.actor.says(f"!project leave {here.project}", hears="Do you want to leave?")
        await ines.actor.chooses("Leave the project", hears="You have left the project.")
        await here.world.app.idle()
        assert [await member_of(here.operator, room, user.user_id) for room in chats] == ["leave"] * 3
        with pytest.raises(MatrixError, match="M_FORBIDDEN"):
            await user.join(chats[2])
        # A closed project is only read; opened again, it is written in.
        await here.user.join(chats[1])
        await here.joao.actor.says(f"!project close {here.project}", hears="Its rooms can only be read then.")
        await here.joao.actor.chooses("Close it", hears="This project is closed now.")
        await here.world.app.idle()
        with pytest.raises(MatrixError, match="M_FORBIDDEN"):
            await here.user.says(chats[1], "too late")
        await here.joao.actor.says(f"!project open {here.project}", hears="The project is open again.")
        await here.world.app.idle()
        await here.user.says(chats[1], "in time")


async def test_a_door_that_is_closed_stays_closed_until_somebody_opens_it(worlds: Worlds) -> None:
    async with house(worlds) as here:
        chats = await here.open()
        user, actor = here.user, here.joao.actor
        await user.is_invited(chats[1])
        await user.join(chats[1])
        await actor.says(f"!room doors {here.staff.id}", hears="Close the door")
        await actor.chooses("Close the door", hears=["Matrix", "Close this door?"])
        await actor.chooses("Close the door", hears="The door is closed.")
        await here.world.app.idle()
        assert await member_of(user, chats[1], here.world.bot) == "leave"
        assert any("The door is closed." in plain(one.body) for one in await user.history(chats[1]))
        # Nothing that looks after rooms opens it again.
        await here.world.app.do(matrix_chore)
        await here.world.app.idle()
        standing = await here.world.database.read(lambda s: opening.standing_of(s, here.staff.id, "matrix"))
        assert standing == []
        await actor.says(f"!room matrix {here.staff.id}", hears="Open the rooms of this project on Matrix?")
        await actor.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
        await here.world.app.idle()
        assert await here.chat_of(here.staff.id) not in chats


async def test_a_restart_in_the_middle_makes_no_room_twice(worlds: Worlds) -> None:
    async with house(worlds) as here:
        before = await here.operator.call("GET", "/joined_rooms")
        await here.joao.actor.says(f"!room matrix {here.staff.id}", hears="Open the rooms of this project on Matrix?")
        await here.joao.actor.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
        await here.world.restart()
        await here.joao.actor.hears("are open on Matrix")
        await here.world.app.idle()
        after = await here.operator.call("GET", "/joined_rooms")
        assert len(after["joined_rooms"]) == len(before["joined_rooms"]) + 3


async def test_an_upgraded_room_is_followed_and_a_bot_that_is_removed_says_so(worlds: Worlds) -> None:
    async with house(worlds) as here:
        # From version 12 on nobody can remove who made a room.
        here.matrix._deeds._wants = "11"
        _space, staff, _classroom = await here.open()
        user, page = here.user, here.page(here.staff)
        page.listen()
        await user.join(staff)
        new = (await here.operator.call("POST", f"/rooms/{staff}/upgrade", {"new_version": "11"}))["replacement_room"]
        await user.is_invited(new)
        await user.join(new)
        await user.says(new, "We have moved")
        await page.hears("We have moved")
        await page.says("So we have")
        await user.hears("So we have", room_id=new)
        power = await here.operator.call("GET", f"/rooms/{new}/state/m.room.power_levels/")
        raised = {**power, "users": {**power["users"], user.user_id: 100, here.world.bot: 50}}
        await here.operator.set_state(new, "m.room.power_levels", raised)
        gone = user.call("POST", f"/rooms/{new}/kick", {"user_id": here.world.bot})
        await here.joao.actor.does(gone, hears="I was removed from this room on Matrix")
        await page.says("Nobody hears this there")
        await page.hears("Nobody hears this there")
        await here.amina.actor.says(f"/room doors {here.staff.id}", hears="Matrix: nothing gets through")
        await here.amina.actor.chooses("Try Matrix again", hears="Open the rooms of this project on Matrix?")
        await here.amina.actor.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
        await here.until(lambda: here.standing(here.staff.id), "open")
        again = await here.chat_of(here.staff.id)
        await user.is_invited(again)
        await user.join(again)
        await user.hears("Nobody hears this there", room_id=again)
        await page.close()
