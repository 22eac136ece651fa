"""Places for pupils, on both databases: what a pupil may see, under which name they are heard, when a card is over."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage import cards, links, people, projects, pupil_chats, pupils, rooms
from storage.database import Database
from storage.models import Account, Person, Project, Pupil, PupilSession, RoomMember, RoomMessage, RoomReaction, Teacher
from storage.models.rooms import HELD
from storage.projects import Cannot
from storage.rights import erasing
from storage.rooms import entering, pages
from storage.rooms.seats import HELD_UNDER, holds
from tests.projects.town import AMINA, DAY, INES, JOAO, NOW, joined, opened, settle

NAMES = [("Blue Heron 4", "heron"), ("Red Fox 1", "fox"), ("Brown Bear 9", "bear")]
LATER = NOW + DAY


@pytest.fixture
def project(database: Database) -> int:
    database.do(settle)
    made = opened(database)
    joined(database, made, INES)
    return made


def places(session: Session, project: int, owner: int = AMINA) -> list[int]:
    return pupils.make(session, project, owner, NAMES, "pt", NOW)


def both(session: Session, project: int) -> tuple[rooms.Room, rooms.Room]:
    """The staff room and the class room."""
    staff, class_room = rooms.of_project(session, project)
    return staff, class_room


def say(session: Session, room: int, pupil: int, words: str, **more: str) -> int:
    door = rooms.web_chat(session, room)
    known = rooms.say(
        session, room, author=None, pupil=pupil, chat=door.chat, door=door.id, ref=None, words=words, now=LATER, **more
    )
    assert known is not None
    return known


def test_a_pupil_is_in_the_class_room_and_nowhere_else(database: Database, project: int) -> None:
    def look(session: Session) -> None:
        first, *_others = places(session, project)
        staff, class_room = both(session, project)
        other = projects.propose(session, JOAO, AMINA, projects.find(session, project).facts, NOW).id  # type: ignore[union-attr]
        projects.sign(session, other, AMINA, NOW)
        assert [room.id for room, _new in rooms.of_pupil(session, first, LATER)] == [class_room.id]
        seat = rooms.pupil_seat(session, class_room.id, first, LATER)
        assert seat is not None and seat.who == (0, first) and seat.holds and not seat.founder
        # Not even a row that should not be there opens another room.
        foreign = [staff, *both(session, other)]
        session.add_all([RoomMember(room_id=room.id, pupil_id=first, joined_at=NOW) for room in foreign])
        session.flush()
        assert [room.id for room, _new in rooms.of_pupil(session, first, LATER)] == [class_room.id]
        for room in foreign:
            assert rooms.pupil_seat(session, room.id, first, LATER) is None
            assert entering.enter_pupil(session, first, room.address, LATER) is None

    database.do(look)


def test_heard_under_the_nickname_with_the_teachers_school(database: Database, project: int) -> None:
    def look(session: Session) -> None:
        first, second, _third = places(session, project)
        room = both(session, project)[1]
        message = say(session, room.id, first, "Olá")
        assert rooms.voice_in(session, message) == rooms.Voice("Blue Heron 4", "Escola 1", "PT")
        mine = entering.enter_pupil(session, first, room.address, LATER)
        theirs = entering.enter_pupil(session, second, room.address, LATER)
        assert mine is not None and theirs is not None and mine.language == "pt"
        line = pages.one(session, room.id, message)
        assert line is not None and (line.name, line.school, line.country) == ("Blue Heron 4", "Escola 1", "PT")
        assert line.who == mine.seat.who != theirs.seat.who
        assert rooms.spoke(session, message, mine.seat) and not rooms.spoke(session, message, theirs.seat)
        assert rooms.react(session, message, None, "🎉", NOW, pupil=second)
        assert rooms.react(session, message, None, "🎉", NOW, pupil=first)
        assert rooms.react(session, message, JOAO, "🎉", NOW)
        assert not rooms.react(session, message, None, "🎉", NOW, pupil=second)
        assert rooms.signs(session, message) == {"🎉": 2}
        assert rooms.said_lately(session, first, NOW) == 1 and rooms.said_lately(session, second, NOW) == 0

    database.do(look)


def test_what_is_held_is_there_for_whoever_said_it_alone(database: Database, project: int) -> None:
    def look(session: Session) -> None:
        first, second, _third = places(session, project)
        room = both(session, project)[1]
        message = say(session, room.id, first, "Secret", state=HELD)
        seats = [rooms.pupil_seat(session, room.id, pupil, LATER) for pupil in (first, second)]
        teacher = rooms.seat_of(session, room.id, JOAO)
        assert [seat is not None and rooms.reads(session, message, seat) for seat in (*seats, teacher)] == [1, 0, 0]
        assert pages.newest(session, room.id, None, 9) == [] and pages.since(session, room.id, 0, 9) == []
        assert rooms.missing_at(session, room.id, 99, NOW, 9) == []

    database.do(look)


def test_a_card_is_over_with_the_project_its_teacher_or_a_word(database: Database, project: int) -> None:
    def good(session: Session, pupil: int, now: object = LATER) -> bool:
        room = both(session, project)[1]
        entered = entering.enter_pupil(session, pupil, room.address, now)  # type: ignore[arg-type]
        seat = rooms.pupil_seat(session, room.id, pupil, now)  # type: ignore[arg-type]
        found = pupils.find(session, pupil, now)  # type: ignore[arg-type]
        assert (entered is None) == (seat is None) == (found is None)
        return found is not None

    first, second, third = database.do(partial(places, project=project, owner=INES))
    ends = database.do(lambda s: s.get_one(Project, project).ends_on)
    assert database.do(partial(good, pupil=first))
    assert database.do(partial(good, pupil=first, now=NOW + (ends - NOW.date())))
    assert not database.do(partial(good, pupil=first, now=NOW + (ends - NOW.date()) + DAY))
    late = NOW + timedelta(days=300)
    added = database.do(lambda s: pupils.make(s, project, INES, [("Owl 1", "owl")], "en", late))
    assert [database.do(partial(good, pupil=added[0], now=late + days * DAY)) for days in (29, 31)] == [True, False]
    assert database.do(lambda s: pupils.revoke(s, INES, [first], LATER)) == 1
    assert database.do(lambda s: pupils.revoke(s, AMINA, [second], LATER)) == 0, "They are another teacher's."
    assert [database.do(partial(good, pupil=one)) for one in (first, second)] == [False, True]
    database.do(lambda s: s.execute(update(Teacher).where(Teacher.person_id == INES).values(status="suspended")))
    assert not database.do(partial(good, pupil=second))
    database.do(lambda s: s.execute(update(Teacher).where(Teacher.person_id == INES).values(status="verified")))
    assert database.do(partial(good, pupil=second))
    database.do(lambda s: projects.leave(s, project, INES, LATER))
    assert not database.do(partial(good, pupil=third))


def test_a_card_opens_until_it_is_replaced(database: Database, project: int) -> None:
    def look(session: Session) -> None:
        first, *_others = places(session, project)
        before = pupils.find(session, first, LATER)
        assert before is not None and pupils.by_code(session, before.code, LATER) == before
        pupils.sign_in(session, first, "hash", LATER)
        assert pupils.of_browser(session, "hash", LATER) == before
        after = pupils.replace(session, AMINA, first)
        assert pupils.by_code(session, before.code, LATER) is None
        assert pupils.by_code(session, after.code, LATER) == after and after.nickname == before.nickname
        assert pupils.of_browser(session, "hash", LATER) is None
        with pytest.raises(Cannot):
            pupils.replace(session, JOAO, first)

    database.do(look)


def test_a_nickname_is_one_pupils(database: Database, project: int) -> None:
    def look(session: Session) -> None:
        first, second, _third = places(session, project)
        with pytest.raises(Cannot):
            pupils.rename(session, AMINA, second, "blue heron 4")
        assert not pupils.take(session, second, ("Brown bear 9", "bear"), LATER)
        assert pupils.take(session, second, ("Grey Wolf 2", "wolf"), LATER)
        pupils.rename(session, AMINA, first, "Comet")
        assert pupils.take(session, first, ("Grey Wolf 5", "wolf"), LATER), "What the teacher wrote stays."
        assert pupils.names_in(session, project) == {"comet", "grey wolf 2", "brown bear 9"}

    database.do(look)


def test_no_more_places_than_a_school_has_pupils(database: Database, project: int) -> None:
    many = [(f"Heron {n}", "heron") for n in range(pupils.MOST_AT_ONCE + 1)]
    with pytest.raises(Cannot):
        database.do(lambda s: pupils.make(s, project, AMINA, many, "en", NOW))
    with pytest.raises(Cannot):
        database.do(lambda s: pupils.make(s, project, 4, many[:2], "en", NOW))
    database.do(lambda s: projects.close(s, project, AMINA, LATER))
    with pytest.raises(Cannot):
        database.do(lambda s: pupils.make(s, project, AMINA, many[:2], "en", LATER))


def test_erased_with_the_teacher_and_forgotten_with_the_words(database: Database, project: int) -> None:
    theirs = database.do(partial(places, project=project, owner=INES))
    mine = database.do(lambda s: pupils.make(s, project, AMINA, [("Owl 1", "owl")], "en", NOW))
    room = database.do(partial(both, project=project))[1]
    message = database.do(partial(say, room=room.id, pupil=theirs[0], words="Olá"))
    database.do(lambda s: rooms.react(s, message, None, "🎉", NOW, pupil=theirs[0]))
    database.do(lambda s: pupils.sign_in(s, theirs[0], "hash", LATER))
    database.do(lambda s: erasing._erase_rows(s, INES, NOW))

    def left(session: Session) -> tuple[list[int], int]:
        tables = (PupilSession.token_hash, RoomReaction.id)
        return list(session.scalars(select(Pupil.id))), sum(
            session.scalar(select(func.count()).select_from(table.class_)) or 0 for table in tables
        )

    assert database.do(left) == (mine, 0)
    assert database.do(lambda s: rooms.voice_in(s, message)) == rooms.seats.NOBODY
    ends = database.do(lambda s: s.get_one(Pupil, mine[0])).expires_at
    assert database.do(lambda s: pupils.purge(s, ends + timedelta(days=179), 9)) == 0
    assert database.do(lambda s: pupils.purge(s, ends + timedelta(days=181), 9)) == 1
    assert database.do(lambda s: s.scalars(select(RoomMessage.id)).all()) == [message]


def test_pupils_go_on_with_the_joined_account_of_their_teacher(database: Database, project: int) -> None:
    """Also where the other account of the teacher had left the project before."""

    def look(session: Session) -> None:
        first, *_others = places(session, project, INES)
        pupils.set_age(session, project, INES, 14)
        projects.invite(session, project, AMINA, 4, NOW)
        projects.answer(session, project, 4, False, NOW)
        links.join(session, INES, into=4, now=LATER)
        room = both(session, project)[1]
        seat = rooms.pupil_seat(session, room.id, first, LATER)
        assert seat is not None and not seat.holds
        assert pupils.of_owner(session, 4, project)[0].id == first
        assert rooms.seat_of(session, room.id, 4) is not None

    database.do(look)


@given(own=st.none() | st.booleans(), teachers=st.none() | st.booleans(), age=st.none() | st.integers(3, 21))
def test_who_is_held(own: bool | None, teachers: bool | None, age: int | None) -> None:
    said = [word for word in (own, teachers) if word is not None]
    assert holds(own, teachers, age) == (said[0] if said else age is None or age < HELD_UNDER)


@given(code=st.text(st.sampled_from(cards.ALPHABET), min_size=cards.LENGTH, max_size=cards.LENGTH), data=st.data())
def test_what_is_typed_is_read_as_it_is_meant(code: str, data: st.DataObject) -> None:
    slips = {"0": "0oOОо٠", "1": "1iIlLІ١", "A": "AaΑА", "B": "BbΒ", "H": "hΗН", "K": "kΚК", "X": "xХΧ", "2": "2٢２"}
    typed = "".join(
        data.draw(st.sampled_from(["", " ", "-", "–"])) + data.draw(st.sampled_from(slips.get(sign, sign)))
        for sign in code
    )
    assert cards.read_code(typed) == code == cards.read_code(cards.grouped(code))


@given(st.text(max_size=30))
def test_anything_else_is_no_code(typed: str) -> None:
    found = cards.read_code(typed)
    assert found is None or (len(found) == cards.LENGTH and set(found) <= set(cards.ALPHABET))


def test_codes_have_sixty_bits_and_no_pair_of_signs_that_look_alike() -> None:
    assert len(set(cards.ALPHABET)) ** cards.LENGTH >= 2**60
    assert not set(cards.ALPHABET) & set("OILU")
    assert all(len(set(cards.new_pictures())) == cards.CHOSEN for _one in range(50))
    assert cards.same([1, 5, 9], [9, 1, 5])
    assert not any(cards.same([1, 5, 9], given) for given in ([1, 5], [1, 5, 9, 9], [1, 5, 8], [1, 5, 9, 2], []))


def test_a_chat_is_a_door_as_long_as_the_card_is_good(database: Database, project: int) -> None:
    def look(session: Session) -> None:
        first, *_others = places(session, project)
        # People of these tests have numbers that PostgreSQL has not counted.
        session.add(Person(id=77, language="en", created_at=NOW, active_at=NOW))
        session.flush()
        session.add(Account(person_id=77, platform="telegram", external_id="77"))
        session.flush()
        met = people.meet(session, "telegram", "77", "77", "private", now=LATER, language="en")
        room = pupil_chats.come_in(session, met.chat, met.person, first, project)
        again = people.meet(session, "telegram", "77", "77", "private", now=LATER, language="en")
        assert again.roles == {"pupil"}
        assert [door.chat for door in pupil_chats.doors(session, room, LATER)] == [met.chat]
        assert pupil_chats.over(session, LATER, 9) == []
        late = session.get_one(Pupil, first).expires_at
        assert pupil_chats.doors(session, room, late) == []
        (over,) = pupil_chats.over(session, late, 9)
        pupils.revoke(session, AMINA, [first], LATER)
        assert pupil_chats.of_chat(session, met.chat) is None and pupil_chats.doors(session, room, LATER) == []
        pupil_chats.forget(session, over, LATER)
        assert pupil_chats.over(session, late, 9) == []
        erasing.recall(session, met.person)
        assert erasing.pending(session, met.person) is None

    database.do(look)
