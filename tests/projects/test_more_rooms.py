"""Founders add rooms to a project: who is in them, how many there can be, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from handlers.rooms.onmatrix import begin, renamed
from storage import projects, pupils, rooms
from storage.database import Database
from storage.models import RoomDoor
from storage.models.rooms import EVERYONE, OPEN, TEACHERS
from storage.projects import MOST_ROOMS, Cannot
from storage.rooms import notices
from tests.projects.classroom import ClassRoom
from tests.projects.town import AMINA, INES, JOAO, NOW, joined, opened, settle


@pytest.fixture
def school() -> Iterator[ClassRoom]:
    school = ClassRoom()
    yield school
    school.close()


def refused(database: Database, project: int, person: int, name: str) -> str | None:
    try:
        database.do(lambda s: projects.add_room(s, project, person, name, TEACHERS, NOW))
    except Cannot as cannot:
        return cannot.why
    return None


def test_who_may_add_and_how_many(database: Database) -> None:
    database.do(settle)
    project = opened(database)
    joined(database, project, INES)
    assert refused(database, project, INES, "Trip") == "foreign"
    assert refused(database, project, AMINA, "Trip") is None
    assert refused(database, project, JOAO, "  TRIP") == "named"
    assert [refused(database, project, JOAO, f"Room {n}") for n in range(MOST_ROOMS - 3)] == [None] * (MOST_ROOMS - 3)
    assert refused(database, project, AMINA, "One more") == "rooms"
    trip = database.do(lambda s: rooms.of_project(s, project))[2]
    assert database.do(lambda s: notices.teachers(s, trip.id)) == [AMINA, JOAO, INES]
    database.do(lambda s: projects.close(s, project, AMINA, NOW))
    assert refused(database, project, AMINA, "Too late") == "state"


def test_pupils_are_in_rooms_with_the_classes_alone(database: Database) -> None:
    database.do(settle)
    project = opened(database)

    def make(name: str) -> int:
        return database.do(lambda s: pupils.make(s, project, AMINA, [(name, "bear")], "en", NOW))[0]

    gone, before = make("Brown Bear 9"), make("Brown Bear 8")
    database.do(lambda s: pupils.revoke(s, AMINA, [gone], NOW))
    names = (("With all", EVERYONE), ("Without", TEACHERS))
    made = [database.do(lambda s, o=one: projects.add_room(s, project, AMINA, *o, NOW)) for one in names]  # type: ignore[misc]
    after = make("Brown Bear 7")
    for pupil, many in ((before, 2), (after, 2), (gone, 0)):
        its = [room.id for room, _new in database.do(lambda s, p=pupil: rooms.of_pupil(s, p, NOW))]  # type: ignore[misc]
        assert len(its) == many
        assert (made[0] in its) == (many > 0)
        assert made[1] not in its


def told(school: ClassRoom, chat: str, words: str) -> list[str]:
    school.says(chat, words)
    return school.screen(chat)


def test_in_the_conversation(school: ClassRoom) -> None:
    assert "You lead no open project" in told(school, "ines", "/room new")[-1]
    assert "What is the new room called?" in told(school, "amina", "/room new")[-1]
    assert "Who is in it?" in told(school, "amina", "Trip to Lisbon")[-1]
    assert "The room is there" in told(school, "amina", "With the classes")[-1]
    assert "Trip to Lisbon" in school.screen("joao")[-1]
    assert "Trip to Lisbon" in told(school, "ines", "/room")[-1]
    assert "Trip to Lisbon" in told(school, "ines", f"/project {school.project}")[-1]
    with school.session() as session:
        made = rooms.of_project(session, school.project)[2]
        assert made.id in {room.id for room, _new in rooms.of_pupil(session, school.heron, school.now)}
    assert "There is no such project." in told(school, "ines", f"/room rename {made.id}")[-1]
    assert "keep their names" in told(school, "amina", f"/room rename {school.room.id}")[-1]
    assert "What shall the room be called?" in told(school, "amina", f"/room rename {made.id}")[-1]
    assert "called so from now on" in told(school, "amina", "Trip to Porto")[-1]
    assert "Trip to Porto" in told(school, "joao", f"/room of {school.project}")[-1]


def test_where_the_project_is_open_on_matrix_the_room_is_called_so_there(database: Database) -> None:
    database.do(settle)
    project = opened(database)
    trip = database.do(lambda s: projects.add_room(s, project, AMINA, "Trip", TEACHERS, NOW))
    asked: list[str] = []
    database.do(lambda s: begin(s, project, AMINA, NOW, lambda deed: asked.append(deed.what)))
    database.do(lambda s: s.execute(update(RoomDoor).where(RoomDoor.room_id == trip).values(state=OPEN)))
    database.do(lambda s: projects.rename_room(s, trip, AMINA, "Journey"))
    named: list[object] = []
    database.do(lambda s: renamed(s, trip, lambda deed: named.append(deed.args["name"])))
    assert named == ["Songs of our rivers · Journey"]
