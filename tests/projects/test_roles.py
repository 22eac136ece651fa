"""Everybody tries everything in the rooms of two projects; nobody sees, changes or hears of what is not theirs.

The model beside it says in plain words who may do what; a step is one thing that somebody tries, allowed or not. What a
step brings to others is looked at as data, before any platform: no word that waits is in it, but to those who decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.orm import Session

from bot.talk import Excuse, Heard, Listening, Mark, PassOn, Rewrite
from bot.text import Reader, plain
from handlers.rooms import bridge, ordering, replies
from handlers.rooms.bridge import Here
from storage import partnerships, projects, pupils, relay, rooms
from storage.database import make_engine
from storage.models import Account, Base, Chat, Pupil, RoomMessage
from storage.rooms import entering, holding, occupants, order, pages
from tests.projects.town import AMINA, INES, JOAO, NOW, RIVERS, settle
from tests.vault import VAULT

EVE, DAN = 4, 5
#: Teachers by number; pupils by the teacher whose they are.
TEACHERS = {AMINA: 1, JOAO: 1, INES: 1, EVE: 2, DAN: 2}
FOUNDERS = {AMINA, JOAO, EVE, DAN}
OWNERS = {"heron": INES, "fox": INES, "bear": JOAO, "owl": EVE}
WHO: list[int | str] = [*TEACHERS, *OWNERS]
ROOMS = ("staff", "class", "foreign")
everybody, places = st.sampled_from(WHO), st.sampled_from(ROOMS)
people = st.sampled_from(list(TEACHERS))


class World:
    """The database with both projects, made once; each example undoes what it did."""

    def __init__(self) -> None:
        self.engine = make_engine("sqlite://", VAULT)
        Base.metadata.create_all(self.engine)
        self.connection: Connection = self.engine.connect()
        self.connection.exec_driver_sql("BEGIN")
        session = Session(self.connection, expire_on_commit=False)
        settle(session, len(TEACHERS))
        partnerships.open_(session, EVE, DAN, NOW)
        names = [{"person_id": n, "platform": "web", "external_id": f"t{n}", "external_key": f"t{n}"} for n in TEACHERS]
        session.execute(insert(Account).values(names))
        first = projects.propose(session, AMINA, JOAO, RIVERS, NOW).id
        projects.sign(session, first, JOAO, NOW)
        projects.invite(session, first, AMINA, INES, NOW)
        projects.answer(session, first, INES, True, NOW)
        second = projects.propose(session, EVE, DAN, RIVERS, NOW).id
        projects.sign(session, second, DAN, NOW)
        self.projects = {1: first, 2: second}
        self.pupils = {
            name: pupils.make(session, self.projects[TEACHERS[owner]], owner, [(name.title(), name)], "en", NOW)[0]
            for name, owner in OWNERS.items()
        }
        staff, class_room = rooms.of_project(session, first)
        self.rooms = {"staff": staff.id, "class": class_room.id, "foreign": rooms.of_project(session, second)[1].id}
        for number, room in enumerate(self.rooms.values()):
            chat = Chat(platform="telegram", external_id=f"-{number}", kind="group")
            session.add(chat)
            session.flush()
            rooms.add_door(session, room, "telegram", chat.id, NOW)
        self.doors = {name: rooms.web_chat(session, room) for name, room in self.rooms.items()}
        session.flush()


_world: list[World] = []


def world() -> World:
    """The world, made when it is needed first."""
    if not _world:
        _world.append(World())
    return _world[0]


@dataclass
class Said:
    """A message as the model has it."""

    id: int
    who: int | str
    room: str
    words: str
    state: str = "out"
    gone: bool = False


@dataclass
class Standing:
    """What is so at the moment, in plain words."""

    inside: set[int] = field(default_factory=lambda: set(TEACHERS))
    closed: bool = False
    locked: set[str] = field(default_factory=set)
    muted: set[tuple[int | str, str]] = field(default_factory=set)
    out: set[tuple[int | str, str]] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)

    def seated(self, who: int | str, room: str) -> bool:
        """Whether somebody is in a room at all."""
        teacher = OWNERS[who] if isinstance(who, str) else who
        if TEACHERS[teacher] != (2 if room == "foreign" else 1) or teacher not in self.inside:
            return False
        if isinstance(who, str) and (room == "staff" or who in self.revoked):
            return False
        return (who, room) not in self.out

    def speaks(self, who: int | str, room: str) -> bool:
        """Whether they can say something there."""
        shut = self.closed and room != "foreign"
        kept = room in self.locked and who not in FOUNDERS
        return self.seated(who, room) and not shut and not kept and (who, room) not in self.muted

    def decides(self, who: int | str, said: Said) -> bool:
        """Whether they decide on a message."""
        by_pupil = isinstance(said.who, str) and isinstance(who, int) and self.seated(who, said.room)
        return by_pupil and (who in FOUNDERS or OWNERS[str(said.who)] == who)

    def sees(self, who: int | str, said: Said) -> bool:
        """Whether a message is there for them."""
        return self.seated(who, said.room) and (said.state == "out" or who == said.who or self.decides(who, said))

    def removes(self, who: int | str, said: Said) -> bool:
        """Whether they may take a message away for all."""
        theirs = who == said.who or (isinstance(said.who, str) and OWNERS[said.who] == who)
        return isinstance(who, int) and self.seated(who, said.room) and (who in FOUNDERS or theirs)

    def orders(self, who: int | str, other: int | str, room: str) -> bool:
        """Whether they may mute or remove somebody."""
        if not isinstance(who, int) or not self.seated(who, room) or other in FOUNDERS or who == other:
            return False
        return who in FOUNDERS or (isinstance(other, str) and OWNERS[other] == who)


class Roles(RuleBasedStateMachine):
    """Two projects with a staff room, a class room and another class room; five teachers and four pupils, of whom two
    and one are elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.world = world()
        self.savepoint = self.world.connection.begin_nested()
        self.session = Session(self.world.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        self.now, self.model, self.said = NOW, Standing(), list[Said]()
        self.numbers = count(1)

    def teardown(self) -> None:
        self.session.close()
        self.savepoint.rollback()

    # How somebody does something, and what is looked at then.

    def here(self, who: int | str, room: str, **what: Any) -> Here | None:
        """The seat of somebody in a room with what they do there; None where they have none."""
        self.now += timedelta(seconds=10)
        session, number = self.session, self.world.rooms[room]
        heard = Heard(chat="", sender="", kind="group", addressed=False, id=f"r{next(self.numbers)}", **what)
        seat = (
            rooms.seat_of(session, number, who)
            if isinstance(who, int)
            else rooms.pupil_seat(session, number, self.world.pupils[who], self.now)
        )
        assert (seat is not None) == self.model.seated(who, room)
        if seat is None:
            return None
        door, its = self.world.doors[room], rooms.find(session, number)
        assert its is not None and door.chat is not None
        person = who if isinstance(who, int) else 0
        return Here(Listening(session, heard, person, door.chat, "web", Reader("en"), self.now), door, its, seat)

    def done(self, here: Here) -> None:
        """Look at what goes out of a step: nothing that waits, but to those who decide on it."""
        self.session.flush()
        states = {one.id: one for one in self.said}
        for what in here.heard.relayed:
            if isinstance(what, PassOn | Rewrite | Mark):
                one = states[what.utterance]
                assert one.state == "out" or (isinstance(what, PassOn) and what.chat == here.door.chat and what.file)
                assert not (isinstance(what, PassOn) and what.person is not None)
        waits = [one for one in self.said if one.state != "out"]
        for news in here.heard.news:
            text = plain(news.body, Reader("en"))
            for one in waits:
                assert one.words not in text or self.model.decides(news.person, one), (news.person, one)
        here.heard.news.clear()
        here.heard.relayed.clear()

    def ref(self, data: st.DataObject) -> Said:
        return data.draw(st.sampled_from(self.said[-12:]))

    # What somebody tries.

    @rule(who=everybody, room=places, link=st.booleans())
    def says(self, who: int | str, room: str, link: bool) -> None:
        words = f"w{next(self.numbers)}{'.example' if link else '!'}"
        here = self.here(who, room, text=words)
        if here is None:
            return
        refused = replies.by_pupil(here) if isinstance(who, str) else bridge.say(here)
        assert (refused is None) == self.model.speaks(who, room)
        if refused is None:
            held = isinstance(who, str) and (link or who not in self.model.free)
            number = self.session.scalar(select(func.max(RoomMessage.id)))
            assert number is not None
            self.said.append(Said(number, who, room, words, "held" if held else "out"))
        self.done(here)

    @precondition(lambda self: self.said)
    @rule(who=everybody, data=st.data(), link=st.booleans())
    def changes(self, who: int | str, data: st.DataObject, link: bool) -> None:
        one = self.ref(data)
        words = f"w{next(self.numbers)}{'.example' if link else '!'}"
        here = self.here(who, one.room, text=words, edits=f"m{one.id}")
        if here is None:
            return
        bridge.change(here)
        waits = isinstance(who, str) and (link or who not in self.model.free)
        if one.who == who and not one.gone and self.model.speaks(who, one.room):
            if one.state != "out":
                one.words, one.state = words, "held"
            elif not waits:
                one.words = words
        self.done(here)

    @precondition(lambda self: self.said)
    @rule(who=everybody, data=st.data())
    def takes_back_or_reacts(self, who: int | str, data: st.DataObject) -> None:
        one = self.ref(data)
        sign = data.draw(st.booleans())
        what = {"reaction": "🎉", "about": f"m{one.id}"} if sign else {"removes": f"m{one.id}"}
        here = self.here(who, one.room, **what)
        if here is None:
            return
        bridge.change(here)
        if not sign and one.who == who:
            one.gone = True
        self.done(here)

    @precondition(lambda self: self.said)
    @rule(who=everybody, data=st.data(), deed=st.sampled_from(["free", "return", "drop", "remove", "report"]))
    def orders(self, who: int | str, data: st.DataObject, deed: str) -> None:
        one = self.ref(data)
        here = self.here(who, one.room, text=f"/{deed} Kindly", about=f"m{one.id}")
        if here is None or isinstance(who, str):
            return
        model, heard = self.model, here.heard
        waits = one.state == "held" and not one.gone and model.decides(who, one)
        may = {
            "free": waits and not (model.closed and one.room != "foreign"),
            "return": waits,
            "drop": waits,
            "remove": model.removes(who, one) and not one.gone,
            "report": False,
        }[deed]
        spoken = relay.find(self.session, one.id)
        assert spoken is not None
        assert replies.obey(here, spoken, f"/{deed}", "Kindly") == may or deed == "report"
        if may:
            one.state = {"free": "out", "return": "returned", "drop": "returned"}.get(deed, one.state)
            one.gone = one.gone or deed in {"drop", "remove"}
        if may and deed == "free":
            self.said.remove(one)
            self.said.append(one)
        assert heard.person == who
        self.done(here)

    @rule(who=people, data=st.data(), room=places, deed=st.sampled_from(["mute", "unmute", "out", "back"]))
    def keeps_order(self, who: int, data: st.DataObject, room: str, deed: str) -> None:
        other = data.draw(everybody)
        here = self.here(who, room)
        number = self.world.rooms[room]
        found = (
            occupants.of_person(self.session, number, other)
            if isinstance(other, int)
            else occupants.of_pupil(self.session, number, self.world.pupils[other])
        )
        if here is None or found is None:
            return
        acts = {
            "mute": ordering.mute,
            "unmute": ordering.unmute,
            "out": ordering.put_out,
            "back": ordering.let_back,
        }
        place = other, room
        group = self.model.muted if deed in {"mute", "unmute"} else self.model.out
        try:
            more = {"minutes": 10**6} if deed == "mute" else {}
            acts[deed](here.heard, here.room, here.seat, found, **more)  # type: ignore[operator]
        except Excuse:
            so = (place in group) == (deed in {"mute", "out"}) and deed != "mute"
            assert so or not self.model.orders(who, other, room)
            return
        assert self.model.orders(who, other, room)
        group.add(place) if deed in {"mute", "out"} else group.discard(place)
        self.done(here)

    @rule(what=st.sampled_from(["lock", "close", "ines", "revoke", "free"]), data=st.data())
    def something_changes(self, what: str, data: st.DataObject) -> None:
        session, model, first = self.session, self.model, self.world.projects[1]
        self.now += timedelta(seconds=10)
        if what == "lock":
            room = data.draw(places)
            order.lock(session, self.world.rooms[room], room not in model.locked, AMINA, self.now)
            model.locked ^= {room}
        elif what == "close":
            (projects.reopen if model.closed else projects.close)(session, first, AMINA, self.now)
            model.closed = not model.closed
        elif what == "ines" and not model.closed:
            if INES in model.inside:
                projects.leave(session, first, INES, self.now)
                # Who was not removed has no place any more, and a new one later.
                model.muted -= {(INES, room) for room in ROOMS if (INES, room) not in model.out}
            else:
                projects.invite(session, first, AMINA, INES, self.now)
                projects.answer(session, first, INES, True, self.now)
            model.inside ^= {INES}
        elif what == "revoke" and "fox" not in model.revoked:
            session.execute(update(Pupil).where(Pupil.id == self.world.pupils["fox"]).values(revoked_at=self.now))
            model.revoked.add("fox")
        elif what == "free":
            name = data.draw(st.sampled_from(list(OWNERS)))
            holding.set_pupil_holds(session, self.world.pupils[name], name in model.free)
            model.free ^= {name}

    @rule(who=everybody, room=places, change=st.integers(0, 40))
    def looks(self, who: int | str, room: str, change: int) -> None:
        """Somebody opens a page, or goes on reading one: both show just what the model says."""
        session, address = self.session, rooms.find(self.session, self.world.rooms[room])
        assert address is not None
        here = (
            entering.enter(session, f"t{who}", address.address)
            if isinstance(who, int)
            else entering.enter_pupil(session, self.world.pupils[who], address.address, self.now)
        )
        assert (here is not None) == self.model.seated(who, room)
        if here is None:
            return
        shown = pages.newest(session, here.room.id, None, 10_000, here.seat)
        expected = [one for one in self.said if one.room == room and self.model.sees(who, one)]
        assert [(line.id, line.words, line.state) for line in shown] == [
            (one.id, "" if one.gone else one.words, one.state) for one in expected
        ]
        if isinstance(who, int):
            waits = [one for one in expected if one.state == "held" and not one.gone and self.model.decides(who, one)]
            found = holding.waiting(session, who, 1000, room=here.room.id)
            assert [one.id for one in found] == sorted(one.id for one in waits)
        if change % 4 == 0:
            later = [*pages.since(session, here.room.id, change, 10_000)]
            later += pages.kept_back(session, here.room.id, change, 10_000, here.seat)
            known = {line.id: line for line in shown}
            assert all(known[line.id] == line for line in later)
            assert {line.id for line in later} == {line.id for line in shown if line.change > change}

    @invariant()
    def numbers_never_come_twice(self) -> None:
        assert len({one.id for one in self.said}) == len(self.said)


# By day 5,000 steps; at night the profile decides, for 100,000.
BY_DAY = settings(max_examples=50, stateful_step_count=100)
Roles.TestCase.settings = (
    BY_DAY if settings().max_examples <= 100 else settings(max_examples=1000, stateful_step_count=100)
)
TestRoles = Roles.TestCase
