"""What is planned in a room: who may say yes and change it, who is told, what becomes of it when people go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
from icalendar import Calendar
from sqlalchemy import select

from bot.calendars import Calendars
from bot.platforms.platform import CalendarFile
from bot.talk import Excuse, Listening, PassOn, Rewrite, TakeBack, Turn, advance
from bot.talk.messages import Heard
from bot.talk.state import State
from bot.text import Reader, plain
from handlers import commands
from handlers.rights import erasing_chore
from handlers.rooms.bridge import back
from storage import attendees, feeds, polls, projects, reminders
from storage.database import Database
from storage.models import OutboxRow, RoomNotice, Teacher, Utterance
from storage.post import FAILED
from storage.rights import erasing
from storage.rooms import notices
from tests.projects.town import AMINA, EVE, INES, JOAO
from tests.reminders.chat import Teacher as Speaker
from tests.reminders.chat import Town
from tests.reminders.room import StaffRoom
from tests.vault import VAULT

#: A Tuesday; clocks change on 28 March 2027, and between Lisbon, Warsaw and Tunis on that day.
NOW = datetime(2027, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def room(migrated_sqlite: Path, tmp_path: Path) -> Iterator[StaffRoom]:
    database = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}", VAULT)
    yield StaffRoom(database, NOW)
    database.close()


def test_who_asked_or_leads_the_project_says_yes(room: StaffRoom) -> None:
    room.writes(INES, "/remind tomorrow at 10 call the museum")
    assert "10:00 Tunis · 09:00 Lisbon · 10:00 Warsaw" in room.said()[0]
    room.writes(JOAO, "/remind tomorrow at 11 bread")
    room.presses(INES, "save", on="bread")
    assert room.told(INES)[-1].endswith("Only whoever made it can change it, and whoever leads its project.")
    room.presses(AMINA, "save", on="bread")
    room.presses(INES, "save", on="museum")
    assert [text.split("\n")[0] for text in room.said()] == ["⏰ A reminder for this room"] * 2
    room.presses(INES, "delete", on="bread")
    assert "It was deleted." not in room.said()[1]
    room.presses(JOAO, "delete", on="museum")
    assert room.said()[0].endswith("It was deleted.")
    room.presses(JOAO, "undo", on="museum")
    assert "It was deleted." not in room.said()[0]
    before = room.brought(PassOn)
    room.goes_on(days=1, hours=1)
    assert room.brought(PassOn) == before + 2
    rung = [text.split("\n")[1] for text in room.said() if text.startswith("⏰ Reminder")]
    assert rung == ["call the museum", "bread"]
    room.goes_on(days=2)
    assert room.brought(PassOn) == before + 2


def test_what_is_answered_in_private_is_seen_on_the_page_too(room: StaffRoom) -> None:
    room.writes(JOAO, "/appointment Friday 10:00 video call")
    room.presses_on_page(INES, "save", on="video call")
    assert room.said()[1:] == ["Only whoever made it can change it, and whoever leads its project."]
    room.presses(JOAO, "save", on="video call")
    room.presses(INES, "file", on="video call")
    assert len(room.said()) == 2 and room.told(INES)[-1].endswith("video call")
    room.presses_on_page(INES, "file", on="video call")
    assert room.said()[2] == "I have written to you in our private chat."


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/remind", "In a room, please write it in one line."),
        ("/remind choir", "When shall I remind you?"),
        ("/remind tomorrow at 10", "What shall I remind you of?"),
        ("/remind 1 January 2020 at 10 choir", "That moment has passed."),
        ("/remind 1 January 9999 at 10 choir", "I look at most 10 years ahead."),
        (f"/remind tomorrow at 10 {'x' * 10_000}", "Please keep it to 400 characters."),
        ("/appointment video call", "When shall I remind you?"),
        ("/reminders", "There are no reminders yet."),
    ],
)
def test_what_cannot_be_understood_is_answered_at_that_door(room: StaffRoom, line: str, answer: str) -> None:
    assert room.writes(AMINA, line)
    assert answer in room.answers[0] and room.said() == []


def test_a_draft_that_nobody_agrees_to_goes(room: StaffRoom) -> None:
    room.writes(AMINA, "/appointment Friday 10:00 video call")
    room.writes(JOAO, "/remind tomorrow at 11 bread")
    room.presses(JOAO, "drop", on="bread")
    assert room.brought(TakeBack) == 1 and len(room.said()) == 1
    room.goes_on(hours=25)
    assert room.brought(TakeBack) == 2 and room.said() == []
    assert room.told(INES) == []


def test_strangers_and_closed_projects(room: StaffRoom) -> None:
    assert not room.writes(EVE, "/remind tomorrow at 11 bread")
    assert not room.writes(AMINA, "/help")
    room.writes(AMINA, "/remind tomorrow at 11 bread")
    room.presses(AMINA, "save", on="bread")
    room.database.do(lambda s: projects.close(s, room.project, AMINA, room.now))
    said = len(room.said())
    assert room.writes(JOAO, "/remind tomorrow at 12 cheese")
    assert room.told(JOAO)[-1].endswith("This project is closed; its rooms can only be read.")
    room.goes_on(days=2)
    assert len(room.said()) == said


def test_who_leaves_leaves_what_they_have_planned(room: StaffRoom) -> None:
    room.writes(INES, "/remind tomorrow at 11 bread")
    room.presses(INES, "save", on="bread")
    room.writes(INES, "/appointment Friday 10:00 video call")
    room.presses(INES, "save", on="video call")
    room.database.do(lambda s: projects.leave(s, room.project, INES, room.now))
    kept = room.database.do(lambda s: [reminders.get(s, number) for number in (1, 2)])
    assert [one.owner for one in kept if one is not None] == [AMINA, AMINA]
    assert {g.person for g in room.database.do(lambda s: attendees.of(s, 2))} == {AMINA, JOAO}
    room.goes_on(days=2)
    assert [text.split("\n")[1] for text in room.said() if text.startswith("⏰ Reminder")] == ["bread"]
    assert room.told(INES) == []


def test_a_card_changes_at_most_every_few_seconds(room: StaffRoom) -> None:
    room.writes(AMINA, "/appointment Friday 10:00 video call")
    room.presses(AMINA, "save", on="video call")
    drawn = room.brought(Rewrite)
    room.now += timedelta(seconds=10)
    for person, answer in ((JOAO, "yes"), (INES, "maybe"), (JOAO, "no"), (INES, "no"), (INES, "yes")):
        room.presses(person, answer, on="video call")
    assert room.brought(Rewrite) == drawn + 1
    room.goes_on(seconds=3)
    assert room.brought(Rewrite) == drawn + 2
    assert "yes: 2 · Teacher, Teacher" in room.said()[0]
    assert "no: 1 · Teacher" in room.said()[0]
    # Who said no is not reminded, the others are, each in private and by their own clock.
    room.goes_on(days=4)
    assert room.told(JOAO) == [] and len(room.told(AMINA)) == len(room.told(INES)) > 0


def test_a_vote_ends_when_all_have_voted_and_thought_again(room: StaffRoom) -> None:
    room.writes(AMINA, "/when songs")
    room.presses(JOAO, "slot 1", on="songs")
    room.presses(JOAO, "slot 2", on="songs")
    room.presses(INES, "none", on="songs")
    room.presses(INES, "slot 2", on="songs")
    assert room.database.do(lambda s: polls.votes(s, 1)) == {AMINA: (0, 1, 2, 3, 4), JOAO: (1, 2), INES: (2,)}
    room.goes_on(minutes=9)
    assert "This vote" not in room.said()[0] and len(room.said()) == 1
    room.goes_on(minutes=2)
    assert room.said()[0].endswith("The time is decided.")
    assert "yes: 3" in room.said()[1] and room.notices()[1].kind == notices.APPOINTMENT
    room.presses(JOAO, "slot 0", on="The time is decided.")
    assert room.database.do(lambda s: polls.votes(s, 1))[JOAO] == (1, 2)


def test_what_a_door_has_missed_is_brought_with_its_buttons(room: StaffRoom) -> None:
    room.writes(AMINA, "/appointment Friday 10:00 video call")
    row, _payload = room.carried()
    room.database.do(lambda s: s.get_one(OutboxRow, row).__setattr__("state", FAILED))
    late: list[PassOn] = []

    def open_again(session: object) -> None:
        heard = Heard("-7", "2", "group", text="here", id="9")
        listening = Listening(session, heard, JOAO, room.chat, "telegram", Reader("en"), room.now)  # type: ignore[arg-type]
        back(listening)
        late.extend(what for what in listening.relayed if isinstance(what, PassOn))

    room.database.do(open_again)
    assert [option.id for option in late[0].options] == ["save", "drop"] and late[0].token is not None


async def test_the_calendar_of_a_project(room: StaffRoom) -> None:
    """Over the change of clocks, for an independent parser; each time as the one who planned it means it."""
    room.writes(INES, "/remind every Tuesday 10:00 until 6 April choir")
    room.presses(INES, "save", on="choir")
    room.writes(AMINA, "/appointment 30 March at 9:00 video call")
    room.presses(AMINA, "save", on="video call")
    text = told(room, AMINA, f"project {room.project}")
    secret = text.split("/calendar/")[1].split(".ics")[0]
    calendars = Calendars(room.database, lambda: room.now)
    file = await calendars.calendar(secret)
    assert isinstance(file, CalendarFile)
    found = recurring_ical_events.of(Calendar.from_ical(file.content)).between(NOW, NOW + timedelta(days=60))
    times = sorted((event["SUMMARY"], event.start.astimezone(UTC).isoformat()[5:16]) for event in found)
    choir = ["03-09T09:00", "03-16T09:00", "03-23T09:00", "03-30T09:00", "04-06T09:00"]
    assert times == [*(("choir", at) for at in choir), ("video call", "03-30T08:00")]
    assert told(room, EVE, f"project {room.project}") == "That reminder is gone."
    assert secret in told(room, INES, f"project {room.project} new")
    assert secret not in told(room, JOAO, f"project {room.project} new")
    assert await calendars.calendar(secret) is None
    assert room.database.do(lambda s: feeds.project_of(s, secret)) is None


def told(room: StaffRoom, person: int, argument: str) -> str:
    """What /calendar says to somebody."""

    def run(session: object) -> str:
        turn = Turn(session, person, Reader("en"), room.now, argument=argument)  # type: ignore[arg-type]
        try:
            outcome = advance(commands()["calendar"].flow, turn, State("calendar"), None)
        except Excuse as excuse:
            return plain(excuse.reason, Reader("en"))
        return plain(outcome.messages[0].body, Reader("en"))

    return room.database.do(run)


def test_numbers_and_reactions_choose_where_there_are_no_buttons(room: StaffRoom) -> None:
    """As on Matrix: a digit in a box on the message, or a number as a reply to it; what nobody offers is said."""
    room.writes(AMINA, "/appointment Friday 10:00 video call")
    row, payload = room.carried()
    assert [label[1] for label, _payload, _chosen in payload["options"]] == ["Yes, do that", "No"]
    assert payload["reader"] == ["en", "Europe/Lisbon"]
    assert room.reacts(AMINA, "1\ufe0f\u20e3", on=row)
    assert room.said()[0].startswith("📅 An appointment")
    assert room.replies(JOAO, "3.", on=row) and room.replies(INES, "2", on=row)
    room.goes_on(seconds=5)
    assert "no: 1 · Teacher" in room.said()[0] and "maybe: 1 · Teacher" in room.said()[0]
    for words in ("9", "yes", "12345678901234567890", "²"):
        assert not room.replies(JOAO, words, on=row)
    assert not room.reacts(JOAO, "👍", on=row)


def test_nothing_of_whoever_is_erased_stays_in_a_room(room: StaffRoom) -> None:
    """What they asked for goes; their name and their words leave what others asked for, also where it stands."""
    room.writes(INES, "/remind tomorrow at 11 secret bread")
    room.presses(INES, "save", on="secret bread")
    room.writes(AMINA, "/appointment Friday 10:00 video call")
    room.presses(AMINA, "save", on="video call")
    room.database.do(lambda s: s.get_one(Teacher, INES).__setattr__("name", "Ines Haddad"))
    room.now += timedelta(seconds=10)
    room.presses(INES, "yes", on="video call")
    assert "Ines" in room.said()[1]
    room.database.do(lambda s: erasing.ask(s, INES, erasing.ASKED, room.now))
    for _step in range(20):
        room.now += timedelta(hours=1)
        room.database.do(lambda s: erasing_chore.work(s, room.now, lambda _news: None))
    assert room.database.do(lambda s: erasing.pending(s, INES)) is not None
    room.now += timedelta(hours=8)
    while room.database.do(lambda s: erasing.pending(s, INES)) is not None:
        room.database.do(lambda s: erasing_chore.work(s, room.now, lambda _news: None))
        room.now += timedelta(minutes=11)
    room.goes_on(seconds=5)
    assert len(room.said()) == 1 and "Ines" not in room.said()[0] and "yes: 1" in room.said()[0]
    kept = room.database.do(lambda s: [*s.scalars(select(Utterance.words)), *s.scalars(select(RoomNotice.body))])
    assert "Ines" not in str(kept) and "secret bread" not in str(kept)


def test_what_is_planned_in_private_for_a_project_is_seen_in_its_staff_room(room: StaffRoom) -> None:
    town = Town(room.database, room.now)
    amina, joao = (Speaker(town, person, "", "en") for person in (AMINA, JOAO))
    amina.commands("/appointment Friday 10:00 video call")
    amina.presses("Songs of our rivers")
    amina.presses("✓ Done")
    assert amina.presses("Ask them").startswith("2 people are asked.")
    assert room.said()[0].startswith("📅 An appointment\nvideo call")
    assert joao.commands("/reminders yes 1").startswith("Noted: you come.")
    room.goes_on(seconds=5)
    assert "yes: 2" in room.said()[0]
    amina.commands("/when")
    amina.presses("Songs of our rivers")
    amina.presses("✓ Done")
    amina.presses("Let all of us vote")
    amina.says("songs")
    assert amina.presses("Let them vote").startswith("The vote is in the staff room of your project")
    assert room.said()[1].startswith("🗳 When shall we meet?") and len(town.news) == 3
    # Another time is told to those concerned, and a founder may change what another one has made.
    joao.commands("/reminders show 1")
    assert "Change the time" in joao.labels
    joao.presses("Delete")
    room.goes_on(seconds=5)
    assert room.said()[0].endswith("This appointment is off")
