"""A room of a project, from the web and from a Telegram group: what is said at one door is heard at the other."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from zipfile import ZipFile

import aiohttp
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.room_archives import RoomArchives
from bot.talk import Attachment
from handlers.rooms.exporting import SOURCE
from storage import partnerships, projects, rooms
from storage.models import Chat, Utterance
from tests.cast import OnTelegram, OnWeb
from tests.pictures import photo
from tests.projects.page import RoomPage
from tests.projects.town import RIVERS
from tests.servers.botapi.world import keyboard
from tests.stories.teachers import Colleague, verified
from tests.world import World

Worlds = Callable[..., World]


def plain(text: str) -> str:
    """Without the signs that keep the direction of names apart."""
    return text.translate({0x2068: None, 0x2069: None})


@dataclass
class Staff:
    """The staff room of a project: Amina at its page, João in a group that is its other door."""

    world: World
    amina: Colleague
    joao: Colleague
    room: rooms.Room
    page: RoomPage
    group: Any

    @property
    def in_group(self) -> Any:
        ways = self.joao.actor.ways
        assert isinstance(ways, OnTelegram)
        return ways.user

    async def heard_in_group(self, words: str, since: int = 0) -> Any:
        assert self.world.api is not None
        return await self.world.api.wait_for(self.group, words, since=since)

    def by_label(self) -> list[str]:
        """The labels of buttons in the group."""
        found = [keyboard(message.data) for message in self.group.messages if message.by_bot]
        return [button["text"] for rows in found for row in rows for button in row]

    def by_bot(self) -> list[str]:
        return [plain(message.text) for message in self.group.messages if message.by_bot and not message.deleted]


def begin(session: Session, amina: int, joao: int, group: str, world: World, place: int = 0) -> rooms.Room:
    now = world.now()
    partnerships.open_(session, amina, joao, now)
    made = projects.propose(session, amina, joao, RIVERS, now).id
    projects.sign(session, made, joao, now)
    staff = rooms.of_project(session, made)[place]
    chat = Chat(platform="telegram", external_id=group, kind="group")
    session.add(chat)
    session.flush()
    rooms.add_door(session, staff.id, "telegram", chat.id, now, by=joao)
    return staff


@asynccontextmanager
async def staff_room(worlds: Worlds) -> AsyncIterator[Staff]:
    async with worlds("web", "telegram") as world:
        amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "telegram")
        assert world.api is not None
        user = joao.actor.ways
        assert isinstance(user, OnTelegram)
        group = world.api.group("Rivers", creator=user.user, bot="administrator")
        made = partial(begin, amina=amina.person, joao=joao.person, group=str(group.id), world=world)
        room = await world.database.write(made)
        page = browsing(world, amina, room)
        page.listen()
        yield Staff(world, amina, joao, room, page, group)
        await page.close()


def browsing(world: World, one: Colleague, room: rooms.Room) -> RoomPage:
    ways = one.actor.ways
    assert isinstance(ways, OnWeb)
    return RoomPage(ways.http, world.address, room.address)


async def test_said_at_one_door_and_heard_at_the_other(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        await here.page.says("Good morning, João!")
        copy = await here.heard_in_group("Good morning, João!")
        assert plain(copy.text) == "Amina · Escola Básica do Viriato · 🇵🇹\nGood morning, João!"
        mine = await here.page.hears("Good morning, João!")
        assert here.page.seen[mine].parts["who"].startswith("You")
        await here.in_group.says("Dzień dobry!", here.group)
        theirs = await here.page.hears("Dzień dobry!")
        assert here.page.seen[theirs].parts["who"].startswith("João · Szkoła Podstawowa nr 77 · 🇵🇱")
        # Nothing comes back to the door where it was said, and nobody is told anything in private.
        await here.world.app.idle()
        assert here.by_bot() == [plain(copy.text)]
        assert here.page.spoken() == ["Good morning, João!", "Dzień dobry!"]


async def test_replies_changes_removals_and_signs_follow(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        await here.page.says("When do we meet?")
        question = await here.heard_in_group("When do we meet?")
        asked = await here.page.hears("When do we meet?")
        said = await here.in_group.says("On Tuesday", here.group, reply_to=question)
        answer = await here.page.hears("On Tuesday")
        assert "When do we meet?" in here.page.seen[answer].parts["quote"]
        await here.page.says("Fine", about=answer)
        fine = await here.heard_in_group("Fine")
        assert fine.data["reply_to_message"]["message_id"] == said.id
        await here.in_group.edits(said, "On Wednesday")
        await here.page.hears("On Wednesday")
        await here.page.says("When do we meet again?", edits=asked)
        await here.heard_in_group("When do we meet again?")
        # Nobody changes or removes what others said.
        await here.page.says("Mine now", edits=answer)
        assert await here.page.posts("remove", ref=answer) == 204
        await here.in_group.reacts(fine, "🎉")
        await here.page.until(lambda: "🎉 1" in here.page.seen[here.page.named("Fine") or ""].parts.get("sign", ""))
        assert await here.page.posts("sign", ref=answer, sign="👍") == 204
        await here.page.until(lambda: "👍 1" in here.page.seen[answer].parts.get("sign", ""))
        assert await here.page.posts("sign", ref=answer, sign="👍") == 204
        await here.page.until(lambda: "sign" not in here.page.seen[answer].parts)
        assert await here.page.posts("sign", ref=answer, sign="call me") == 400
        assert await here.page.posts("remove", ref=asked) == 204
        await here.page.hears("This message was taken back.")
        await here.world.app.idle()
        assert here.page.spoken()[1:] == ["On Wednesday", "Fine"]
        assert not any("When do we meet" in text for text in here.by_bot())


async def test_pictures_travel_both_ways_without_what_a_camera_wrote(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("event", "a" * 20)
        form.add_field("text", "Our class")
        form.add_field("file", photo(), filename="class.jpg", content_type="image/jpeg")
        assert await here.page.sends("say", form) == 204
        shown = await here.page.hears("Our class")
        await here.page.until(lambda: bool(here.page.seen[shown].addresses))
        got = await fetched(here, here.page.seen[shown].addresses[0])
        assert got.startswith(b"\xff\xd8") and b"Exif" not in got
        await here.world.app.idle()
        (carried,) = [m for m in here.group.messages if m.by_bot]
        assert "Our class" in carried.data["caption"] and "photo" in carried.data
        await here.in_group.sends_photo(photo(), here.group, caption="And ours")
        theirs = await here.page.hears("And ours")
        await here.page.until(lambda: bool(here.page.seen[theirs].addresses))
        assert (await fetched(here, here.page.seen[theirs].addresses[0])).startswith(b"\xff\xd8")
        # Both are in the file that a founder takes of the room, as clean as on the page.
        archive = await taken(here)
        assert sorted(archive.namelist())[:2] == ["data.json", "files/1-class.jpg"]
        assert all(b"Exif" not in archive.read(name) for name in archive.namelist())
        assert "Our class" in archive.read("index.html").decode() and len(archive.namelist()) == 4


async def taken(here: Staff) -> ZipFile:
    """The room as a file, made as it is when it is sent."""
    wanted = json.dumps([here.room.id, here.amina.person, "en", "UTC"])
    into, shares = io.BytesIO(), list[int]()
    source = here.world.app.sources[SOURCE]
    assert isinstance(source, RoomArchives)
    await source.make(Attachment("file", wanted, "room.zip"), into, 10_000_000, shares.append)
    assert shares == [0, 50]
    return ZipFile(into)


async def fetched(here: Staff, address: str) -> bytes:
    ways = here.amina.actor.ways
    assert isinstance(ways, OnWeb)
    async with ways.http.get(f"{here.world.address}{address}") as answer:
        assert answer.status == 200
        return await answer.read()


async def test_a_restart_loses_and_doubles_nothing(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        await here.page.says("Before")
        await here.heard_in_group("Before")
        await here.world.app.idle()
        await here.world.stop()
        await here.in_group.says("Meanwhile", here.group)
        await here.world.start()
        await here.page.hears("Meanwhile")
        form = {"event": "b" * 20, "text": "Twice"}
        assert [await here.page.sends("say", form) for _ in range(2)] == [204, 204]
        await here.heard_in_group("Twice")
        await here.page.hears("Twice")
        await here.world.app.idle()
        assert here.page.spoken() == ["Before", "Meanwhile", "Twice"]
        assert [text.splitlines()[-1] for text in here.by_bot()] == ["Before", "Twice"]


async def test_a_door_that_is_open_again_gets_what_was_said_meanwhile(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        await here.in_group.removes_bot(here.group)
        await here.page.says("One")
        await here.page.says("Two")
        await here.page.hears("Two")
        await here.world.app.idle()
        assert here.by_bot() == []
        await here.in_group.adds_bot(here.group, admin=True)
        await here.in_group.says("Here again", here.group)
        late = await here.heard_in_group("Two")
        assert re.fullmatch(r"Amina · Escola Básica do Viriato · 🇵🇹\n\w{3} \d+ \w+ \d\d:\d\d\nTwo", plain(late.text))
        await here.page.says("Three")
        await here.heard_in_group("Three")
        await here.page.hears("Three")
        await here.world.app.idle()
        assert [text.splitlines()[-1] for text in here.by_bot()] == ["One", "Two", "Three"]
        assert here.page.spoken() == ["One", "Two", "Here again", "Three"]


async def test_order_is_the_same_at_all_doors(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        for number in range(6):
            await here.page.says(f"web {number}")
            await here.in_group.says(f"group {number}", here.group)
        await here.page.until(lambda: len(here.page.seen) == 12)
        await here.world.app.idle()
        kept = await here.world.database.read(lambda s: list(s.scalars(select(Utterance.words).order_by(Utterance.id))))
        assert here.page.spoken() == kept
        assert [text.splitlines()[-1] for text in here.by_bot()] == [words for words in kept if words.startswith("web")]


async def test_strangers_see_and_say_nothing(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        ines, eve = await verified(here.world, "Ines", "web"), await verified(here.world, "Eve", "telegram")
        outside = browsing(here.world, ines, here.room)
        status, page = await outside.open()
        assert status == 404 and "Rivers" not in page
        assert await outside.posts("say", text="Let me in") == 404
        assert await outside.posts("sign", ref="m1", sign="👍") == 404
        outside.listen()
        await outside.until(lambda: outside.gone)
        await outside.close()
        user = eve.actor.ways
        assert isinstance(user, OnTelegram)
        await user.user.joins(here.group)
        await user.user.says("I am not in the project", here.group)
        await here.page.says("Good")
        await here.page.hears("Good")
        assert here.page.spoken() == ["Good"]
        await here.joao.actor.says("/project leave 1", hears="Do you want to leave?")
        await here.joao.actor.chooses("Leave the project", hears="You have left the project.")
        await here.in_group.says("Still here?", here.group)
        await here.page.says("Once more")
        await here.page.hears("Once more")
        assert here.page.spoken() == ["Good", "Once more"]


async def test_a_closed_project_is_only_read(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        await here.page.says("Goodbye")
        await here.heard_in_group("Goodbye")
        await here.joao.actor.says("/project close 1", hears="Its rooms can only be read then.")
        await here.joao.actor.chooses("Close it", hears="This project is closed now.")
        assert await here.page.posts("say", text="Too late") == 409
        status, page = await here.page.open()
        assert status == 200 and "its rooms can only be read" in page and "Goodbye" in page
        told = here.in_group.says("Too late", here.group)
        await here.joao.actor.does(told, hears="its rooms can only be read")
        await here.world.app.idle()
        assert here.page.spoken() == ["Goodbye"]


async def test_without_scripts_a_form_leads_back_to_the_room(worlds: Worlds) -> None:
    async with staff_room(worlds) as here:
        ways = here.amina.actor.ways
        assert isinstance(ways, OnWeb)
        form, headers = {"event": "c" * 20, "text": "By hand"}, {"Origin": here.world.address}
        async with ways.http.post(f"{here.page.base}/say", data=form, headers=headers) as answer:
            assert answer.status == 200
            assert "By hand" in await answer.text()
        number = (here.page.named("By hand") or "")[1:]
        _status, page = await here.page.open(answers=number)
        assert f'name="about" value="m{number}"' in page
        _status, page = await here.page.open(changes=number)
        assert f'name="edits" value="m{number}"' in page and "By hand</textarea>" in page
        async with ways.http.get(f"{here.world.address}/rooms") as answer:
            listed = await answer.text()
        assert listed.count("/room/") == 2 and "Songs of our rivers" in listed
