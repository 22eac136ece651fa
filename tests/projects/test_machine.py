"""What is said in a room stands at every door as it was said, in one order and once, and is seen by nobody outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.talk import Heard
from bot.turn import Hearing
from storage import projects, rooms
from storage.models import Account, Chat
from storage.post import Parcel
from storage.rooms import entering, pages
from tests.lines import Street
from tests.projects.town import RIVERS

NAMES = {1: "amina", 2: "joao", 3: "ines", 4: "eve"}
GROUPS = {"telegram": "-1001", "matrix": "!room"}
OUTSIDER = 4
people, doors = st.sampled_from(list(NAMES)), st.sampled_from(["web", *GROUPS])


class Campus(Street):
    """A street in which there are groups too; ``at`` is one of the doors of the room, by its platform."""

    def at(self, door: str, chat: str, sender: str, **what: Any) -> str:
        """Somebody does something at a door; the platform's id of it."""
        self.turns += 1
        self.now += timedelta(seconds=what.pop("seconds", 10))
        ref = what.pop("id", f"m{self.turns}")
        heard = Heard(chat=chat, sender=sender, id=ref, **{"kind": "group", "addressed": False, **what})
        with self.session() as session:
            parcels = Hearing(self.house, session, door, heard, key=f"u{self.turns}", now=self.now).run()
        for parcel in parcels:
            self.deliver(parcel)
        return ref

    def deliver(self, parcel: Parcel) -> None:
        if "stirs" not in parcel.payload:
            super().deliver(parcel)


@dataclass
class Said:
    """A message as it should stand: its number, who said it at which door under which id, and its words."""

    id: int
    author: int
    door: str
    ref: str
    words: str
    gone: bool = False


class Rooms(RuleBasedStateMachine):
    """A room with three doors; three teachers are in it, of whom one comes and goes, and a fourth is not."""

    def __init__(self) -> None:
        super().__init__()
        self.campus = Campus()
        self.said: list[Said] = []
        self.open, self.inside = True, {1, 2, 3}
        self.count = 0

    @initialize()
    def settle(self) -> None:
        campus = self.campus
        self.people = {person: campus.teacher(name.title(), name) for person, name in NAMES.items()}
        for other in (2, 3):
            campus.partners(self.people[1], self.people[other])
        with campus.session() as session:
            self.project = projects.propose(session, self.people[1], self.people[2], RIVERS, campus.now).id
            projects.sign(session, self.project, self.people[2], campus.now)
            self._let_in(session)
            self.room = rooms.of_project(session, self.project)[0]
            for platform, group in GROUPS.items():
                chat = Chat(platform=platform, external_id=group, kind="group")
                session.add(chat)
                session.flush()
                rooms.add_door(session, self.room.id, platform, chat.id, campus.now)
                accounts = [(self.people[person], name) for person, name in NAMES.items()]
                session.add_all(Account(person_id=p, platform=platform, external_id=name) for p, name in accounts)

    def _let_in(self, session: Any) -> None:
        projects.invite(session, self.project, self.people[1], self.people[3], self.campus.now)
        projects.answer(session, self.project, self.people[3], True, self.campus.now)

    def teardown(self) -> None:
        self.campus.close()

    def does(self, person: int, door: str, **what: Any) -> str:
        chat = GROUPS.get(door, f"room:{self.room.address}")
        return self.campus.at(door, chat, NAMES[person], **what)

    def named(self, one: Said, door: str) -> str | None:
        """How a message is called at a door; None where nobody can point at it."""
        return f"m{one.id}" if door == "web" else one.ref if one.door == door else None

    def may(self, person: int) -> bool:
        return self.open and person in self.inside

    @rule(person=people, door=doors, again=st.booleans())
    def says(self, person: int, door: str, again: bool) -> None:
        self.count += 1
        words = f"<{self.count}>"
        ref = self.does(person, door, text=words)
        if again:
            self.does(person, door, text=words, id=ref)
        if self.may(person):
            with self.campus.session() as session:
                number = pages.newest(session, self.room.id, None, 1)[-1].id
            self.said.append(Said(number, person, door, ref, words))

    @precondition(lambda self: self.said)
    @rule(person=people, door=doors, data=st.data())
    def changes(self, person: int, door: str, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.said))
        name = self.named(one, door)
        if name is None:
            return
        words = f"{one.words}+"
        self.does(person, door, text=words, edits=name, id=name)
        if self.may(person) and person == one.author and not one.gone:
            one.words = words

    @precondition(lambda self: self.said)
    @rule(person=people, door=doors, data=st.data())
    def takes_back(self, person: int, door: str, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.said))
        name = self.named(one, door)
        if name is None:
            return
        self.does(person, door, removes=name)
        if person in self.inside and person == one.author:
            one.gone = True

    @rule()
    def leaves_or_comes_back(self) -> None:
        if not self.open:
            return
        with self.campus.session() as session:
            if 3 in self.inside:
                projects.leave(session, self.project, self.people[3], self.campus.now)
            else:
                self._let_in(session)
        self.inside ^= {3}

    @rule()
    def closes_or_opens(self) -> None:
        deed = projects.close if self.open else projects.reopen
        with self.campus.session() as session:
            deed(session, self.project, self.people[1], self.campus.now)
        self.open = not self.open

    @invariant()
    def the_page_shows_it_to_those_inside_alone(self) -> None:
        with self.campus.session() as session:
            for person, name in NAMES.items():
                here = entering.enter(session, name, self.room.address)
                assert (here is not None) == (person in self.inside)
            shown = pages.newest(session, self.room.id, None, 1000)
            assert [(one.id, one.words, one.removed) for one in shown] == [
                (one.id, "" if one.gone else one.words, one.gone) for one in self.said
            ]
            changes = [one.change for one in pages.since(session, self.room.id, 0, 1000)]
            assert changes == sorted(set(changes))

    @invariant()
    def each_door_has_what_was_said_at_the_others(self) -> None:
        for door, group in GROUPS.items():
            shown = [text.rsplit("\n", maxsplit=1)[-1] for text in self.campus.screen(group)]
            assert shown == [one.words for one in self.said if one.door != door and not one.gone]


# By day this takes a few seconds; at night the profile decides.
BY_DAY = settings(max_examples=3, stateful_step_count=40)
Rooms.TestCase.settings = BY_DAY if settings().max_examples <= 100 else settings(max_examples=1000)
TestRooms = Rooms.TestCase
