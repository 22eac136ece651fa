"""What a project has on Matrix becomes what it should be, whatever happens there: against a homeserver in memory."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.talk import Do, Done, Heard, Listening, News
from bot.talk.messages import Event
from bot.text import Reader, plain
from handlers.rooms import onmatrix
from handlers.rooms.guests import step
from storage import people, projects, rooms
from storage.accounts import add_account
from storage.database import Database
from storage.models import Chat, Erasure, Guest, Teacher
from storage.models.rooms import DOWN, OPEN, OPENING
from storage.rooms import opening, places
from tests.projects.town import AMINA, EVE, INES, JOAO, NOW, joined, opened, settle
from tests.vault import VAULT

NAMES = {AMINA: "@amina:m", JOAO: "@joao:m", INES: "@ines:m", EVE: "@eve:m"}


class Server:
    """A homeserver that does what it is asked, and tells of it; ``refuses`` are the deeds that it does not do."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rooms: dict[str, dict[str, str]] = {}
        self.hushed: dict[str, bool] = {}
        self.made: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.refuses: dict[str, str] = {}
        self.todo: list[Do] = []
        self.done: list[Do] = []
        self.told: list[News] = []
        self.now = NOW

    def take(self, what: Any) -> None:
        (self.todo if isinstance(what, Do) else self.told).append(what)

    def run(self) -> None:
        """Do everything that is wanted, until nothing more is."""
        for _time in range(200):
            if not self.todo:
                return
            self.one()
        raise AssertionError("it never ends")

    def one(self) -> None:
        """Do what was wanted first, and hand back what came of it."""
        deed = self.todo.pop(0)
        self.done.append(deed)

        def hand_back(session: Session) -> None:
            chat = session.get_one(Chat, deed.chat)
            error = self.refuses.get(deed.what)
            result = None if error else self._do(chat.external_id, deed.what, deed.args)
            done = Done(1, deed.chat, "matrix", deed.what, deed.args, result, error and f"rejected: {error}")
            onmatrix.did(session, done, self.now, self.take)

        self.database.do(hand_back)

    def _do(self, chat: str, what: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        if what == "open":
            room = self.made.setdefault(args["alias"], f"!{len(self.made)}:m")
            self.rooms.setdefault(room, {})
            self.names[room] = args["name"]
            return {"chat": room}
        if what == "follow":
            self.rooms.setdefault(args["to"], {})
            return {"chat": args["to"], "members": dict(self.rooms[args["to"]])}
        inside = self.rooms[chat]
        if what == "invite":
            if inside.get(args["user"]) != "join":
                inside[args["user"]] = "invite"
            return {"membership": inside[args["user"]]}
        if what == "remove":
            inside.pop(args["user"], None)
        if what == "hush":
            self.hushed[chat] = args["on"]
        return {}

    def happens(self, chat: str, event: Event) -> None:
        """The bot hears of something."""

        def hear(session: Session) -> None:
            place = people.place_of(session, "matrix", chat)
            heard = Heard(chat, event.who, "group", event=event)
            listening = Listening(session, heard, 0, place.chat if place else 0, "matrix", Reader(), self.now)
            onmatrix.happens(listening)
            for what in listening.news:
                self.take(what)

        self.database.do(hear)

    def comes(self, chat: str, who: str) -> None:
        self.rooms[chat][who] = "join"
        self.happens(chat, Event("in", who))

    def goes(self, chat: str, who: str, *, sent: bool = False) -> None:
        self.rooms[chat].pop(who, None)
        self.happens(chat, Event("out", who, data={"sent": True} if sent else {}))

    def looks(self) -> None:
        """The bot looks after what is out of step."""
        work = onmatrix.matrix_chore.work
        self.database.do(lambda s: work(s, self.now, self.take))
        self.run()

    def words(self) -> list[str]:
        return [plain(news.body, Reader()) for news in self.told]


class Town:
    """A project of four teachers, three of whom are on Matrix, whose rooms are opened there."""

    def __init__(self, database: Database, *, begin: bool = True) -> None:
        self.database, self.server = database, Server(database)
        database.do(settle)
        database.do(self._accounts)
        self.project = opened(database)
        joined(database, self.project, INES)
        if begin:
            self.begin()
            self.server.run()

    def _accounts(self, session: Session) -> None:
        for person in (AMINA, JOAO, INES):
            add_account(session, person, "matrix", NAMES[person])

    def begin(self, person: int = JOAO) -> bool:
        begin = partial(onmatrix.begin, project=self.project, person=person, now=NOW, do=self.server.take)
        return self.database.do(begin)

    def tend(self) -> None:
        self.database.do(partial(onmatrix.tend, project=self.project, now=NOW, do=self.server.take))
        self.server.run()

    def spots(self) -> list[places.Spot]:
        def look(session: Session) -> list[places.Spot]:
            space = places.space_of(session, self.project, "matrix")
            return [one for one in (space, *places.doors_of(session, self.project, "matrix")) if one is not None]

        return self.database.do(look)

    def chats(self) -> list[str]:
        return [spot.external for spot in self.spots()]

    def states(self) -> list[str]:
        return [spot.state for spot in self.spots()]

    def members(self) -> list[set[str]]:
        return [set(self.server.rooms[chat]) for chat in self.chats()]


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


THREE = {NAMES[AMINA], NAMES[JOAO], NAMES[INES]}


def test_a_space_and_two_rooms_and_all_who_are_on_matrix(town: Town) -> None:
    assert town.states() == [OPEN] * 3
    assert town.members() == [THREE] * 3
    names = [town.server.names[chat] for chat in town.chats()]
    assert names == ["Songs of our rivers", "Songs of our rivers · Staff room", "Songs of our rivers · Class room"]
    rooms_made = [deed for deed in town.server.done if deed.what == "open"][1:]
    assert {deed.args["space"] for deed in rooms_made} == {town.chats()[0]}
    (news,) = town.server.told
    assert news.person == JOAO and "3 accounts of you are invited" in plain(news.body, Reader())
    # Nothing is wanted twice.
    assert town.begin() is False
    town.tend()
    town.server.looks()
    assert len(town.server.done) == 3 + 9


def test_who_reads_where(town: Town) -> None:
    _space, staff, _class = town.chats()
    door = town.spots()[1].id
    town.server.comes(staff, NAMES[JOAO])
    town.server.comes(staff, NAMES[INES])
    town.server.goes(staff, NAMES[INES])
    town.server.run()
    readers = town.database.do(lambda s: opening.readers(s, door))
    assert readers == {AMINA: "asked", JOAO: "in", INES: "out"}
    # Who left is asked again only when they want to be.
    town.tend()
    assert NAMES[INES] not in town.server.rooms[staff]
    assert town.database.do(lambda s: places.ask_again(s, town.project, INES, "matrix")) == 1
    town.tend()
    assert town.server.rooms[staff][NAMES[INES]] == "invite"


def test_of_two_accounts_both_are_asked_and_one_is_enough(town: Town) -> None:
    town.database.do(lambda s: add_account(s, AMINA, "matrix", "@amina:other"))
    town.server.looks()
    assert town.members() == [{*THREE, "@amina:other"}] * 3
    staff, door = town.chats()[1], town.spots()[1].id
    town.server.goes(staff, NAMES[AMINA])
    town.server.comes(staff, "@amina:other")
    assert town.database.do(lambda s: opening.readers(s, door))[AMINA] == "in"


def test_who_leaves_or_is_suspended_or_erased_is_sent_away_everywhere(town: Town) -> None:
    for chat in town.chats():
        town.server.comes(chat, NAMES[INES])
    town.database.do(lambda s: projects.leave(s, town.project, INES, NOW))
    town.tend()
    assert town.members() == [THREE - {NAMES[INES]}] * 3
    town.database.do(lambda s: s.execute(update(Teacher).where(Teacher.person_id == AMINA).values(status="suspended")))
    town.server.looks()
    assert town.members() == [{NAMES[JOAO]}] * 3
    town.database.do(lambda s: s.execute(update(Teacher).where(Teacher.person_id == AMINA).values(status="verified")))
    town.server.looks()
    assert town.members() == [{NAMES[JOAO], NAMES[AMINA]}] * 3
    going = {"person_id": AMINA, "reason": "asked", "stage": "farewell", "asked_at": NOW, "due_at": NOW}
    town.database.do(lambda s: s.execute(insert(Erasure).values(looking=False, **going)))
    town.server.looks()
    assert town.members() == [{NAMES[JOAO]}] * 3
    assert set(town.database.do(lambda s: s.scalars(select(Guest.external_id)).all())) == {NAMES[JOAO]}


def test_who_was_removed_from_one_room_leaves_that_one(town: Town) -> None:
    number = town.spots()[2].room
    gone = update(rooms.keeping.RoomMember).where(rooms.keeping.RoomMember.room_id == number)
    town.database.do(lambda s: s.execute(gone.where(rooms.keeping.RoomMember.person_id == INES).values(removed_at=NOW)))
    town.server.looks()
    assert town.members() == [THREE, THREE, THREE - {NAMES[INES]}]
    # Who is in the space could come back by themselves.
    assert town.server.done[-1].args == {"user": NAMES[INES], "bar": True}


def test_strangers_do_not_stay_and_knocking_is_answered(town: Town) -> None:
    space, staff, _class = town.chats()
    town.server.comes(staff, NAMES[EVE])
    town.server.run()
    assert NAMES[EVE] not in town.server.rooms[staff]
    town.server.rooms[staff][NAMES[EVE]] = "knock"
    town.server.happens(staff, Event("asks", NAMES[EVE]))
    town.server.run()
    assert NAMES[EVE] not in town.server.rooms[staff]
    town.server.goes(staff, NAMES[INES])
    town.server.happens(staff, Event("asks", NAMES[INES]))
    town.server.run()
    assert town.server.rooms[staff][NAMES[INES]] == "invite"
    # Where that is refused the founders know, and it is not tried for ever.
    town.server.refuses = {"remove": "M_FORBIDDEN"}
    town.server.comes(space, NAMES[EVE])
    town.server.run()
    assert sorted(news.person for news in town.server.told[1:]) == [AMINA, JOAO]
    assert "I cannot send them away" in town.server.words()[-1]
    town.server.looks()
    assert len(town.server.told) == 3


def test_what_cannot_be_made_is_told_and_tried_again_under_the_same_name(database: Database) -> None:
    town = Town(database, begin=False)
    town.server.refuses = {"open": "M_FORBIDDEN"}
    town.begin()
    town.server.run()
    assert town.states() == [DOWN] * 3
    assert {news.person for news in town.server.told} == {AMINA, JOAO}
    assert "does not let me" in town.server.words()[0]
    alias = town.server.done[0].args["alias"]
    town.server.refuses = {}
    town.server.looks()
    assert town.states() == [DOWN] * 3
    assert town.begin() is True
    town.server.run()
    assert town.states() == [OPEN] * 3
    assert town.server.done[1].args["alias"] == alias


def test_who_cannot_be_invited_hears_so_once_and_can_ask_again(database: Database) -> None:
    town = Town(database, begin=False)
    town.server.refuses = {"invite": "M_FORBIDDEN"}
    town.begin()
    town.server.run()
    town.server.looks()
    said = [news.person for news in town.server.told if "could not invite you" in plain(news.body, Reader())]
    assert said == [AMINA, JOAO, INES]
    town.server.refuses = {}
    assert town.database.do(lambda s: places.ask_again(s, town.project, INES, "matrix")) == 3
    town.tend()
    assert town.members() == [{NAMES[INES]}] * 3


def test_the_bot_is_removed_and_another_room_takes_its_place(town: Town) -> None:
    _space, staff, _class = town.chats()
    town.server.happens(staff, Event("me", data={"inside": False}))
    assert town.states() == [OPEN, DOWN, OPEN]
    assert town.database.do(lambda s: rooms.door_of(s, "matrix", staff)) is None
    assert "I was removed from this room" in town.server.words()[-1]
    # A lost space does not take its rooms with it; the new one gets them.
    town.server.happens(town.chats()[0], Event("me", data={"inside": False}))
    assert town.begin(AMINA) is True
    town.server.run()
    assert town.states() == [OPEN] * 3
    assert staff not in town.chats() and town.members() == [THREE] * 3
    (put,) = [deed for deed in town.server.done if deed.what == "set"]
    assert put.args["space"] == town.chats()[0]


def test_an_upgraded_room_is_followed_and_gets_what_was_said_meanwhile(town: Town) -> None:
    _space, staff, _class = town.chats()
    town.server.comes(staff, NAMES[JOAO])
    town.server.happens(staff, Event("moved", "!new:m"))
    assert town.states() == [OPEN, OPENING, OPEN]
    number = town.spots()[1].room
    assert number is not None
    web = town.database.do(lambda s: rooms.web_chat(s, number))
    said = town.database.do(
        lambda s: rooms.say(s, number, author=AMINA, chat=web.chat, door=web.id, ref="x", words="Meanwhile", now=NOW)
    )
    town.server.rooms["!new:m"] = {NAMES[JOAO]: "join"}
    town.server.run()
    assert town.states() == [OPEN] * 3 and town.chats()[1] == "!new:m"
    assert town.server.rooms["!new:m"] == {NAMES[JOAO]: "join", NAMES[AMINA]: "invite", NAMES[INES]: "invite"}
    brought = [what for what in town.server.told if getattr(what, "utterance", None) == said]
    assert len(brought) == 1
    town.server.refuses = {"follow": "M_FORBIDDEN"}
    town.server.happens("!new:m", Event("moved", "!newer:m"))
    town.server.run()
    assert town.states() == [OPEN, DOWN, OPEN]


def test_a_closed_project_is_only_read(town: Town) -> None:
    town.database.do(lambda s: projects.close(s, town.project, AMINA, NOW))
    town.server.looks()
    assert town.server.hushed == dict.fromkeys(town.chats()[1:], True)
    town.database.do(lambda s: projects.reopen(s, town.project, AMINA, NOW + timedelta(days=1)))
    town.server.looks()
    assert town.server.hushed == dict.fromkeys(town.chats()[1:], False)


def test_a_room_that_is_made_later_gets_its_door(town: Town) -> None:
    make = partial(rooms.make, project=town.project, kind="more", audience="everyone", name="Choir")
    town.database.do(lambda s: make(s, people=[AMINA, JOAO], by=AMINA, now=NOW))
    town.server.looks()
    assert town.states() == [OPEN] * 4
    assert town.members()[3] == {NAMES[AMINA], NAMES[JOAO]}


STATES = [None, *(getattr(places, name) for name in ("CALLED", "ASKED", "KNOCKING", "IN", "OUT", "GOING", "STUCK"))]


@given(st.booleans(), st.sampled_from(STATES))
def test_the_rule_of_guests(should: bool, state: str | None) -> None:
    found = step(should, state)
    assert found in (None, "invite", "remove", "forget")
    assert (found == "invite") <= should
    assert (found in ("remove", "forget")) <= (not should)
    if state in ("called", "going"):
        assert found in (None, "remove"), "what is under way is not begun again"


def _steps() -> Any:
    account = st.sampled_from(sorted(NAMES.values()))
    chat = st.integers(0, 2)
    return st.lists(
        st.one_of(
            st.tuples(st.just("comes"), chat, account),
            st.tuples(st.just("goes"), chat, account),
            st.tuples(st.just("sent"), chat, account),
            st.tuples(st.just("leaves"), st.just(0), st.just("")),
            st.tuples(st.just("joins"), st.just(0), st.just("")),
            st.tuples(st.just("one"), st.just(0), st.just("")),
            st.tuples(st.just("look"), st.just(0), st.just("")),
        ),
        max_size=30,
    )


@settings(max_examples=max(5, settings.default.max_examples // 20), suppress_health_check=list(HealthCheck))
@given(steps=_steps())
def test_whatever_happens_only_members_stay(migrated_sqlite: Path, tmp_path: Path, steps: list[Any]) -> None:
    database = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}", VAULT)
    try:
        town = Town(database)
        inside = True
        for what, number, account in steps:
            chat = town.chats()[number]
            if what == "comes":
                town.server.comes(chat, account)
            elif what in ("goes", "sent") and account in town.server.rooms[chat]:
                town.server.goes(chat, account, sent=what == "sent")
            elif what == "leaves" and inside:
                database.do(lambda s: projects.leave(s, town.project, INES, NOW))
                inside = False
            elif what == "joins" and not inside:
                joined(database, town.project, INES)
                inside = True
            elif what == "one" and town.server.todo:
                town.server.one()
            elif what == "look":
                town.server.looks()
        town.server.run()
        town.server.looks()
        right = THREE if inside else THREE - {NAMES[INES]}
        assert all(there <= right for there in town.members())
    finally:
        database.close()
