"""A class room driven through turns alone: three teachers in their private chats and at the page, and their pupils."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.notices import Notices
from bot.relay import Relay
from bot.talk import Attachment, Heard, Listening
from bot.text import Node, Reader, plain
from handlers.rooms import replies
from handlers.rooms.bridge import Here
from storage import projects, pupils, rooms
from storage.models import Account, Chat, Pupil
from storage.rooms import entering, pages
from storage.rooms.pages import Line
from tests.projects.test_machine import Campus
from tests.projects.town import RIVERS

GROUP = "-1001"
PICTURE = Attachment("picture", "f1", "class.jpg", "image/jpeg", 1000)


class ClassRoom(Campus):
    """Amina and João lead the project, Ines is in it; a Telegram group is another door of the class room.

    ``heron`` and ``fox`` are pupils of Ines, ``bear`` is one of João's.
    """

    def __init__(self) -> None:
        super().__init__()
        names = {"amina": "PT", "joao": "PL", "ines": "GR"}
        self.amina, self.joao, self.ines = (self.teacher(n.title(), n, country=c) for n, c in names.items())
        for other in (self.joao, self.ines):
            self.partners(self.amina, other)
        with self.session() as session:
            self.project = projects.propose(session, self.amina, self.joao, RIVERS, self.now).id
            projects.sign(session, self.project, self.joao, self.now)
            projects.invite(session, self.project, self.amina, self.ines, self.now)
            projects.answer(session, self.project, self.ines, True, self.now)
            self.staff, self.room = rooms.of_project(session, self.project)
            animals = [("Blue Heron 4", "heron"), ("Red Fox 1", "fox")]
            self.heron, self.fox = pupils.make(session, self.project, self.ines, animals, "en", self.now)
            (self.bear,) = pupils.make(session, self.project, self.joao, [("Brown Bear 9", "bear")], "en", self.now)
            chat = Chat(platform="telegram", external_id=GROUP, kind="group")
            session.add(chat)
            session.flush()
            rooms.add_door(session, self.room.id, "telegram", chat.id, self.now)
            session.add(Account(person_id=self.joao, platform="telegram", external_id="joao"))

    def frees(self, *pupils_: int) -> None:
        """Let what these write come out at once."""
        with self.session() as session:
            session.execute(update(Pupil).where(Pupil.id.in_(pupils_)).values(holds=False))

    def page(self, name: str, **what: Any) -> str:
        """A teacher does something at the page of the class room."""
        return self.at("web", f"room:{self.room.address}", name, **what)

    def pupil(self, pupil: int, **what: Any) -> str | None:
        """A pupil does something at their page; why it could not be done, if so."""
        with self.pupils_turn(pupil, **what) as here:
            refused = replies.by_pupil(here)
            return None if refused is None else words_of(refused)

    @contextmanager
    def pupils_turn(self, pupil: int, **what: Any) -> Iterator[Here]:
        """One turn of a pupil, as their page makes it."""
        self.turns += 1
        self.now += timedelta(seconds=what.pop("seconds", 10))
        key, chat = f"u{self.turns}", f"room:{self.room.address}"
        heard = Heard(chat=chat, sender="", kind="group", addressed=False, id=f"p{self.turns}", **what)
        with self.session() as session:
            room = rooms.find(session, self.room.id)
            seat = rooms.pupil_seat(session, self.room.id, pupil, self.now)
            assert room is not None and seat is not None
            door = rooms.web_chat(session, room.id)
            told = Listening(session, heard, 0, door.chat or 0, "web", Reader("en"), self.now)
            yield Here(told, door, room, seat)
            notices, relay = Notices(session, f"{key}.to", self.now), Relay(session, f"{key}.by", self.now)
            for news in told.news:
                notices.tell(news)
            for each in told.relayed:
                relay.bring(each)
        for parcel in (*notices.parcels, *relay.parcels):
            self.deliver(parcel)

    def sees(self, who: str | int) -> list[Line]:
        """The page of the class room as a teacher (by account) or a pupil (by number) gets it."""
        with self.session() as session:
            address = self.room.address
            here = (
                entering.enter(session, who, address)
                if isinstance(who, str)
                else entering.enter_pupil(session, who, address, self.now)
            )
            return [] if here is None else pages.newest(session, here.room.id, None, 1000, here.seat)

    def words(self, who: str | int) -> list[str]:
        return [line.words for line in self.sees(who)]

    def named(self, words: str, who: str | int = "amina") -> str:
        """How the page calls the message with these words."""
        return f"m{next(line.id for line in self.sees(who) if line.words == words)}"

    def group(self) -> list[str]:
        """What stands in the Telegram group, without who said it."""
        return [text.rsplit("\n", maxsplit=1)[-1] for text in self.screen(GROUP)]

    def chore(self, work: Any) -> None:
        """Let something be done that comes round by itself."""
        self.turns += 1
        with self.session() as session:
            notices = Notices(session, f"c{self.turns}", self.now)
            work(session, self.now, notices.tell)
        for parcel in notices.parcels:
            self.deliver(parcel)


def words_of(node: Node) -> str:
    """What somebody reads in English."""
    return plain(node, Reader("en"))
