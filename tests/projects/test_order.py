"""Order in a class room: what pupils write waits, who may take what away, mute whom, and what support gets to know."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy import update

from bot.room_archives import _read
from bot.talk import Attachment
from bot.text import Reader
from handlers.rooms import held_chore
from handlers.rooms.exporting import SOURCE, Wanted, file_name, write_words
from storage import projects, pupils, reports, staff
from storage.models import Report, Teacher
from storage.rights import erasing
from storage.rooms import order
from tests.projects.classroom import PICTURE, ClassRoom


@pytest.fixture
def room() -> Iterator[ClassRoom]:
    made = ClassRoom()
    yield made
    made.close()


def log(room: ClassRoom) -> list[str]:
    with room.session() as session:
        return [one.act for one in order.log(session, room.room.id, 50)]


def test_a_message_waits_is_let_out_and_comes_in_the_order_of_release(room: ClassRoom) -> None:
    room.pupil(room.heron, text="First")
    room.page("amina", text="Good morning")
    assert room.words("joao") == ["First", "Good morning"], "Founders decide too."
    assert room.words(room.fox) == room.words(room.bear) == ["Good morning"]
    assert room.words(room.heron) == ["First", "Good morning"] and room.group() == ["Good morning"]
    assert "1 message waits for you" in room.screen("ines")[-1] and "First" in room.screen("ines")[-1]
    # What is written meanwhile changes the same message: a class that writes rings once.
    room.pupil(room.fox, text="Second")
    assert len([text for text in room.screen("ines") if "for you" in text]) == 1
    assert "2 messages wait for you" in room.screen("ines")[-1]
    assert room.presses("ines", "One by one")
    assert room.screen("ines")[-1].endswith("First")
    assert room.presses("ines", "Let it out")
    assert room.words(room.bear) == ["Good morning", "First"]
    assert room.group() == ["Good morning", "First"]
    # The next one is shown at once.
    assert room.screen("ines")[-1].endswith("Second")
    assert room.presses("ines", "Let it out")
    assert room.group() == ["Good morning", "First", "Second"]
    assert log(room) == ["released", "released"]


def test_what_a_pupil_changes_after_it_was_shown_is_shown_again(room: ClassRoom) -> None:
    room.pupil(room.heron, text="Nice")
    room.says("ines", "/room held")
    seen = room.find("ines", "Nice").choices["Let it out"]
    assert room.pupil(room.heron, text="Not so nice", edits=room.named("Nice", room.heron)) is None
    room.hears("ines", press=seen)
    assert room.group() == [] and room.screen("ines")[-1].endswith("Not so nice")
    assert room.presses("ines", "Let it out")
    assert room.group() == ["Not so nice"]


def test_all_leaves_what_was_changed_after_it_was_counted(room: ClassRoom) -> None:
    for words in ("One", "Two"):
        room.pupil(room.heron, text=words)
    old = room.find("ines", "2 messages wait").choices["Let out all: 2"]
    room.pupil(room.heron, text="Changed", edits=room.named("One", room.heron))
    room.hears("ines", press=old)
    assert "Changed" not in room.group()


def test_whoever_is_suspended_keeps_no_order_any_more(room: ClassRoom) -> None:
    room.frees(room.heron)
    room.page("ines", text="One")
    with room.session() as session:
        session.execute(update(Teacher).where(Teacher.person_id == room.amina).values(status="suspended"))
    for word in ("/remove", "/mute 30", "/out"):
        room.page("amina", text=word, about=room.named("One", "joao"))
        assert "Only verified teachers write in rooms." in room.screen("amina")[-1]
    room.page("ines", text="Two")
    assert room.words("joao") == ["One", "Two"] and log(room) == []


def test_a_teacher_decides_on_their_own_pupils_alone(room: ClassRoom) -> None:
    room.pupil(room.heron, text="Of Ines")
    room.pupil(room.bear, text="Of João")
    room.says("ines", "/room held")
    assert "1 message waits for you" in room.screen("ines")[-1]
    room.page("ines", text="/free", about=room.named("Of João"))
    assert "There is no such message." in room.screen("ines")[-1]
    assert room.words("ines") == ["Of Ines"] and room.words("amina") == ["Of Ines", "Of João"]


def test_all_that_was_counted_is_let_out_and_not_what_came_after(room: ClassRoom) -> None:
    for number in range(3):
        room.pupil(room.heron, text=f"Number {number}")
    old = room.find("ines", "3 messages wait").choices["Let out all: 3"]
    room.pupil(room.fox, text="Unread")
    room.hears("ines", press=old)
    assert room.words(room.bear) == []
    assert room.presses("ines", "Let out all: 4")
    assert room.words(room.bear) == ["Number 0", "Number 1", "Number 2", "Unread"]
    room.says("ines", f"/room all {room.room.id} 999999")
    assert "That is decided already." in room.screen("ines")[-1]


def test_given_back_with_a_word_and_better_then(room: ClassRoom) -> None:
    room.pupil(room.heron, text="You are stupid")
    room.says("ines", "/room held")
    room.presses("ines", "Give it back")
    room.says("ines", "Please say it kindly.")
    (mine,) = room.sees(room.heron)
    assert (mine.state, mine.note) == ("returned", "Please say it kindly.")
    assert room.words(room.fox) == [] and room.group() == []
    assert room.pupil(room.heron, text="You are nice", edits=f"m{mine.id}") is None
    (mine,) = room.sees(room.heron)
    assert (mine.state, mine.note, mine.words) == ("held", None, "You are nice")
    assert room.presses("ines", "Let out all: 1")
    assert room.words(room.fox) == room.group() == ["You are nice"]
    # What is out is not changed behind the teacher's back.
    refused = room.pupil(room.heron, text="You are stupid", edits=f"m{mine.id}")
    assert refused is not None and "take this message back" in refused
    assert room.words(room.fox) == room.group() == ["You are nice"]


def test_removed_before_anybody_saw_it_with_its_file(room: ClassRoom) -> None:
    room.pupil(room.heron, text="Look", files=(PICTURE,), unread="picture")
    room.says("ines", "/room held")
    assert room.screens["ines"][-1].file is not None
    room.presses("ines", "Remove it")
    assert [(one.removed, one.ousted) for one in room.sees(room.heron)] == [(True, True)]
    assert room.sees(room.fox) == [] and room.group() == []
    assert room.screen("ines")[-1] == "The message is gone. Nobody else has seen it."
    assert log(room) == ["dropped"]


def test_free_pupils_are_heard_at_once_but_not_their_links(room: ClassRoom) -> None:
    room.frees(room.bear)
    room.pupil(room.bear, text="Hello")
    room.pupil(room.bear, text="See www.example.org/x")
    assert room.words(room.fox) == room.group() == ["Hello"]
    # A link cannot come in by a change either, and a reply carries nothing of what waits.
    assert room.pupil(room.bear, text="evil.example", edits=room.named("Hello")) is not None
    room.pupil(room.bear, text="Did you see?", about=room.named("See www.example.org/x", room.bear))
    assert room.group() == ["Hello", "Did you see?"]
    assert "example" not in " ".join(room.screen("-1001"))
    room.says("amina", f"/room words {room.room.id}")
    room.presses("amina", "Trust a site")
    room.says("amina", "https://www.example.org/")
    room.pupil(room.bear, text="Now example.org works")
    assert room.group()[-1] == "Now example.org works"


def test_stopped_words(room: ClassRoom) -> None:
    room.frees(room.bear)
    room.says("joao", f"/room words {room.room.id}")
    room.presses("joao", "Stop a word")
    room.says("joao", "Dummkopf")
    room.pupil(room.bear, text="Du dúmmkopf!")
    room.page("ines", text="No DUMMKOPF here")
    room.page("ines", text="No Dummköpfe here")
    assert room.words(room.fox) == ["No Dummköpfe here"]
    assert "is stopped in this project" in room.screen("ines")[-1]
    assert "1 message waits for you" in room.screen("joao")[-1]


def test_a_day_later_the_teachers_are_reminded_once(room: ClassRoom) -> None:
    room.pupil(room.heron, text="Hello?")
    room.now += timedelta(hours=23)
    room.chore(held_chore.work)
    assert not any("more than a day" in text for text in room.screen("ines"))
    room.now += timedelta(hours=2)
    for _twice in range(2):
        room.chore(held_chore.work)
    told = {name: sum("more than a day" in text for text in room.screen(name)) for name in ("amina", "joao", "ines")}
    assert told == {"amina": 1, "joao": 1, "ines": 1}
    assert room.presses("ines", "Let out all: 1") and room.words(room.fox) == ["Hello?"]


def test_each_teacher_says_whether_their_pupils_wait(room: ClassRoom) -> None:
    room.says("ines", f"/room holds {room.room.id}")
    room.presses("ines", "None wait")
    room.pupil(room.heron, text="Out")
    room.pupil(room.bear, text="Waits")
    assert room.words(room.fox) == ["Out"]


def test_where_none_waits_the_first_message_of_each_pupil_does(room: ClassRoom) -> None:
    """A teacher looks at a newcomer once; what comes after is free, also after the first was given back and changed."""
    room.says("ines", f"/room holds {room.room.id}")
    assert room.presses("ines", "Only the first")
    room.pupil(room.heron, text="Hello")
    room.pupil(room.heron, text="Anybody there?")
    assert room.words(room.bear) == [] and room.words(room.heron) == ["Hello", "Anybody there?"]
    assert room.presses("ines", "Let out all: 2") and room.words(room.bear) == ["Hello", "Anybody there?"]
    room.pupil(room.heron, text="At once")
    room.pupil(room.fox, text="I am new")
    assert room.words(room.bear) == ["Hello", "Anybody there?", "At once"]
    room.frees(room.fox)
    room.pupil(room.fox, text="This one may")
    assert room.words(room.bear)[3:] == ["This one may"]
    # So it is for a class of 14, of whom nothing else was said, as well.
    room.says("joao", f"/room holds {room.room.id}")
    room.presses("joao", "As their age says")
    with room.session() as session:
        pupils.set_age(session, room.project, room.joao, 14)
    room.pupil(room.bear, text="The first of Bear")
    assert "The first of Bear" not in room.words(room.fox)


def test_who_takes_what_away(room: ClassRoom) -> None:
    room.frees(room.heron, room.bear)
    room.page("amina", text="By Amina")
    room.pupil(room.heron, text="By Heron")
    room.pupil(room.bear, text="By Bear")
    for words in ("By Amina", "By Bear"):
        room.page("ines", text="/remove", about=room.named(words))
        assert "You can take away what you or your pupils wrote." in room.screen("ines")[-1]
    room.page("ines", text="/remove", about=room.named("By Heron"))
    assert room.words("joao") == ["By Amina", "", "By Bear"]
    room.page("joao", text="/remove", about=room.named("By Amina"))
    assert room.words("joao") == ["", "", "By Bear"] and room.group() == ["By Bear"]
    assert "A message of yours was taken away" in room.screen("amina")[-1]
    assert log(room) == ["removed", "removed"]


def test_at_the_door_of_a_platform_the_very_message_goes(room: ClassRoom) -> None:
    ref = room.at("telegram", "-1001", "joao", text="From the group")
    removals: list[object] = []
    deliver = room.deliver
    room.deliver = lambda parcel: (removals.append(parcel.payload.get("removes")), deliver(parcel))[1]  # type: ignore[method-assign]
    room.page("amina", text="/remove", about=room.named("From the group"))
    assert ref in removals


def test_muted_for_a_time_and_removed_for_good(room: ClassRoom) -> None:
    room.frees(room.heron)
    room.page("ines", text="One")
    room.page("amina", text="/mute 30", about=room.named("One"))
    assert "You cannot write in this room for a while." in room.screen("ines")[-1]
    room.page("ines", text="Two")
    room.now += timedelta(minutes=31)
    room.page("ines", text="Three")
    assert room.words("amina") == ["One", "Three"]
    room.page("amina", text="/out", about=room.named("Three"))
    room.page("ines", text="Four")
    assert room.words("amina") == ["One", "Three"] and room.sees("ines") == []
    # Not by leaving and coming back either.
    with room.session() as session:
        projects.leave(session, room.project, room.ines, room.now)
        projects.invite(session, room.project, room.amina, room.ines, room.now)
        projects.answer(session, room.project, room.ines, True, room.now)
    assert room.sees("ines") == []
    room.says("amina", f"/room people {room.room.id}")
    assert "removed from this room" in room.screen("amina")[-1]
    room.presses("amina", "Ines")
    room.presses("amina", "Let in again")
    assert room.words("ines") == ["One", "Three"]
    assert log(room) == ["back", "out", "muted"]


def test_founders_are_not_muted_and_teachers_mute_their_pupils_alone(room: ClassRoom) -> None:
    room.frees(room.heron, room.bear)
    room.page("amina", text="By Amina")
    room.pupil(room.bear, text="By Bear")
    room.pupil(room.heron, text="By Heron")
    for name, words in (("joao", "By Amina"), ("ines", "By Amina"), ("ines", "By Bear")):
        room.page(name, text="/mute", about=room.named(words))
        assert "Founders can do that to everybody but founders" in room.screen(name)[-1]
    room.page("ines", text="/mute", about=room.named("By Heron"))
    refused = room.pupil(room.heron, text="But")
    assert refused is not None and "cannot write in this room for a while" in refused


def test_locked_and_slow(room: ClassRoom) -> None:
    room.says("ines", f"/room lock {room.room.id}")
    assert "Only those who lead the project" in room.screen("ines")[-1]
    room.says("amina", f"/room lock {room.room.id}")
    room.page("ines", text="Shut out")
    room.page("joao", text="Founders speak")
    room.presses("amina", "Unlock it")
    room.page("ines", text="Again")
    room.says("amina", f"/room slow {room.room.id}")
    room.presses("amina", "1 minute")
    room.page("ines", text="Too soon")
    room.now += timedelta(minutes=1)
    room.page("ines", text="Now")
    assert room.words("amina") == ["Founders speak", "Again", "Now"]
    assert log(room) == ["slowed", "unlocked", "locked"]


def test_a_flood_slows_the_room_down(room: ClassRoom) -> None:
    room.frees(room.heron, room.fox, room.bear)
    for number in range(66):
        room.pupil((room.heron, room.fox, room.bear)[number % 3], text=str(number), seconds=0.7)
    assert log(room) == ["slowed"]
    assert any("everybody waits a little" in text for text in room.screen("joao"))
    assert 60 <= len(room.words("amina")) < 66


def test_something_is_wrong(room: ClassRoom) -> None:
    room.frees(room.bear, room.heron)
    officer = room.newcomer("officer")
    with room.session() as session:
        staff.name_officer(session, officer, "national", "GR", named_by=None, now=room.now)
    room.pupil(room.bear, text="Before")
    room.pupil(room.bear, text="Give me your address")
    bad = room.named("Give me your address")
    room.pupil(room.heron, text="/report", about=bad)
    assert "A pupil says that something is wrong:" in room.screen("ines")[-1]
    assert "Blue Heron 4" in room.screen("ines")[-1] and "Give me your address" in room.screen("ines")[-1]
    assert not room.presses("ines", "Take it away"), "Bear is not her pupil."
    assert room.presses("joao", "Take it away") and room.words(room.heron) == ["Before", ""]
    # Support reads it although it is gone, and what stood around it.
    assert room.presses("officer", "Read it")
    shown = room.screen("officer")[-1]
    assert "Give me your address" in shown and "Before" in shown and "Brown Bear 9" in shown
    with room.session() as session:
        # As the program does it after 90 days.
        reports.purge(session, room.now + timedelta(seconds=1))
        assert session.query(Report).count() == 0
    assert log(room) == ["removed", "reported"]


def test_a_pupil_need_not_explain_nor_point_at_anything(room: ClassRoom) -> None:
    room.pupil(room.heron, text="/report")
    for name in ("amina", "joao", "ines"):
        assert room.screen(name)[-1].startswith(
            "Class room · Songs of our rivers\nA pupil says that something is wrong:"
        )
        assert "Blue Heron 4" in room.screen(name)[-1]
    assert room.words(room.fox) == [], "Nobody in the room sees it."
    for _often in range(9):
        assert room.pupil(room.heron, text="/report") is None
    assert "more tomorrow" in (room.pupil(room.heron, text="/report") or "")


def test_a_teacher_asks_support_about_what_was_done(room: ClassRoom) -> None:
    officer = room.newcomer("officer")
    with room.session() as session:
        staff.name_officer(session, officer, "central", None, named_by=None, now=room.now)
    room.page("ines", text="One")
    room.page("amina", text="/out", about=room.named("One"))
    assert room.presses("ines", "Ask support")
    room.says("ines", "I did nothing wrong.")
    assert room.presses("officer", "Read it")
    assert "I did nothing wrong." in room.screen("officer")[-1]
    room.presses("officer", "Take it back")
    room.says("officer", "Please talk to each other.")
    assert "Support has taken it back." in room.screen("ines")[-1]
    assert room.words("ines") == ["One"]


def test_the_log_is_for_founders(room: ClassRoom) -> None:
    room.page("ines", text="One")
    room.page("amina", text="/mute 30", about=room.named("One"))
    room.says("ines", f"/room log {room.room.id}")
    assert "Only those who lead the project" in room.screen("ines")[-1]
    room.says("joao", f"/room log {room.room.id}")
    assert "Amina · muted · 30 · Ines" in room.screen("joao")[-1]
    officer = room.newcomer("officer")
    with room.session() as session:
        staff.name_officer(session, officer, "national", "GR", named_by=None, now=room.now)
    room.says("officer", f"/schoolprojects log {room.project}")
    assert "Amina · muted · 30 · Ines" in room.screen("officer")[-1]


def test_a_room_as_a_file_for_those_who_lead_with_all_that_came_out(room: ClassRoom) -> None:
    room.frees(room.bear)
    room.pupil(room.bear, text="<b>Hello</b>")
    room.pupil(room.heron, text="Never let out")
    room.page("amina", text="Gone again")
    room.page("amina", removes=room.named("Gone again"))
    room.page("ines", text="Answer", about=room.named("<b>Hello</b>"))
    room.says("ines", f"/room export {room.room.id}")
    assert room.screens["ines"][-1].file is None
    room.says("joao", f"/room export {room.room.id}")
    file = room.screens["joao"][-1].file
    assert file is not None and file["platform"] == SOURCE
    with room.session() as session:
        its, said = _read(session, Wanted.of(file["ref"]))
        assert its is not None
        into = io.BytesIO()
        with ZipFile(into, "w") as archive:
            write_words(archive, its, said, {}, Reader("pl"), room.now)
        assert _read(session, Wanted(room.room.id, room.ines, "en", "UTC")) == (None, [])
    page, data = ZipFile(into).read("index.html").decode(), json.loads(ZipFile(into).read("data.json"))
    assert [one["words"] for one in data] == ["<b>Hello</b>", "Answer"]
    assert data[0]["who"].startswith("Brown Bear 9 · ") and data[1]["answers"] == data[0]["number"]
    assert "&lt;b&gt;Hello" in page and "Never let out" not in page + str(data) and "Gone again" not in page


def test_no_name_of_a_file_leads_out_of_the_archive() -> None:
    for name in ("../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", ".hidden", "", "a" * 300):
        got = file_name(7, Attachment("file", "r", name))
        assert got.startswith("files/7-") and ".." not in got and got.count("/") == 1 and len(got) < 100


def test_who_has_everything_erased_may_leave_their_words_to_the_rooms(room: ClassRoom) -> None:
    room.page("ines", text="One")
    room.says("ines", "/deleteme")
    room.presses("ines", "Erase everything")
    assert "What you wrote in the rooms of projects:" in room.screen("ines")[-1]
    room.presses("ines", "Leave them there")
    with room.session() as session:
        row = erasing.pending(session, room.ines)
        assert row is not None and row.keeps_words


def test_a_wave_of_newcomers_stops_the_codes(room: ClassRoom) -> None:
    with room.session() as session:
        code = projects.make_code(session, room.project, room.amina, room.now)
    newcomers = [f"new{number}" for number in range(8)]
    for name in newcomers:
        room.teacher(name.title(), name)
    told = []
    for name in newcomers:
        room.says(name, f"/project join {code}")
        told.append(room.presses(name, "Join"))
    assert told == [True] * 5 + [False] * 3, "Three were in it already."
    assert "the codes no longer work" in room.screen("joao")[-1]
    assert "That code is not right" in room.screen("new7")[-1]
    assert log(room) == ["wave"]
