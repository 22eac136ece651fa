"""What is said in rooms, on both databases: once, in order, and by those who are in them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from storage import people, post, projects, relay, rooms
from storage.database import Database
from storage.models import Chat, RoomMessage, RoomReaction, Utterance
from storage.rights import erasing
from storage.rooms import ending, opening, pages
from tests.projects.town import AMINA, DAY, INES, JOAO, NOW, at_once, joined, opened, settle


@pytest.fixture
def room(database: Database) -> rooms.Room:
    """The staff room of a project of three."""
    database.do(settle)
    made = opened(database)
    joined(database, made, INES)
    return database.do(lambda s: rooms.of_project(s, made))[0]


def said(session: Session, room: int, words: str, author: int = AMINA, ref: str | None = None) -> int | None:
    door = rooms.web_chat(session, room)
    return rooms.say(session, room, author=author, chat=door.chat, door=door.id, ref=ref, words=words, now=NOW + DAY)


def changes(database: Database, room: int) -> list[tuple[int, int]]:
    where = select(RoomMessage.change, RoomMessage.id).where(RoomMessage.room_id == room)
    return [(c, i) for c, i in database.do(lambda s: s.execute(where.order_by(RoomMessage.change)).all())]


def test_who_is_heard_as_what(database: Database, room: rooms.Room) -> None:
    voice = database.do(lambda s: rooms.voice_of(s, room.id, AMINA))
    assert voice == rooms.Voice("Teacher", "Escola 1", "PT", AMINA)
    assert database.do(lambda s: rooms.voice_of(s, room.id, 77)) == rooms.Voice("", "", "")
    seat = database.do(lambda s: rooms.seat_of(s, room.id, AMINA))
    assert seat is not None and seat.founder and seat.status == "verified"


def test_a_message_is_said_once(database: Database, room: rooms.Room) -> None:
    first = database.do(partial(said, room=room.id, words="Olá", ref="m1"))
    assert first is not None
    assert database.do(partial(said, room=room.id, words="Olá", ref="m1")) is None
    both = at_once(database, *[partial(said, room=room.id, words="Two", ref="m2")] * 2)
    assert both.count(None) == 1  # type: ignore[arg-type]
    assert len(changes(database, room.id)) == 2


def test_numbers_and_messages_have_one_order(database: Database, room: rooms.Room) -> None:
    at_once(database, *[partial(said, room=room.id, words=str(n), author=n % 3 + 1) for n in range(12)])
    found = changes(database, room.id)
    assert len(found) == 12
    assert [number for _change, number in found] == sorted(number for _change, number in found)


def test_changed_taken_back_and_marked(database: Database, room: rooms.Room) -> None:
    message = database.do(partial(said, room=room.id, words="Helo"))
    other = database.do(partial(said, room=room.id, words="Second", author=JOAO))
    assert message is not None and other is not None
    database.do(partial(rooms.rewrite, message=message, words="Hello", now=NOW))
    assert database.do(lambda s: rooms.react(s, message, JOAO, "❤", NOW))
    assert database.do(lambda s: rooms.react(s, message, INES, "❤", NOW))
    assert database.do(lambda s: rooms.react(s, message, INES, "👍", NOW))
    assert database.do(lambda s: rooms.signs(s, message)) == {"❤": 2, "👍": 1}
    assert not database.do(lambda s: rooms.react(s, message, JOAO, "❤", NOW))
    assert database.do(lambda s: rooms.signs(s, message)) == {"❤": 1, "👍": 1}
    # What something becomes of is the newest for open pages.
    assert [number for _change, number in changes(database, room.id)] == [other, message]
    database.do(partial(rooms.take_back, message=other, now=NOW, by=INES))
    assert [number for _change, number in changes(database, room.id)] == [message, other]
    spoken = database.do(lambda s: relay.find(s, message))
    assert spoken is not None and spoken.words == "Hello" and spoken.earlier[0][1] == "Helo"


def test_a_door_that_shows_signs_by_itself_counts_those_of_others(database: Database, room: rooms.Room) -> None:
    message = database.do(partial(said, room=room.id, words="Olá")) or 0
    group = database.do(partial(telegram_door, to=room.id))
    web = database.do(lambda s: rooms.web_chat(s, room.id)).id

    def have(person: int, *signs: str, door: int = group) -> bool:
        return database.do(lambda s: rooms.react_all(s, message, person, signs, door, NOW))

    assert have(JOAO, "❤", "👍")
    assert not have(JOAO, "👍", "❤")
    assert database.do(lambda s: rooms.react(s, message, INES, "👍", NOW, door=web))
    # Her sign on the web is not taken away by what she has in the group.
    assert have(INES, "🎉") and have(INES)
    assert database.do(lambda s: rooms.signs(s, message)) == {"❤": 1, "👍": 2}
    assert database.do(lambda s: rooms.signs(s, message, group)) == {"👍": 1}
    assert database.do(lambda s: rooms.signs(s, message, web)) == {"❤": 1, "👍": 1}
    before = changes(database, room.id)
    assert not have(JOAO, "❤", "👍") and changes(database, room.id) == before
    assert have(JOAO) and database.do(lambda s: rooms.signs(s, message)) == {"👍": 1}


def test_a_chat_that_moves_forgets_how_its_messages_were_called(database: Database, room: rooms.Room) -> None:
    door = database.do(partial(telegram_door, to=room.id))
    chat = database.do(lambda s: rooms.door_of(s, "telegram", "-1001")).chat  # type: ignore[union-attr]

    def speak(session: Session, ref: str) -> int | None:
        return rooms.say(session, room.id, author=JOAO, chat=chat, door=door, ref=ref, words="Olá", now=NOW)

    first = database.do(partial(speak, ref="5"))
    copy = database.do(lambda s: post.put(s, chat=chat, kind="message", payload={}, key="k", lane=0, now=NOW))
    database.do(lambda s: post.settle(s, [(copy, post.SENT, "7", None)], NOW))
    database.do(lambda s: people.move_chat(s, "telegram", "-1001", "-2002"))
    assert database.do(lambda s: rooms.door_of(s, "telegram", "-2002")).id == door  # type: ignore[union-attr]
    assert database.do(lambda s: post.references(s, copy)) == []
    assert database.do(partial(speak, ref="5")) not in (None, first)
    # Where the new chat is known already, the door goes over to it.
    other = database.do(lambda s: opening.group(s, "telegram", "-3003", NOW))
    database.do(lambda s: people.move_chat(s, "telegram", "-2002", "-3003"))
    assert database.do(lambda s: rooms.door_of(s, "telegram", "-3003")).chat == other  # type: ignore[union-attr]


def telegram_door(session: Session, to: int) -> int:
    return rooms.add_door(session, to, "telegram", opening.group(session, "telegram", "-1001", NOW), NOW)


def test_words_in_rooms_stay_when_those_on_lines_go(database: Database, room: rooms.Room) -> None:
    message = database.do(partial(said, room=room.id, words="Olá"))
    database.do(lambda s: relay.purge(s, NOW + timedelta(days=900)))
    assert database.do(lambda s: relay.find(s, message or 0)) is not None


def test_a_chat_is_a_door_of_one_room(database: Database, room: rooms.Room) -> None:
    def open_door(session: Session, to: int) -> int:
        chat = session.scalar(select(Chat.id).where(Chat.platform == "telegram"))
        if chat is None:
            made = Chat(platform="telegram", external_id="-1001", kind="group")
            session.add(made)
            session.flush()
            chat = made.id
        return rooms.add_door(session, to, "telegram", chat, NOW)

    database.do(partial(open_door, to=room.id))
    door = database.do(lambda s: rooms.door_of(s, "telegram", "-1001"))
    assert door is not None and door.room == room.id
    assert database.do(lambda s: rooms.door_of(s, "telegram", "-1002")) is None
    other = database.do(lambda s: rooms.of_project(s, room.project))[1]
    with pytest.raises(DatabaseError):
        database.do(partial(open_door, to=other.id))


def test_unread_until_somebody_speaks_or_reads(database: Database, room: rooms.Room) -> None:
    def unread(session: Session, person: int) -> int:
        return next(number for one, number in rooms.of_person(session, person) if one.id == room.id)

    database.do(partial(said, room=room.id, words="Olá"))
    assert database.do(partial(unread, person=JOAO)) == 1
    assert database.do(partial(unread, person=AMINA)) == 0
    database.do(partial(said, room=room.id, words="Olá!", author=JOAO))
    assert [database.do(partial(unread, person=p)) for p in (AMINA, JOAO, INES)] == [1, 0, 2]


def test_words_go_180_days_after_the_end_and_founders_know_before(database: Database, room: rooms.Room) -> None:
    database.do(partial(said, room=room.id, words="Olá"))
    ended = database.do(lambda s: projects.close(s, room.project, AMINA, NOW + 2 * DAY)).closed_at
    assert ended is not None
    assert database.do(lambda s: ending.to_warn(s, ended + 149 * DAY, 9)) == []
    assert database.do(lambda s: ending.erase_due(s, ended + 400 * DAY, 9)) == 0, "Nobody knows of it yet."
    assert database.do(lambda s: ending.to_warn(s, ended + 150 * DAY, 9)) == [room.project]
    assert database.do(lambda s: ending.to_warn(s, ended + 151 * DAY, 9)) == []
    assert database.do(lambda s: ending.erase_due(s, ended + 179 * DAY, 9)) == 0
    assert database.do(lambda s: ending.erase_due(s, ended + 181 * DAY, 9)) == 1
    assert changes(database, room.id) == []


def test_an_erased_teacher_may_leave_their_words_to_the_room(database: Database, room: rooms.Room) -> None:
    mine = database.do(partial(said, room=room.id, words="Olá", author=INES))
    assert database.do(lambda s: erasing.said_in_rooms(s, INES)) and not database.do(
        lambda s: erasing.said_in_rooms(s, JOAO)
    )
    database.do(lambda s: erasing.ask(s, INES, erasing.ASKED, NOW, keeps_words=True))
    for day in (2, 3):
        row = database.do(lambda s: erasing.pending(s, INES))
        assert row is not None
        step = partial(erasing.advance, now=NOW + day * DAY, farewell=lambda _p: None, former=("", lambda _l: ""))
        database.do(lambda s, step=step: step(s, erasing.pending(s, INES)))  # type: ignore[misc]
    (line,) = database.do(lambda s: pages.newest(s, room.id, None, 9))
    assert (line.id, line.words, line.name, line.who) == (mine, "Olá", "", (0, None))
    assert database.do(lambda s: relay.find(s, mine or 0)).author == 0  # type: ignore[union-attr]


def test_an_erased_teacher_leaves_no_word_and_no_sign(database: Database, room: rooms.Room) -> None:
    mine = database.do(partial(said, room=room.id, words="Olá", author=INES))
    theirs = database.do(partial(said, room=room.id, words="Bom dia", author=JOAO))
    database.do(lambda s: rooms.react(s, theirs or 0, INES, "❤", NOW))
    reply = database.do(
        lambda s: rooms.say(s, room.id, author=JOAO, chat=None, door=None, ref=None, words="Re", answers=mine, now=NOW)
    )
    database.do(lambda s: erasing._erase_rows(s, INES, NOW))
    kept = database.do(lambda s: s.scalars(select(Utterance.id).order_by(Utterance.id)).all())
    assert kept == [theirs, reply]
    assert database.do(lambda s: s.scalars(select(RoomReaction.id)).all()) == []
    assert [each.person for each in database.do(lambda s: projects.members(s, room.project))] == [AMINA, JOAO]
