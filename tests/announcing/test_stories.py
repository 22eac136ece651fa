"""Announcements as people meet them: written, checked, agreed to, sent, corrected, taken back; answered and left."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.announcing import announcement_chore, launching
from storage import staff
from storage.announcing import answers
from storage.models import Announcement, OutboxRow, Teacher
from tests.announcing.rounds import awake, comes, drafted, round_, sent
from tests.cast import Actor
from tests.staff.parts import Worlds, newest_person, officer, teacher
from tests.world import World


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as made:
        yield made


async def test_written_sent_answered_corrected_and_taken_back(world: World) -> None:
    ana, amina = await officer(world, "Ana", "telegram"), await teacher(world, "Amina Diallo", "web")
    await awake(world)
    await drafted(ana)
    assert "1 reader" in ana.heard
    await ana.chooses("“Count me in”", hears="Draft")
    await ana.chooses("Preview", hears="As readers of which language?")
    await ana.chooses("English", hears="which platform")
    await ana.chooses("Web", hears=["A webinar on Monday", "Count me in"])
    await ana.chooses("To the draft", hears="Draft")
    await ana.chooses("Test to me", hears="A webinar on Monday")
    await ana.says("/announce 1", hears="Draft")
    await sent(ana)
    await amina.does(round_(world), hears=["Support · Portugal", "A webinar on Monday", "Everybody is welcome."])
    assert amina.last.labels == ["Count me in", "Not for me", "No more news"]
    await amina.chooses("Count me in", hears="You are counted in")
    await comes(world, ana, "has arrived at 1 reader")
    await ana.chooses(
        "Figures", hears=["Delivered: 1", "Together: 1", "Web 1", "English 1", "Portugal 1", "Count me in 1"]
    )
    await ana.chooses("As a table", hears="as a table")
    await ana.says("/announce 1 correct", hears="The words of which language?")
    await ana.chooses("English", hears="instead")
    await ana.says("A webinar on *Tuesday*", hears="Change it for everybody")
    await ana.chooses("Yes")
    await world.app.idle()
    await comes(world, ana, "It was corrected for 1 reader")
    await amina.ways.until(lambda: "A webinar on Tuesday" in amina.heard)
    await ana.says("/announce 1 remove", hears="cannot be undone")
    await ana.chooses("Yes")
    await world.app.idle()
    await comes(world, ana, "It was taken back from 1 reader")
    await ana.says("/announce 1 history", hears=["written", "sent off", "begun", "corrected", "taken back"])


async def test_readers_leave_with_one_tap_and_notices_come_all_the_same(world: World) -> None:
    ana, amina = await officer(world, "Ana", "web"), await teacher(world, "Amina Diallo", "telegram")
    await awake(world)
    await drafted(ana)
    await sent(ana)
    await amina.does(round_(world), hears="A webinar on Monday")
    await amina.chooses("No more news", hears=["You get no more of these", "News"])
    await amina.says("/news", hears=["☐ News", "☑ Events", "☑ Law and safety"])
    await amina.chooses("News", hears="☑ News")
    await amina.chooses("News", hears="☐ News")
    await amina.says("/cancel", hears="Stopped")
    await drafted(ana, "The second one")
    assert "Nobody" not in ana.heard
    await ana.chooses("Send", hears=["It cannot go out like this", "Nobody is meant"])
    await ana.chooses("To the draft", hears="1 more does not want this kind")
    await ana.chooses("Kind", hears="What kind is it?")
    await ana.chooses("Law and safety", hears="1 reader")
    await sent(ana)
    await amina.does(round_(world), hears="The second one")
    assert amina.last.labels == []
    await amina.says("/news 99999 in", hears="There is no such announcement")


async def test_only_its_readers_answer_an_announcement(world: World) -> None:
    ana, amina = await officer(world, "Ana", "telegram"), await teacher(world, "Amina Diallo", "web")
    await awake(world)
    await drafted(ana)
    await ana.chooses("“Count me in”", hears="Draft")
    await sent(ana)
    await amina.does(round_(world), hears="A webinar on Monday")
    late = await teacher(world, "Bea Silva", "telegram")
    await late.says("/news 1 in", hears="There is no such announcement")
    await amina.chooses("Count me in", hears="You are counted in")
    assert await world.database.read(lambda session: answers.answers(session, 1)) == {"in": 1}


async def test_many_need_a_second_officer_who_is_one_still(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "ALONE", 0)
    ana = await officer(world, "Ana", "telegram")
    author = await world.database.read(newest_person)
    amina, cleo = await teacher(world, "Amina Diallo", "web"), await officer(world, "Cleo", "web", None)
    await awake(world)
    await drafted(ana)
    await ana.chooses("Send", hears=["Send this announcement?", "a second officer has to agree"])
    await cleo.does(ana.chooses("Yes", hears="It waits for a second officer"), hears="waits for a second officer")
    await ana.says("/announce 1", hears="It waits for a second officer.")
    assert "Agree and send" not in ana.last.labels
    await ana.says("/cancel", hears="Stopped")
    # Who missed the message finds it among what waits; who wrote it does not.
    await ana.says("/staff", hears="Nothing waits for you now.")
    await cleo.says("/staff", hears=["An announcement waits for a second officer:", "A webinar on Monday"])
    await world.database.write(lambda session: staff.remove_officer(session, author) and None)
    await cleo.chooses("Look at it", hears=["A webinar on Monday", "1 reader"])
    await cleo.chooses("Agree and send", hears=["not support any more", "It is yours now"])
    await ana.says("/announce 1", hears="for those who help teachers")
    await cleo.chooses("To the draft", hears="Draft")
    assert "A webinar" not in amina.heard


async def test_nobody_agrees_to_or_sends_words_that_they_have_not_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "ALONE", 0)
    ana, cleo = await officer(world, "Ana", "telegram"), await officer(world, "Cleo", "web", None)
    await teacher(world, "Amina Diallo", "web")
    await drafted(ana)
    await cleo.says("/announce 1", hears="A webinar")
    await changed(ana, "Other words")
    await cleo.chooses("Send", hears=["Draft", "Other words", "Somebody else is at this draft too"])
    await put_forward(ana)
    await cleo.says("/announce 1", hears=["Other words", "It waits"])
    await ana.says("/announce 1", hears="It waits")
    await ana.chooses("Give it back", hears="a draft again")
    await ana.chooses("To the draft", hears="Draft")
    await changed(ana, "Words that nobody has seen")
    await cleo.does(put_forward(ana), hears="waits for a second officer")
    await cleo.chooses("Agree and send", hears=["Words that nobody has seen", "Give it back"])
    await cleo.chooses("Agree and send", hears="You have agreed")


async def changed(ana: Actor, words: str) -> None:
    await ana.chooses("Text", hears="which language")
    await ana.chooses("English", hears="Write the words")
    await ana.says(words, hears=["Draft", words])


async def put_forward(ana: Actor) -> None:
    await ana.chooses("Send", hears="a second officer has to agree")
    await ana.chooses("Yes", hears="It waits")


async def test_an_officer_reaches_their_own_country_only(world: World) -> None:
    ana, marie = await officer(world, "Ana", "telegram"), await officer(world, "Marie", "web", "FR")
    await teacher(world, "Amina Diallo", "web")
    await drafted(ana)
    await marie.says("/announce 1", hears="not in your country")
    await drafted(marie, "Bonjour")
    await marie.chooses("Send", hears="Nobody is meant")


async def test_two_who_change_one_draft_notice_each_other(world: World) -> None:
    ana, cleo = await officer(world, "Ana", "telegram"), await officer(world, "Cleo", "web", None)
    await drafted(ana)
    await cleo.says("/announce 1", hears="Somebody else is at this draft too")
    await cleo.chooses("Link", hears="Which link")
    await ana.chooses("Text", hears="which language")
    await ana.chooses("français", hears="Write the words")
    await ana.says("Un webinaire", hears="Draft")
    await cleo.says("https://example.org/news", hears="What shall stand on its button?")
    await cleo.chooses("Read more", hears="so yours was not saved")
    await cleo.chooses("To the draft", hears="Draft")
    assert "example.org" not in cleo.last.text


async def test_what_is_wrong_is_said(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    await teacher(world, "Amina Diallo", "web")
    await ana.says("/announce new", hears="What do you want to announce?")
    await ana.says("A *webinar", hears="In line 1 a star has no partner")
    await ana.says("Look at https:/nowhere now", hears="This link leads nowhere: https:/nowhere")
    await ana.says("Hello", hears="Draft")
    await ana.chooses("Text", hears="which language")
    await ana.chooses("polski", hears="Write the words")
    await ana.says("ą" * 3001, hears="keep it to 3,000 characters")
    await ana.says("Dzień dobry", hears="Draft")
    await ana.chooses("Link", hears="Which link")
    await ana.says("https://no where", hears="This link leads nowhere")
    await ana.chooses("No link", hears="Draft")
    await ana.chooses("When", hears="When shall it go out?")
    await ana.chooses("At a time", hears="Write a day and a time")
    await ana.says("yesterday 10:00", hears="Write a day and a time")
    await ana.says("tomorrow 10:00", hears="Draft")
    world.offset += timedelta(days=3)
    await ana.says("/announce 1", hears="Draft")
    await ana.chooses("Send", hears=["It cannot go out like this", "has passed"])
    await ana.chooses("To the draft", hears="Draft")
    await ana.chooses("Readers", hears="Which condition")
    await ana.chooses("A list of accounts", hears="one a line")
    known = await world.database.read(_an_account)
    await ana.says(
        f"telegram:1\n{known}\nnonsense", hears=["2 lines are nobody's accounts", "1: telegram:1", "3: nonsense"]
    )
    await ana.chooses("Leave those out", hears=["Draft", "1 account of a list"])
    await ana.says("/announce 77 pause", hears="There is no such announcement")
    await ana.says("/announce 1 resume", hears="That cannot be done now")


def _an_account(session: Session) -> str:
    from storage.accounts import accounts_of

    person = session.scalars(select(Teacher.person_id).where(Teacher.name == "Amina Diallo")).one()
    return ":".join(accounts_of(session, person)[0])


async def test_quiet_hours_and_the_readers_morning(world: World) -> None:
    ana, amina = await officer(world, "Ana", "telegram"), await teacher(world, "Amina Diallo", "web")
    await awake(world)
    world.offset += timedelta(hours=13)  # Past 23:00 of her clock.
    await drafted(ana)
    await sent(ana)
    await round_(world)
    assert "A webinar" not in amina.heard
    rows = await world.database.read(
        lambda s: s.scalars(select(OutboxRow.not_before).where(OutboxRow.bulk_id > 0)).all()
    )
    assert [moment.hour for moment in rows if moment] == [7]
    world.offset += timedelta(hours=9)
    await amina.does(round_(world), hears="A webinar on Monday")


async def test_pause_resume_and_a_cancel_that_comes_too_late(world: World) -> None:
    ana, amina = await officer(world, "Ana", "telegram"), await teacher(world, "Amina Diallo", "web")
    await awake(world)
    await drafted(ana)
    await sent(ana)
    # It begins, and is paused before delivery has looked.
    await world.app.do(announcement_chore)
    assert await world.database.read(lambda s: s.get_one(Announcement, 1).state) in {"running", "finished"}
    await round_(world, 2)
    await amina.ways.until(lambda: "A webinar" in amina.heard)
    await ana.says("/announce 1 cancel", hears=["nothing to stop any more", "Finished"])
    assert re.search("Figures", " ".join(ana.last.labels))
