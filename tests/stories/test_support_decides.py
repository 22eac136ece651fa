"""Support at work: two officers, second thoughts, questions both ways, cases that wait too long, what officers hear."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import audit, staff, suspensions
from tests.stories.support import comes_round, dismiss, helper, newest, status, waiting, writes_to_support
from tests.stories.telling import register
from tests.world import World

# A Thursday; the Monday after it is a holiday in Portugal (5 October), and the days between are a weekend.
THURSDAY = datetime(2026, 10, 1, 9, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
async def world(worlds: Callable[..., World]) -> AsyncIterator[World]:
    async with worlds("web") as made:
        made.stands = THURSDAY
        yield made


@pytest.mark.parametrize("seconds", [9, 11])
async def test_second_thoughts_count_for_ten_seconds(world: World, seconds: int) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await ines.chooses("Approve", hears=["Approved: Amina Diallo", "You can undo this for 10 seconds."])
    # On the web each press takes a second by itself.
    world.offset += (seconds - 1) * SECOND
    if seconds < 10:
        await ines.chooses("Undo", hears=["Undone. Nobody was told.", "Amina Diallo"])
        world.offset += DAY
        await comes_round(world, "decisions")
        await world.app.idle()
        assert await status(world) == "unverified"
        assert "You are verified" not in amina.heard
    else:
        await ines.chooses("Undo", hears="Too late to undo")
        await amina.does(comes_round(world, "decisions"), hears="You are verified.")


async def test_the_second_of_two_officers_is_told(world: World) -> None:
    ines, rui = await helper(world, "Inês", "web"), await helper(world, "Rui", "web")
    await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await rui.says("/verify", hears=["Amina Diallo", "A colleague is looking at this one as well."])
    await ines.chooses("Decline", hears="Why?")
    await ines.chooses("School not found", hears="Declined")
    await rui.chooses("Approve", hears=["Somebody was quicker", "Declined: Amina Diallo", "Nobody waits"])
    world.offset += 11 * SECOND
    await comes_round(world, "decisions")
    assert await status(world) == "unverified"


async def test_two_officers_get_two_cases(world: World) -> None:
    ines, rui = await helper(world, "Inês", "web"), await helper(world, "Rui", "web")
    await waiting(world, "Amina", "web")
    await waiting(world, "Bea", "web", called="Bea Kot")
    await ines.says("/verify", hears="Amina Diallo")
    heard = await rui.says("/verify", hears="Bea Kot")
    assert "A colleague is looking" not in heard
    await rui.chooses("Next", hears=["Amina Diallo", "A colleague is looking"])


async def test_an_officer_who_was_removed_decides_nothing(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    person = await newest(world)
    await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await dismiss(world, person)
    await ines.chooses("Approve", hears="This is for those who help teachers")
    world.offset += DAY
    await comes_round(world, "decisions")
    assert await status(world) == "unverified"


async def test_what_a_removed_officer_decided_just_before_is_not_carried_out(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    person = await newest(world)
    rui = await helper(world, "Rui", "web")
    await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await ines.chooses("Approve", hears="Approved")
    await dismiss(world, person)
    world.offset += DAY
    await comes_round(world, "decisions")
    assert await status(world) == "unverified"
    await rui.says("/verify", hears="Amina Diallo")


async def test_a_declined_teacher_reads_why_and_tries_again(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await ines.chooses("Decline", hears="The teacher reads it")
    await ines.says("The page names somebody else.", hears="Declined")
    world.offset += 11 * SECOND
    told = ["Support could not verify you yet.", "The page names somebody else."]
    await amina.does(comes_round(world, "decisions"), hears=told)
    await amina.chooses("Try again", hears=[*told, "Write to support"])
    await amina.chooses("Write to support", hears="What shows")
    await ines.does(amina.says("Here is another page.", hears="Thank you"), hears="A teacher waits")
    await ines.chooses("Look at it", hears=["Here is another page.", "Declined before", "names somebody else."])


async def test_a_question_goes_both_ways_and_costs_no_place(world: World) -> None:
    ines, rui = await helper(world, "Inês", "web"), await helper(world, "Rui", "web")
    amina = await waiting(world, "Amina", "web")
    world.offset += timedelta(hours=1)
    await waiting(world, "Bea", "web", called="Bea Kot")
    await ines.says("/verify", hears="Amina Diallo")
    await ines.chooses("Ask a question", hears="What do you want to know?")
    await amina.does(ines.says("Which classes?", hears=["passed your question on", "Bea Kot"]), hears="Which classes?")
    assert "Amina" not in await rui.says("/verify", hears=["1 teacher waits", "Bea Kot"])
    await amina.chooses("Answer", hears=["Support asks you:", "Which classes?"])
    await ines.does(amina.says("5A and 5B", hears="Your answer is with support"), hears="has answered your question")
    await ines.chooses("Look at it", hears=["2 teachers wait", "Amina Diallo", "They answered: 5A and 5B"])
    await ines.chooses("Next", hears="Bea Kot")
    assert "Amina Diallo" in await rui.says("/verify next", hears="2 teachers wait")


async def test_a_case_changes_under_the_eyes_of_an_officer(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await amina.says("/verification", hears="With support since")
    await amina.chooses("Write to support", hears="What shows")
    await amina.says("And here is more.", hears="Thank you")
    await ines.chooses("Approve", hears=["This case has changed meanwhile", "And here is more."])
    await ines.chooses("Approve", hears="Approved")


async def test_a_case_is_passed_on_after_five_working_days_and_no_earlier(world: World) -> None:
    maria = await helper(world, "Maria", "web", staff.CENTRAL, None)
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    # Friday, Tuesday to Friday: the weekend and the Republic's day do not count, so it lasts until Friday the 9th.
    world.offset += 8 * DAY - timedelta(minutes=5)
    await comes_round(world, "overdue", "mornings")
    await world.app.idle()
    assert "central support" not in maria.heard
    await ines.ways.until(lambda: "1 teacher waits" in ines.heard)
    world.offset += timedelta(minutes=10)
    await comes_round(world, "overdue")
    await amina.says("/verification", hears="With central support since")
    # Central officers hear of it once, on the next morning when they work.
    world.offset += 3 * DAY
    await maria.does(comes_round(world, "mornings"), hears="1 case is new with central support.")
    await comes_round(world, "mornings")
    await world.app.idle()
    assert maria.heard.count("is new with central support") == 1
    await maria.chooses("Look at it", hears=["Amina Diallo", "1 of them with central support"])
    await ines.says("/verify", hears="With central support since")


async def test_without_an_officer_in_the_country_central_support_has_it_at_once(world: World) -> None:
    amina = await waiting(world, "Amina", "web")
    await amina.says("/verification", hears="With central support since")


async def test_officers_hear_in_their_morning_what_waits_once_a_day(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    await waiting(world, "Amina", "web")
    await ines.hears("A teacher waits to be verified.")
    # At 7 in Lisbon on the next day it is too early; at 8 it is time; on Saturday nobody works.
    world.offset += DAY - timedelta(hours=3)
    await comes_round(world, "mornings")
    await world.app.idle()
    assert "1 teacher waits" not in ines.heard
    world.offset += timedelta(hours=1)
    await ines.does(comes_round(world, "mornings"), hears=["1 teacher waits", "The first of them waits since"])
    world.offset += DAY
    await comes_round(world, "mornings", "mornings")
    await world.app.idle()
    assert ines.heard.count("1 teacher waits") == 1


async def test_only_the_first_of_several_is_told_at_once(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    await waiting(world, "Amina", "web")
    await ines.hears("A teacher waits to be verified.")
    await waiting(world, "Bea", "web", called="Bea Kot")
    await world.app.idle()
    assert ines.heard.count("A teacher waits to be verified.") == 1


async def test_officers_see_their_country_alone(world: World) -> None:
    ana = await helper(world, "Ana", "web", staff.NATIONAL, "PL")
    maria = await helper(world, "Maria", "web", staff.CENTRAL, None)
    await waiting(world, "Amina", "web")
    await ana.says("/verify", hears="Nobody waits to be verified now.")
    for number in range(1, 5):
        assert "Amina" not in await ana.says(f"/verify {number}", hears="There is no such case")
    await maria.says("/verify", hears="Amina Diallo")


async def test_nobody_decides_on_themselves(world: World) -> None:
    amina = await waiting(world, "Amina", "web")
    person = await newest(world)

    await world.database.write(
        lambda session: staff.name_officer(session, person, staff.NATIONAL, "PT", named_by=None, now=world.now())
    )
    await amina.says("/verify", hears="Nobody waits to be verified now.")
    await amina.says("/verify 1", hears="That is your own case.")


async def test_a_verification_is_taken_back(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await ines.chooses("Approve", hears="Approved")
    world.offset += 11 * SECOND
    await comes_round(world, "decisions")
    await ines.chooses("Verified lately", hears=["Amina Diallo", "support"])
    await ines.chooses("Take back: 1", hears=["Amina Diallo", "Why is the verification taken back?"])
    await ines.chooses("Left the school", hears="Verification taken back: Amina Diallo")
    await ines.chooses("Undo", hears="Undone.")
    assert await status(world) == "verified"
    await ines.says("/verify lately", hears="Amina Diallo")
    await ines.chooses("Take back: 1", hears="Why")
    await ines.says("We were told by the school.", hears="taken back: Amina")
    world.offset += 11 * SECOND
    told = ["Support has taken your verification back.", "We were told by the school."]
    await amina.does(comes_round(world, "decisions"), hears=told)
    assert await status(world) == "unverified"
    await amina.chooses("Try again", hears=[*told, "Write to support"])


async def test_a_changed_school_begins_anew_and_is_said_before(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await ines.chooses("Approve", hears="Approved")
    world.offset += 11 * SECOND
    await comes_round(world, "decisions")
    await amina.hears("From now on you can write")
    await amina.says("/profile", hears=["Your profile", "You are verified."])
    await amina.chooses("Change: School", hears="Which school?")
    await amina.says("Ponta Delgada", hears="Which of these")
    await amina.chooses("Escola Básica Vitorino Nemésio", hears="With another one you have to show again")
    await amina.chooses("Leave it", hears=["Escola Básica do Viriato", "You are verified."])
    await amina.chooses("Change: School", hears="Which school?")
    await amina.says("Ponta Delgada", hears="Which of these")
    await amina.chooses("Escola Básica Vitorino Nemésio", hears="With another one")
    await amina.chooses("Change my school", hears=["Escola Básica Vitorino Nemésio", "You are not verified yet"])
    assert await status(world) == "unverified"


async def test_a_note_is_taken_back(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await amina.says("/verification", hears="You are next.")
    await amina.chooses("Take it back", hears="Shall support no longer look")
    await amina.chooses("Yes", hears="Support no longer has your case.")
    await ines.says("/verify", hears="Nobody waits to be verified now.")
    await writes_to_support(amina)
    await ines.chooses("Look again", hears="Amina Diallo")


async def test_the_place_in_the_queue_and_how_soon_answers_come(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    names = ["Amina Diallo", "Bea Kot", "Carl Ott", "Dora Maar"]
    for name in names[:3]:
        await waiting(world, name.split()[0], "web", called=name)
    dora = await world.actor("Dora", "web")
    await register(dora, name=names[3])
    await writes_to_support(dora)
    await dora.says("/verification", hears=["3 teachers wait before you.", "The first of them waits since"])
    assert "Usually" not in dora.last.text
    world.offset += timedelta(hours=3)
    await ines.says("/verify", hears="Amina Diallo")
    for _name in range(3):
        await ines.chooses("Approve", hears="Approved")
    world.offset += 11 * SECOND
    await comes_round(world, "decisions")
    await dora.says("/verification", hears=["You are next.", "Usually answered within 4 hours."])


async def test_a_restart_in_the_middle_loses_nothing(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    amina = await waiting(world, "Amina", "web")
    await ines.says("/verify", hears="Amina Diallo")
    await world.restart()
    await ines.chooses("Approve", hears="Approved")
    await world.restart()
    world.offset += 11 * SECOND
    await amina.does(comes_round(world, "decisions"), hears="You are verified.")


async def test_a_double_tap_decides_on_one_teacher(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    await waiting(world, "Amina", "web")
    await waiting(world, "Bea", "web", called="Bea Kot")
    await ines.says("/verify", hears="Amina Diallo")
    await ines.taps_twice("Approve", hears=["Approved: Amina Diallo", "That question is answered already"])
    world.offset += 11 * SECOND
    await comes_round(world, "decisions")
    assert (await status(world), await status(world, "Bea Kot")) == ("verified", "unverified")


async def test_what_support_does_is_in_the_audit_log(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    officer = await newest(world)
    amina = await waiting(world, "Amina", "web")
    teacher = await newest(world)
    await ines.says("/verify", hears="Amina Diallo")
    await ines.chooses("Ask a question", hears="What do you want to know?")
    await amina.does(ines.says("Which classes?", hears="passed your question on"), hears="Which classes?")
    await amina.chooses("Answer", hears="Your answer:")
    await ines.does(amina.says("5A", hears="Thank you"), hears="has answered")
    await ines.chooses("Look at it", hears="They answered: 5A")
    await ines.chooses("Decline", hears="Why?")
    await ines.says("I cannot find you there.", hears="Declined")
    await ines.chooses("Undo", hears="Undone.")
    await ines.chooses("Approve", hears="Approved")
    world.offset += 11 * SECOND
    await comes_round(world, "decisions")
    found = await world.database.read(lambda session: audit.entries_about(session, teacher))
    acts = [(entry.act, entry.actor, entry.detail) for entry in reversed(found)]
    assert acts == [
        ("question_asked", officer, {}),
        ("undone", officer, {"decision": "declined"}),
        ("verified", officer, {"way": "support", "why": "none"}),
    ]
    assert {entry.country for entry in found} == {"PT"}


async def test_a_suspension_puts_a_case_by(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    await waiting(world, "Amina", "web")
    teacher = await newest(world)
    await waiting(world, "Bea", "web", called="Bea Kot")
    await ines.says("/verify", hears=["2 teachers wait", "Amina Diallo"])

    def suspend(session: Session) -> int:
        number = suspensions.suspend(session, teacher, "Why.", by=teacher, now=world.now())
        assert number is not None
        return number

    number = await world.database.write(suspend)
    await ines.chooses("Approve", hears=["1 teacher waits", "Bea Kot"])
    await world.database.write(lambda session: suspensions.end(session, number, by=teacher, now=world.now()))
    assert "Amina Diallo" in await ines.says("/verify next", hears="2 teachers wait")


async def test_a_name_that_looks_like_support_is_flagged(world: World) -> None:
    ines = await helper(world, "Inês", "web")
    await waiting(world, "Amina", "web", called="еTwinning Suppоrt")
    await ines.says("/verify next", hears="This name looks like the name of support.")
    assert await status(world, "еTwinning Suppоrt") == "unverified"
