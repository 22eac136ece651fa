"""Who is let into a group that is a door, who is not, and what the bot asks of those who lead: without any platform."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.conversation import House
from bot.notices import Notices
from bot.talk import Done, Event, Heard
from bot.text import Reader, decode, plain
from bot.turn import Hearing
from handlers import commands, listeners
from handlers.rooms import coming, sums, telegram_people
from storage import post, rooms
from storage.database import Database
from storage.models import Account, Chat, OutboxRow, Person, RoomDoor, RoomMember, Teacher
from storage.rooms import opening
from tests.projects.town import AMINA, DAY, EVE, INES, JOAO, NOW, joined, opened, settle

GROUP, OTHER = "-700", "-800"
#: The account of somebody on Telegram is a hundred times their number.
STRANGER = "999"
ALL = {"forum": False, "lacks": [], "inside": ["100"], "others": [], "count": 1}


class Town:
    """A database with a project of three, who are all on Telegram, and the turns that people and Telegram cause."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.house, self.now = House(commands(), {}, listeners()), NOW
        self._number = count(1)
        database.do(settle)
        self.project = opened(database)
        joined(database, self.project, INES)
        database.do(self._known)
        self.staff, self.school = database.do(lambda s: rooms.of_project(s, self.project))

    def _known(self, session: Session) -> None:
        for person in (AMINA, JOAO, INES):
            self.known(session, person)

    def known(self, session: Session, person: int) -> None:
        """Somebody has an account on Telegram, and has written to the bot there."""
        account = {"platform": "telegram", "external_id": str(person * 100)}
        session.execute(insert(Account).values(person_id=person, **account))
        session.execute(insert(Chat).values(kind="private", person_id=person, heard_at=NOW, **account))

    def hears(self, heard: Heard) -> None:
        """One update takes its turn."""
        key, self.now = f"u{next(self._number)}", self.now + timedelta(seconds=1)
        self.database.do(lambda s: Hearing(self.house, s, "telegram", heard, key=key, now=self.now).run())

    def happens(self, what: Any, who: str = "", chat: str = GROUP, sender: str = "100", **data: Any) -> None:
        self.hears(Heard(chat, sender, "group", event=Event(what, who, "Eve", data), gone=data.get("inside") is False))

    def chosen(self, room: rooms.Room, chat: str = GROUP, by: int = AMINA, number: int | None = None) -> None:
        """Somebody begins to open a door and chooses a group for it."""
        if number is None:
            number = self.database.do(lambda s: opening.begin(s, room.id, "telegram", by, NOW))
        account = str(by * 100)
        self.hears(Heard(account, account, event=Event("chosen", chat, data={"request": number})))

    def opens(self, room: rooms.Room, chat: str = GROUP, **found: Any) -> None:
        """A door is opened to its end."""
        self.chosen(room, chat)
        self.done("look", {**ALL, **found})
        if found.get("forum"):
            self.done("topic", {"thread": str(room.id)})
        if "invite" not in found.get("lacks", ()):
            self.done("link", {"link": "https://t.me/+abc"})

    def done(self, what: str, result: Mapping[str, Any] | None) -> None:
        """The newest deed of this name comes to something."""

        def give(session: Session) -> None:
            where = select(OutboxRow.id).where(OutboxRow.kind == post.DEED, OutboxRow.state == post.READY)
            rows = session.scalars(where.order_by(OutboxRow.id.desc())).all()
            payloads = {row: post.payload_of(session, row) for row in rows}
            row = next(row for row, payload in payloads.items() if payload["deed"] == what)
            found = post.deed_of(session, row)
            assert found is not None
            session.execute(update(OutboxRow).where(OutboxRow.id == row).values(state=post.SENT))
            chat, platform, payload = found
            ended = Done(row, chat, platform, what, payload["args"], result, None if result is not None else "rejected")
            tell = partial(self._tell, session)
            for listener in self.house.listeners:
                listener.did(session, ended, self.now, tell)

        self.database.do(give)

    def _tell(self, session: Session, what: Any) -> None:
        Notices(session, f"n{next(self._number)}.", NOW).tell(what)

    def deeds(self) -> list[tuple[str, dict[str, Any]]]:
        """What is to be done and was not yet: names with arguments."""
        where = select(OutboxRow).where(OutboxRow.kind == post.DEED, OutboxRow.state == post.READY)
        rows = self.database.do(lambda s: [dict(row.payload) for row in s.scalars(where.order_by(OutboxRow.id))])
        return [(row["deed"], row["args"]) for row in rows]

    def told(self, person: int) -> list[str]:
        """All that somebody was told in private, oldest first."""
        where = select(OutboxRow).join(Chat, Chat.id == OutboxRow.chat_id).where(OutboxRow.kind == "message")
        mine = where.where(Chat.kind == "private", Chat.person_id == person).order_by(OutboxRow.id)
        bodies = self.database.do(lambda s: [row.payload["body"] for row in s.scalars(mine)])
        return [plain(decode(body), Reader("en")) for body in bodies]

    def doors(self) -> list[tuple[str, list[Any], str | None]]:
        where = select(RoomDoor).where(RoomDoor.platform == "telegram", RoomDoor.state != "shut")
        return self.database.do(
            lambda s: [(d.state, d.lacks, d.thread) for d in s.scalars(where.order_by(RoomDoor.id))]
        )

    def reads(self) -> dict[int, str]:
        (door,) = self.database.do(lambda s: opening.standing_of(s, self.staff.id, "telegram"))
        return self.database.do(lambda s: opening.readers(s, door.id))


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def test_step_by_step(town: Town) -> None:
    town.chosen(town.staff)
    assert town.deeds()[-1][0] == "look" and town.deeds()[-1][1]["people"] == ["100", "200", "300"]
    town.done("look", {**ALL, "inside": ["100", "200"], "others": ["Zoë"], "count": 4, "lacks": ["restrict"]})
    assert town.doors() == [("open", ["restrict"], None)]
    told = town.told(AMINA)[-1]
    assert "2 people in the group are not known to me" in told and "Zoë" in told and "Ban users" in told
    town.done("link", {"link": "https://t.me/+abc"})
    assert town.reads() == {AMINA: "in", JOAO: "in", INES: "asked"}
    assert "https://t.me/+abc" in town.told(INES)[-1] and not town.told(JOAO)


def test_without_the_right_to_invite_there_is_no_link(town: Town) -> None:
    town.opens(town.staff, lacks=["invite"])
    assert "Add users" in town.told(AMINA)[-1]
    town.happens("me", inside=True, lacks=[])
    assert [what for what, _args in town.deeds()] == ["link"]


def test_a_number_opens_one_door_for_one_person_and_for_a_while(town: Town) -> None:
    number = town.database.do(lambda s: opening.begin(s, town.staff.id, "telegram", AMINA, NOW))
    town.chosen(town.staff, by=JOAO, number=number)
    town.chosen(town.staff, number=number + 1)
    assert town.doors() == [("opening", [], None)] and town.deeds() == []
    town.chosen(town.staff, number=number)
    assert [what for what, _args in town.deeds()] == ["look"]
    town.chosen(town.staff, OTHER, number=number)
    assert len(town.deeds()) == 1 and "used up, or too old" in town.told(AMINA)[-1]
    late = town.database.do(lambda s: opening.begin(s, town.school.id, "telegram", AMINA, NOW - 3 * DAY))
    town.chosen(town.school, OTHER, number=late)
    assert len(town.deeds()) == 1


def test_the_link_is_recognised_in_the_group(town: Town) -> None:
    number = town.database.do(lambda s: opening.begin(s, town.staff.id, "telegram", AMINA, NOW))
    for sender, text in (("200", f"/start d{number:x}"), ("100", "/start dffffffff"), ("100", f"/start d{number}x")):
        town.hears(Heard(GROUP, sender, "group", text=text, id="1"))
    assert town.deeds() == []
    town.hears(Heard(GROUP, "100", "group", text=f"/start d{number:x}", id="2"))
    assert [what for what, _args in town.deeds()] == ["look"]


def test_a_group_is_the_door_of_one_room_unless_it_has_topics(town: Town) -> None:
    town.opens(town.staff)
    town.chosen(town.school)
    assert "is a door of a room already" in town.told(AMINA)[-1]
    assert len(town.doors()) == 2 and town.doors()[1][0] == "opening"
    town.opens(town.school, OTHER, forum=True)
    town.opens(town.staff, OTHER, forum=True)
    assert [thread for _state, _lacks, thread in town.doors()] == [None, str(town.school.id), str(town.staff.id)]


def test_a_public_group_is_no_door(town: Town) -> None:
    town.chosen(town.staff)
    town.done("look", {**ALL, "lacks": ["private"]})
    assert town.doors() == [("opening", ["private"], None)] and "make it private" in town.told(AMINA)[-1]
    town.opens(town.staff)
    assert town.doors() == [("open", [], None)]
    town.happens("me", inside=True, lacks=["private"])
    assert town.doors() == [("down", ["private"], None)] and "everybody could read along" in town.told(JOAO)[-1]


def test_a_topic_that_cannot_be_made_is_said(town: Town) -> None:
    town.chosen(town.staff)
    town.done("look", {**ALL, "forum": True})
    town.done("topic", None)
    assert "could not make a topic" in town.told(AMINA)[-1] and town.doors() == []


def test_who_is_let_in(town: Town) -> None:
    town.opens(town.staff)
    before = len(town.deeds())
    for who, what in (("200", "let in"), ("300", "let in"), ("400", "turn away"), (STRANGER, "turn away")):
        town.happens("asks", who, sender=who, reach=who)
        assert town.deeds()[-1][0] == what and town.deeds()[-1][1]["who"] == who
    town.happens("asks", STRANGER, chat=OTHER, reach=STRANGER)
    assert len(town.deeds()) == before + 4, "Of other groups others decide."
    # Nobody becomes known by that.
    assert town.database.do(lambda s: s.scalar(select(Account.id).where(Account.external_key == STRANGER))) is None


def test_in_a_group_with_both_rooms_only_those_are_let_in_who_are_in_both(town: Town) -> None:
    town.opens(town.staff, forum=True)
    town.opens(town.school, forum=True)
    town.happens("asks", "300", sender="300", reach="300")
    assert town.deeds()[-1][0] == "let in"
    mine = RoomMember.person_id == INES, RoomMember.room_id == town.staff.id
    town.database.do(lambda s: s.execute(update(RoomMember).where(*mine).values(removed_at=NOW)))
    town.happens("asks", "300", sender="300", reach="300")
    assert town.deeds()[-1][0] == "turn away"


def test_places_of_reading_follow_who_comes_and_goes(town: Town) -> None:
    town.opens(town.staff)
    town.happens("in", "200")
    assert town.reads()[JOAO] == "in"
    town.happens("out", "200")
    assert town.reads()[JOAO] == "out"
    assert town.reads()[INES] == "asked"
    town.hears(Heard(GROUP, "300", "group", text="I was here all the time", id="7", addressed=False))
    assert town.reads()[INES] == "in"
    assert town.database.do(lambda s: rooms.seat_of(s, town.staff.id, JOAO)) is not None


def test_strangers_leave_the_staff_room_and_are_said_of_others(town: Town) -> None:
    town.opens(town.staff)
    town.opens(town.school, OTHER)
    town.happens("in", STRANGER)
    assert town.deeds()[-1] == ("send away", {"door": 2 + 1, "who": STRANGER, "name": "Eve"})
    town.done("send away", {"stays": True})
    assert "I cannot remove them" in town.told(JOAO)[-1] and "Eve" in town.told(JOAO)[-1]
    before = len(town.deeds())
    town.happens("in", STRANGER, chat=OTHER)
    assert len(town.deeds()) == before and "reads along" in town.told(JOAO)[-1]
    town.happens("me", inside=True, lacks=["restrict"])
    town.happens("in", STRANGER)
    assert len(town.deeds()) == before and "I cannot remove them" in town.told(AMINA)[-1]


def test_who_leaves_the_project_leaves_its_groups(town: Town) -> None:
    town.opens(town.staff)
    town.database.do(lambda s: coming.left_all(s, INES, NOW, partial(town._tell, s)))
    assert ("send away", {"door": 3, "who": "300", "name": None}) in town.deeds()


def test_who_is_removed_or_suspended_leaves_and_who_joins_an_account_is_told(town: Town) -> None:
    town.opens(town.staff)

    def look() -> None:
        town.now += timedelta(seconds=1)
        town.database.do(lambda s: telegram_people.look_after(s, town.now, partial(town._tell, s)))

    look()
    assert town.deeds() == [] and len(town.told(INES)) == 1
    mine = RoomMember.person_id == JOAO, RoomMember.room_id == town.staff.id
    town.database.do(lambda s: s.execute(update(RoomMember).where(*mine).values(removed_at=NOW)))
    town.database.do(lambda s: s.execute(update(Teacher).where(Teacher.person_id == INES).values(status="suspended")))
    look()
    look()
    assert [args["who"] for _what, args in town.deeds()] == ["200", "300"]
    town.happens("asks", "300", sender="300", reach="300")
    assert town.deeds()[-1][0] == "turn away"
    # Somebody comes into the project whose account on Telegram becomes known later.
    joined(town.database, town.project, EVE)
    look()
    assert not town.told(EVE)
    town.database.do(lambda s: town.known(s, EVE))
    look()
    look()
    assert len(town.told(EVE)) == 1 and "https://t.me/+abc" in town.told(EVE)[0]


def test_who_is_removed_from_a_room_leaves_its_group_and_does_not_come_back(town: Town) -> None:
    town.opens(town.school)
    town.happens("in", "300")
    said = Heard(GROUP, "300", "group", text="One", id="7", addressed=False)
    town.hears(said)
    town.hears(Heard(GROUP, "100", "group", text="/out", id="8", about="7", addressed=False))
    town.database.do(lambda s: telegram_people.look_after(s, town.now, partial(town._tell, s)))
    assert ("send away", {"door": 3, "who": "300", "name": None}) in town.deeds()
    town.happens("in", "300")
    assert ("send away", {"door": 3, "who": "300", "name": "Eve"}) in town.deeds()


def test_a_closed_project_makes_its_groups_read_only(town: Town) -> None:
    town.opens(town.staff)
    town.opens(town.school, OTHER, forum=True, lacks=["restrict"])
    town.database.do(lambda s: coming.closed(s, town.project, NOW, partial(town._tell, s)))
    threads = [args["thread"] for what, args in town.deeds() if what == "hush"]
    assert threads == [None, str(town.school.id)]
    town.done("hush", None)
    assert "Please do that yourself" in town.told(JOAO)[-1]
    town.happens("me", inside=True, lacks=["restrict"])
    told = len(town.told(JOAO))
    town.database.do(lambda s: coming.opened_again(s, town.project, NOW, partial(town._tell, s)))
    assert [args["thread"] for what, args in town.deeds() if what == "speak"] == [str(town.school.id)]
    assert "let people write" in town.told(JOAO)[told]


def test_what_is_missing_is_said_once_and_the_door_comes_back(town: Town) -> None:
    town.opens(town.staff)
    town.happens("me", inside=True, lacks=["admin"])
    assert town.doors() == [("down", ["admin"], None)] and "To be an administrator" in town.told(JOAO)[-1]
    told = len(town.told(JOAO))
    town.happens("me", inside=True, lacks=["admin"])
    town.happens("me", inside=True, lacks=["delete", "topics"])
    assert town.doors() == [("open", ["delete"], None)]
    assert len(town.told(JOAO)) == told + 1 and "open again" in town.told(JOAO)[-1]
    town.happens("me", inside=False)
    town.happens("me", inside=False)
    assert town.doors() == [("down", ["inside"], None)] and len(town.told(JOAO)) == told + 2


def test_a_group_that_moves_gets_a_new_link_and_keeps_its_door(town: Town) -> None:
    town.opens(town.staff)
    heard = Heard(GROUP, "100", "group", moved_to=OTHER, event=Event("moved"))
    town.hears(heard)
    town.done("look", ALL)
    town.done("link", {"link": "https://t.me/+new"})
    (door,) = town.database.do(lambda s: opening.standing_of(s, town.staff.id, "telegram"))
    assert (door.state, door.link) == ("open", "https://t.me/+new")
    assert town.database.do(lambda s: rooms.door_of(s, "telegram", OTHER)) is not None


def test_strangers_in_a_door_are_neither_heard_nor_known(town: Town) -> None:
    town.opens(town.staff)
    people = town.database.do(lambda s: len(s.scalars(select(Person.id)).all()))
    for text, addressed in (("Hello", False), ("/help", True), ("hey", True)):
        town.hears(Heard(GROUP, STRANGER, "group", text=text, addressed=addressed, id=text))
    assert town.database.do(lambda s: len(s.scalars(select(Person.id)).all())) == people


def test_doors_that_nobody_went_on_to_open_are_given_up(town: Town) -> None:
    town.database.do(lambda s: opening.begin(s, town.staff.id, "telegram", AMINA, NOW))
    town.database.do(lambda s: opening.forget_begun(s, NOW + timedelta(days=1)))
    assert len(town.doors()) == 1
    town.database.do(lambda s: opening.forget_begun(s, NOW + timedelta(days=2)))
    assert town.doors() == []


@given(st.dictionaries(st.sampled_from("👍❤🎉😂🔥👏🙏😢🤔🦄"), st.integers(1, 30)))
def test_all_signs_in_one_line(signs: dict[str, int]) -> None:
    shown = sums.line(signs)
    assert (shown is None) == (sum(signs.values()) < 2)
    if shown is not None:
        parts = plain(shown, Reader("en")).split("  ")
        counts = [int(part.partition(" ")[2] or 1) for part in parts]
        assert counts == sorted(signs.values(), reverse=True)[: sums.MOST]
