"""Suspending a teacher: found, told why, shut out, heard, answered, let back in; by those who may, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import audit, suspensions
from storage.models import MatchRow
from storage.staff import officers, remove_officer
from storage.teachers import set_status
from tests.cast import Actor
from tests.staff.parts import Worlds, later, officer, person_called, teacher
from tests.stories.telling import register
from tests.world import World


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as made:
        yield made


#: What the audit log has of a suspension, in its order.
ACTS = ["suspended", "appeal_answered", "reinstated"]


async def to_reason(ana: Actor, name: str = "Amina") -> None:
    await ana.says("/suspend", hears="Suspend a teacher")
    await ana.chooses("Suspend a teacher", hears="Which teacher?")
    await ana.says(name, hears="Which of these is it?")
    await ana.chooses("Amina Diallo", hears="Why do you suspend this teacher?")


async def suspended(ana: Actor, reason: str = "Writes advertisements") -> None:
    await to_reason(ana)
    await ana.says(reason, hears=["Suspend this teacher?", reason])
    await ana.chooses("Yes", hears=["Done: Amina Diallo is suspended", "Undo"])


@pytest.mark.parametrize("pair", [("telegram", "web"), ("matrix", "telegram")], ids="-".join)
async def test_the_whole_way(worlds: Worlds, pair: tuple[str, str]) -> None:
    async with worlds(*pair) as world:
        ana, amina = await officer(world, "Ana", pair[0]), await teacher(world, "Amina Diallo", pair[1])
        await suspended(ana)
        await amina.does(later(world, 11), hears=["🛡 Support", "Your account is suspended", "Writes advertisements"])
        await amina.says("/partners", hears=["Your account is suspended", "My suspension"])
        await amina.chooses("My suspension", hears=["Portugal", "Writes advertisements", "Appeal"])
        await amina.chooses("Appeal", hears="What should support know?")
        await ana.does(amina.says("It was one link to my school", hears="Support has your appeal"), hears="appeals")
        await amina.says("/suspended", hears="Support has your appeal")
        await ana.says("/staff", hears=["🛡 Support", "For: Portugal", "1 appeal waits"])
        await ana.says("/suspend", hears="1 appeal waits")
        await ana.chooses("Amina Diallo", hears=["Writes advertisements", "It was one link to my school"])
        await ana.chooses("Answer", hears="What do you answer?")
        await amina.does(ana.says("Which school is it?", hears="on its way"), hears="Which school is it?")
        await amina.chooses("My suspension", hears=["You: It was one link", "Answer: Which school is it?"])
        await amina.says("/cancel", hears="Stopped")
        await ana.says("/suspend", hears="1 teacher is suspended.")
        await ana.chooses("Amina Diallo", hears="Which school is it?")
        await amina.does(
            ana.chooses("Let them back in", hears="Done: Amina Diallo is back"), hears="no longer suspended"
        )
        await amina.says("/partners", hears="Partners for you")
        await amina.says("/suspended", hears="You are not suspended.")
        person = await person_called(world, "Amina Diallo")
        entries = await world.database.read(lambda s: audit.entries_about(s, person))
        assert [entry.act for entry in reversed(entries) if entry.act in ACTS] == ACTS


async def test_what_is_undone_in_time_is_never_heard_of(world: World) -> None:
    ana, amina = await officer(world, "Ana", "telegram"), await teacher(world, "Amina Diallo", "web")
    await suspended(ana)
    # No time is moved: on a slow machine the press itself takes some of the ten seconds.
    await ana.chooses("Undo", hears="Undone: Amina Diallo is not suspended and has heard nothing")
    await later(world, 60)
    await world.app.idle()
    assert "suspended" not in amina.heard
    await amina.says("/partners", hears="Partners for you")
    await ana.chooses("Undo", hears="That teacher is not suspended")


async def test_an_open_question_is_closed_as_well(world: World) -> None:
    ana, amina = await officer(world, "Ana", "telegram"), await teacher(world, "Amina Diallo", "web")
    await amina.says("/profile", hears="Your profile")
    await amina.chooses("Change: Name", hears="What may partner teachers call you?")
    await suspended(ana)
    await amina.says("Somebody Else", hears="Your account is suspended")
    assert await person_called(world, "Amina Diallo")


async def test_others_are_not_shown_a_suspended_teacher(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    await teacher(world, "Amina Diallo", "web")
    person = await person_called(world, "Amina Diallo")
    await world.database.write(lambda s: set_status(s, person, "verified"))

    def shown(session: Session) -> bool | None:
        return session.scalar(select(MatchRow.suggestible).where(MatchRow.person_id == person))

    assert await world.database.read(shown) is True
    await suspended(ana)
    assert await world.database.read(shown) is False
    await ana.chooses("Undo", hears="Undone")
    assert await world.database.read(shown) is True


async def test_an_officer_acts_in_their_country_only(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    await teacher(world, "Amina Diallo", "web")
    await suspended(ana)
    marie, cleo = await officer(world, "Marie", "web", "FR"), await officer(world, "Cleo", "web", None)
    person = await person_called(world, "Amina Diallo")
    one = await world.database.read(lambda s: suspensions.of(s, person))
    assert one is not None
    await marie.says("/suspend", hears="Nobody is suspended.")
    await marie.chooses("Suspend a teacher", hears="Which teacher?")
    await marie.says("Amina Diallo", hears="I found no teacher like that")
    await marie.says("/cancel", hears="Stopped")
    for argument in (one.id, f"undo {one.id}"):
        await marie.says(f"/suspend {argument}", hears="not suspended, or not in your country")
    await marie.says(f"/suspend teacher {person}", hears="not in your country any more")
    await cleo.says(f"/suspend {one.id}", hears="Writes advertisements")
    assert await world.database.read(lambda s: suspensions.of(s, person)) is not None


async def test_support_is_not_suspended_in_the_chat(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    for name, says in (("Ana Lima", "That is you."), ("Rui Costa", "This is a support officer.")):
        who = ana if name == "Ana Lima" else await officer(world, "Rui", "web")
        await register(who, name=name)
        await ana.says("/suspend", hears="Suspend a teacher")
        await ana.chooses("Suspend a teacher", hears="Which teacher?")
        await ana.says(name, hears="Which of these is it?")
        await ana.chooses(name, hears=says)
        await ana.says("/cancel", hears="Stopped")


async def test_two_officers_at_the_same_teacher(world: World) -> None:
    ana, rui = await officer(world, "Ana", "telegram"), await officer(world, "Rui", "web")
    await teacher(world, "Amina Diallo", "web")
    await to_reason(ana)
    await ana.says("one", hears="Suspend this teacher?")
    await to_reason(rui)
    await rui.says("two", hears="Suspend this teacher?")
    await ana.chooses("Yes", hears="Done: Amina Diallo is suspended")
    await rui.chooses("Yes", hears="suspended already")


async def test_an_officer_who_is_none_any_more_is_stopped_in_the_middle(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    await teacher(world, "Amina Diallo", "web")
    await to_reason(ana)
    await ana.says("because", hears="Suspend this teacher?")
    await world.database.write(lambda s: [remove_officer(s, post.person) for post in officers(s, "PT")])
    await ana.chooses("Yes", hears="This is for those who help teachers")
    person = await person_called(world, "Amina Diallo")
    assert await world.database.read(lambda s: suspensions.of(s, person)) is None
