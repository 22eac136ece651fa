"""People hear of what concerns them outside of their own turn: at once, later, or when a chore comes round."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.talk import Chore, FlowError, News, Talk, Tell, Turn, advance, free_text, go
from bot.talk.commands import Command, Commands
from bot.talk.state import State
from bot.text import Reader, Verbatim, _, p_
from handlers import commands
from storage.models import Account
from storage.staff import name_officer
from tests.cast import Actor
from tests.stories.test_linking import code_of
from tests.talk import NOW, house
from tests.world import World

Worlds = Callable[..., World]


def others(session: Session, person: int) -> list[int]:
    """The people of the story beside this one; the fictional ones have no chat."""
    there = select(Account.person_id).where(Account.platform.in_(["web", "telegram", "terminal"]))
    return [each for each in session.scalars(there) if each != person]


def wave(talk: Talk) -> None:
    """Tells everybody else what is asked for, at once or a minute later."""
    words = talk.ask("words", _("What shall I tell them?"), free_text())
    later = timedelta(minutes=1) if words == "later" else None
    for person in others(talk.session, talk.person):
        talk.tell(person, Verbatim(f"News: {words}"), go("help", p_("button", "Help")), later=later)
    talk.say(Verbatim("Told."))


def table(*more: Command) -> Commands:
    waving = Command("wave", wave, "anyone", _("Wave"), p_("button", "Wave"), _("Wave"))
    return Commands([*commands(), waving, *more])


async def met(world: World, name: str, platform: str) -> Actor:
    actor = await world.actor(name, platform)
    await actor.says("/start", hears="Welcome to twinbot")
    return actor


async def test_news_reach_the_other_platform_with_buttons_that_work(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        await world.restart(table())
        amina, joao = await met(world, "Amina", "telegram"), await met(world, "João", "web")
        await joao.does(amina.says("/wave", hears="What shall"))
        await joao.does(amina.says("good morning", hears="Told."), hears="News: good morning")
        await joao.chooses("Help", hears="What I can do for you")


async def test_later_news_wait_through_a_restart_and_leave_when_they_are_due(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        await world.restart(table())
        amina, joao = await met(world, "Amina", "telegram"), await met(world, "João", "web")
        await amina.says("/wave", hears="What shall")
        await amina.says("later", hears="Told.")
        await world.app.delivery.due()
        await world.restart(table())
        await world.app.idle()
        assert "News" not in joao.heard
        world.offset += timedelta(minutes=2)
        await joao.does(world.app.delivery.due(), hears="News: later")
        await world.app.delivery.due()
        await world.app.idle()
        assert joao.heard.count("News: later") == 1


async def test_news_follow_a_person_to_where_they_spoke_last(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        await world.restart(table())
        amina, joao = await met(world, "Amina", "telegram"), await met(world, "João", "web")
        there = await met(world, "Amina", "web")
        await there.says(f"/link {await code_of(amina)}", hears="Done:")
        world.offset += timedelta(hours=1)
        await there.says("/help", hears="What I can do")
        await joao.says("/wave", hears="What shall")
        await there.does(joao.says("hello", hears="Told."), hears="News: hello")
        assert "News" not in amina.heard


async def test_a_chore_tells_people_and_goes_on_until_nothing_waits(worlds: Worlds) -> None:
    rounds = 0

    def work(session: Session, now: datetime, tell: Tell) -> bool:
        nonlocal rounds
        rounds += 1
        for person in others(session, 0):
            tell(News(person, Verbatim(f"round {rounds}")))
        return rounds < 3

    async with worlds("web") as world:
        amina = await met(world, "Amina", "web")
        chore = Chore("rounds", 60, work)
        await amina.does(world.app.do(chore), hears=["round 1", "round 2", "round 3"])


async def test_a_chore_that_fails_is_undone_and_harms_nothing(worlds: Worlds) -> None:
    def work(session: Session, now: datetime, tell: Tell) -> bool:
        for person in others(session, 0):
            tell(News(person, Verbatim("half done")))
        raise RuntimeError("in the middle")

    async with worlds("web") as world:
        amina = await met(world, "Amina", "web")
        await world.app.do(Chore("broken", 60, work))
        await amina.says("/help", hears="What I can do")
        assert "half done" not in amina.heard


def test_news_before_the_last_question_are_refused() -> None:
    def flow(talk: Talk) -> None:
        talk.tell(1, Verbatim("too early"))
        talk.ask("words", Verbatim("?"), free_text())

    with Session(house()) as session, pytest.raises(FlowError, match="told somebody before"):
        advance(flow, Turn(session, 1, Reader(), NOW), State("flow"), None)


async def test_roles_open_and_close_commands(worlds: Worlds) -> None:
    def secret(talk: Talk) -> None:
        talk.say(Verbatim("The queue."))

    def named(session: Session) -> None:
        for person in others(session, 0):
            name_officer(session, person, "national", "PT", named_by=None, now=NOW)

    queue = Command("queue", secret, "officer", _("Queue"), p_("button", "Queue"), _("Queue"))
    async with worlds("web") as world:
        await world.restart(table(queue))
        amina = await met(world, "Amina", "web")
        await amina.says("/queue", hears="This is for those who help teachers")
        assert "/queue" not in await amina.says("/help", hears="What I can do")
        await world.database.write(named)
        await amina.says("/queue", hears="The queue.")
        await amina.says("/help", hears="/queue")
