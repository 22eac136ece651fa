"""Somebody uses everything there is and goes: after a day nothing of them is left, in no table, no file and no log."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Base
from tests.cast import Actor, OnMatrix, OnTelegram
from tests.pictures import photo
from tests.staff.parts import later, officer
from tests.stories.partners import called, pair, teacher
from tests.stories.telling import to_summary
from tests.stories.test_erasing import DAY, finish
from tests.stories.test_reminders import at_nine
from tests.world import World

Worlds = Callable[..., World]
NAME = "Zqname Quetzal"
ADDRESS = "zqmail@viriato.example"
_CODE = re.compile(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b")


async def joined(world: World, here: Actor, platform: str) -> Actor:
    """The same person on another platform."""
    there = await world.actor(here.name, platform)
    found = _CODE.search(await there.says("/link", hears="Your code"))
    assert found is not None
    # News goes where somebody was heard last, to five minutes.
    world.offset += timedelta(minutes=6)
    await here.says(f"/link {found.group()}", hears="Done:")
    return there


async def is_verified(world: World, amina: Actor, ana: Actor) -> None:
    """A code that is never entered, a note, a question and its answer; then support approves."""
    await amina.says("/verification", hears="You are not verified yet.")
    await amina.chooses("Code by e-mail", hears="What is your e-mail address at the school?")
    await amina.says(ADDRESS, hears="A code is on its way")
    await world.mailbox.until(1)
    await amina.chooses("Another way", hears="Write to support")
    await amina.chooses("Write to support", hears="What shows that you teach there?")
    await ana.does(amina.says("zqnote is on the page", hears="Support reads it"))
    await ana.says("/verify", hears=["Zqname", "zqnote"])
    await ana.chooses("Ask a question", hears="What do you want to know?")
    await amina.does(ana.says("Dear colleague, since when?", hears="passed your question on"), hears="since when?")
    await amina.chooses("Answer", hears="since when?")
    await amina.says("zqanswer since May", hears="support")
    await ana.chooses("Look at it", hears=["Zqname", "zqanswer"])
    await ana.chooses("Approve", hears="Approved")
    await amina.does(later(world, 11), hears="You are verified.")


async def talks(world: World, amina: Actor, joao: Actor, ana: Actor) -> None:
    """Words that are changed, a picture, reports in both directions."""
    await pair(world, amina, joao)
    await amina.says("/line João", hears="goes to João now")
    await joao.says("/line", hears="Your partners")
    await joao.does(amina.says("zqfirst words", hears="→ João"), hears=["Zqname", "zqfirst"])
    await joao.does(amina.edits("zqfirst", "zqlast words"), hears="zqlast")
    await joao.does(amina.sends_picture(photo(), "zqcaption"), hears="zqcaption")
    await amina.does(joao.replies("zqcaption", "How nice, dear colleague"), hears="How nice")
    await joao.replies("zqlast", "/report", hears="What is wrong with it?")
    await joao.chooses("Unkind or insulting", hears="add something for support?")
    await joao.says("I do not like it.", hears="Report")
    await ana.does(joao.chooses("Report"), hears="A teacher has reported something")
    await ana.chooses("Read it", hears=["zqlast", "I do not like it."])
    await amina.replies("How nice", "/report", hears="What is wrong with it?")
    await amina.chooses("Something else", hears="add something for support?")
    await amina.says("zqreport words", hears="Report")
    await ana.does(amina.chooses("Report", hears="Reported."), hears="has reported something")


async def is_suspended(world: World, amina: Actor, ana: Actor) -> None:
    await ana.says("/suspend", hears="Suspend a teacher")
    await ana.chooses("Suspend a teacher", hears="Which teacher?")
    await ana.says("Zqnam", hears="Which of these is it?")
    await ana.chooses("Zqname", hears="Why do you suspend this teacher?")
    await ana.says("Somebody advertises", hears="Suspend this teacher?")
    await ana.chooses("Yes", hears="is suspended")
    await amina.does(later(world, 11), hears="Your account is suspended")
    await amina.says("/suspended", hears="Appeal")
    await amina.chooses("Appeal", hears="What should support know?")
    await ana.does(amina.says("zqappeal words", hears="Support has your appeal"), hears="appeals")
    await ana.says("/suspend", hears="1 appeal waits")
    await ana.chooses("Zqname", hears="zqappeal")
    await ana.chooses("Let them back in", hears="is back")


async def remembers(amina: Actor) -> None:
    """A reminder, an open question with an answer before it, words that wait for the choice to whom they go."""
    await amina.says("/remind tomorrow at 10 zqremind", hears="Shall I remember this?")
    await amina.chooses("Save", hears="Saved.")
    await amina.says("/leave", hears="You no longer write to João.")
    await amina.says("zqunsent words", hears="To whom shall this go?")
    await amina.says("/group", hears="What is the idea about?")
    await amina.chooses("Art and music", hears="What do you want to do together?")
    await amina.says("zqidea of rivers", hears="How many schools")


def marks_of(*actors: Actor) -> list[str]:
    """What must not be found: the words, and where the person could be reached."""
    found = ["zqwish", "zqname", "quetzal", "zqmail", "zqnote", "zqanswer", "zqfirst", "zqlast", "zqcaption"]
    found += ["zqreport", "zqappeal", "zqremind", "zqunsent", "zqidea"]
    for actor in actors:
        if isinstance(actor.ways, OnTelegram):
            found.append(str(actor.ways.user.id))
        if isinstance(actor.ways, OnMatrix):
            found += [actor.ways.user.user_id.lower(), actor.ways.room.lower()]
    return found


def opened(session: Session) -> str:
    """Every value of every table, unsealed, in lower case, with the name of the table before it."""
    rows = [
        f"{table.name}: {tuple(row)}" for table in Base.metadata.sorted_tables for row in session.execute(select(table))
    ]
    return "\n".join(rows).lower()


def where(text: str, marks: list[str]) -> dict[str, list[str]]:
    """Which marks stand in which lines."""
    lines = text.splitlines()
    found = {mark: [line[:300] for line in lines if mark in line] for mark in marks}
    return {mark: there for mark, there in found.items() if there}


def on_disk(folder: Path, marks: list[str]) -> dict[str, list[str]]:
    """Which marks stand in which files."""
    files = {file.name: file.read_bytes().lower() for file in folder.rglob("*") if file.is_file()}
    found = {mark: [name for name, data in files.items() if mark.encode() in data] for mark in marks}
    return {mark: there for mark, there in found.items() if there}


async def test_nothing_stays(worlds: Worlds, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with worlds("telegram", "web", "matrix", "mail") as world:
        at_nine(world)
        ana, joao = await officer(world, "Ana", "web"), await teacher(world, "João", "web", country="PL")
        amina = await world.actor("Amina", "telegram")
        await to_summary(amina, name=NAME, wish="zqwish songs")
        await amina.chooses("Save", hears="Welcome")
        there = await joined(world, amina, "matrix")
        await is_verified(world, amina, ana)
        amina.name = NAME
        await talks(world, amina, joao, ana)
        await is_suspended(world, amina, ana)
        await remembers(amina)
        await world.app.idle()
        marks = marks_of(amina, there)
        person = await world.database.read(partial(called, name=NAME))
        before = await world.database.read(opened)
        # Whatever is to be found missing must be there before.
        assert [mark for mark in marks if mark not in before] == []
        await there.says("/deleteme", hears="Erase everything about you?")
        await there.chooses("Erase everything", hears="Everything about you will be erased.")
        for step in (DAY, *[timedelta(minutes=11)] * 3):
            world.offset += step + timedelta(seconds=1)
            await finish(world)
        await world.app.tidy()
        assert where(await world.database.read(opened), marks) == {}
        assert await asyncio.to_thread(on_disk, tmp_path, marks) == {}
        # The tests' own mail server tells what it gets; all else that was logged is ours, or a library's for us.
        logged = "\n".join(each.getMessage() for each in caplog.records if each.name != "mail.log").lower()
        assert where(logged, [mark for mark in marks if mark.startswith("zq")]) == {}
        # Others and what support did are still there.
        after = await world.database.read(opened)
        assert "a former member" in after and "i do not like it." in after and f"{person}" in after
    assert await asyncio.to_thread(on_disk, tmp_path, marks) == {}
