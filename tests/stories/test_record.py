"""What support did about somebody, for them to see: in words, newest first, never what was written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from handlers.rights.record import IMPERSONAL, WHAT
from storage import audit
from tests.staff.parts import later, officer, person_called, teacher
from tests.stories.support import waiting
from tests.world import World

Worlds = Callable[..., World]


def test_every_act_about_a_person_has_its_words() -> None:
    assert set(WHAT) | IMPERSONAL == audit.ACTS and not set(WHAT) & IMPERSONAL


async def test_a_teacher_sees_what_support_did(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        ana = await officer(world, "Ana", "web")
        amina, eve = await waiting(world, "Amina", "telegram"), await world.actor("Eve", "web")
        await ana.says("/verify", hears="Amina Diallo")
        await ana.chooses("Decline", hears="Why?")
        await ana.says("Words that are not recorded", hears="Declined")
        await amina.does(later(world, 11), hears="Words that are not recorded")
        heard = await amina.says("/record", hears=["What support did about you", "You could not be verified."])
        assert "Portugal" in heard and "not recorded" not in heard and "Ana" not in heard
        await eve.says("/record", hears="Nothing is recorded.")


async def test_also_the_suspended_may_look(worlds: Worlds) -> None:
    async with worlds("web") as world:
        ana, amina = await officer(world, "Ana", "web"), await teacher(world, "Amina Diallo", "web")
        await ana.says("/suspend", hears="Suspend a teacher")
        await ana.chooses("Suspend a teacher", hears="Which teacher?")
        await ana.says("Amina", hears="Which of these is it?")
        await ana.chooses("Amina Diallo", hears="Why do you suspend")
        await ana.says("Advertises", hears="Suspend this teacher?")
        await ana.chooses("Yes", hears="is suspended")
        await amina.does(later(world, 11), hears="Your account is suspended")
        await amina.says("/record", hears="Your account was suspended.")


async def test_a_long_record_has_pages(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina = await teacher(world, "Amina Diallo", "web")
        person = await person_called(world, "Amina Diallo")
        for number in range(23):
            at = world.now() - timedelta(days=30 - number)
            act: audit.Act = "question_asked" if number else "escalated"
            asked = partial(audit.record, actor=None, act=act, subject=person, country="PT", now=at)
            await world.database.write(asked)
        heard = await amina.says("/record", hears="Earlier")
        assert heard.count("Support asked you a question.") == 10
        await amina.chooses("Earlier", hears="Earlier")
        heard = await amina.chooses("Earlier", hears="Your case went to central support.")
        assert heard.count("Support asked you a question.") == 2 and "[Earlier]" not in heard
        for odd in ("-1", "99999", "x" * 50, "1; DROP"):
            await amina.says(f"/record {odd}", hears="What support did about you")
