"""Updates that make no sense, schools that vanish, and faults of our own, among good messages."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.platforms.platform import RawUpdate
from bot.talk import Talk, free_text
from bot.text import Name, _
from storage import post
from storage.models import School, Update
from storage.schools import remove_school
from tests.cast import OnMatrix, OnTelegram
from tests.stories.telling import SORRY, to_question, to_summary
from tests.stories.test_restarts import with_flow
from tests.world import World


async def dead(world: World) -> list[Update]:
    """The updates that were set aside."""
    return await world.database.read(post.dead_updates)


async def poison(world: World) -> int:
    """Put what makes no sense among the updates, by the platform's own way in; how many there are."""
    (platform,) = world.platforms
    if platform == "telegram":
        assert world.api is not None
        world.api.raw_update({"message": {"chat": "nonsense", "text": 5}})
        world.api.raw_update({"callback_query": []})
        return 2
    bodies = ["no JSON at all", "[]", "{}", '{"account": 5, "user": 5}', '{"text": "hi", "account": null}']
    lane = "poison"
    await world.app.desk.hear(platform, [RawUpdate(f"poison {i}", lane, body) for i, body in enumerate(bodies)])
    return len(bodies)


async def test_poison_is_set_aside_and_everything_else_goes_on(world: World) -> None:
    amina = await world.actor("Amina")
    await amina.says("/register", hears="1/7")
    world.dead = await poison(world)
    await amina.says("Amina", hears="2/7")
    await amina.says("Portugal", hears="3/7")
    await world.app.idle()
    letters = await dead(world)
    assert len(letters) == world.dead
    assert all(letter.reason and letter.reason.startswith("unreadable") for letter in letters)

    # Tried again they are no better, and do as little harm.
    await world.database.write(post.retry_updates)
    await world.restart()
    await amina.says("Viseu", hears="Which of these is it?")
    await world.app.idle()
    assert len(await dead(world)) == world.dead


@pytest.mark.parametrize("platform", ["matrix"], indirect=True)
async def test_malformed_events_of_a_room(world: World) -> None:
    amina = await world.actor("Amina")
    assert isinstance(amina.ways, OnMatrix)
    user, room = amina.ways.user, amina.ways.room
    await amina.says("/register", hears="1/7")
    await user.send(room, {"msgtype": "", "body": ""})
    await user.send(room, {"msgtype": "m.unheard-of", "body": "hi", "format": 5, "formatted_body": []})
    await user.send(room, {"msgtype": "m.text", "body": "a reply", "m.relates_to": "nonsense"})
    await user.send(room, {"m.relates_to": {"key": 5, "event_id": []}}, "m.reaction")
    await user.send(room, {"algorithm": 5}, "m.room.encrypted")
    await amina.says("Portugal", hears="3/7")
    await world.app.idle()
    world.dead = len(await dead(world))
    assert world.dead >= 1


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_garbage_of_every_shape_on_telegram(world: World) -> None:
    amina = await world.actor("Amina")
    assert isinstance(amina.ways, OnTelegram)
    api = amina.ways.api
    for garbage in ({}, {"message": None}, {"message": {"text": "\0"}}, {"unheard_of": {"a": [1]}}):
        api.raw_update(garbage)
        await amina.says("/help", hears="What I can do for you")
    await world.app.idle()
    world.dead = len(await dead(world))
    assert world.dead >= 1


def vanish(session: Session, town: str) -> None:
    """Take the school of a story off the list."""
    for school in session.scalars(select(School).where(School.town == town)):
        remove_school(session, school.id, now=datetime.now(UTC))


async def test_a_school_that_is_removed_midway_is_asked_for_again(world: World) -> None:
    amina = await world.actor("Amina")
    await to_summary(amina)
    await world.database.write(lambda session: vanish(session, "Viseu"))
    await amina.chooses("Save", hears=["That school is no longer on the list.", "Which school?"])
    await amina.says("Ponta Delgada", hears="Vitorino Nemésio")
    # What was agreed to named another school, so the summary has to be agreed to anew.
    await amina.chooses("Vitorino Nemésio", hears=["Is everything right?", "Ponta Delgada · Lower secondary"])
    await amina.chooses("Save", hears="Welcome, Amina Diallo!")
    await amina.says("/profile", hears="Ponta Delgada")
    await world.database.write(lambda session: vanish(session, "Ponta Delgada"))
    await amina.says("/profile", hears=["Your school was taken off the list.", "Ponta Delgada"])


async def test_a_school_that_is_removed_while_it_is_offered(world: World) -> None:
    amina = await world.actor("Amina")
    await to_question(amina, 3)
    await amina.says("Viseu", hears="Which of these is it?")
    await world.database.write(lambda session: vanish(session, "Viseu"))
    await amina.chooses("Viriato", hears=["That school is no longer on the list.", "3/7"])
    await amina.says("Ponta Delgada", hears="Vitorino Nemésio")


def faulty(talk: Talk) -> None:
    words = talk.ask("words", _("Say something."), free_text())
    talk.say(_("{number}", number=Name(str(int(words)))))


def mended(talk: Talk) -> None:
    words = talk.ask("words", _("Say something."), free_text())
    talk.say(_("Noted: {facts}", facts=Name(words)))


async def test_a_fault_of_ours_saves_nothing_and_says_sorry(world: World, caplog: pytest.LogCaptureFixture) -> None:
    amina = await world.actor("Amina")
    await world.restart(with_flow(faulty))
    await amina.says("/register", hears="Say something.")
    with caplog.at_level(logging.DEBUG, logger="twinbot"):
        apology = await amina.says("Geheimnis", hears=SORRY)
    code = re.search(r"this code: ([0-9a-f]{6})", apology)
    assert code is not None
    traces = [logging.Formatter().format(record) for record in caplog.records]
    assert any(code.group(1) in trace and "ValueError" in trace for trace in traces)
    assert not any("Geheimnis" in trace for trace in traces)
    (letter,) = await dead(world)
    assert letter.error_id == code.group(1)

    # The question is still open, and everything else works.
    await amina.says("/help", hears=["What I can do for you", "Say something."])

    # Once the fault is mended, the letter can take its turn again.
    await world.stop()
    await world.start(with_flow(mended))
    await world.database.write(post.retry_updates)
    await world.restart(with_flow(mended))
    await amina.hears("Noted: Geheimnis")
