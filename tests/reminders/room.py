"""The staff room of a project reduced to its doors: what its teachers write and press, and what the bot does then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.relay import Relay
from bot.talk import Chore, Do, Heard, Letter, Listening, News, PassOn, Relayed, Rewrite, TakeBack
from bot.talk.pressing import payload
from bot.text import Reader, decode, plain
from handlers.planning import plan_listener
from handlers.reminders import reminder_chores
from storage import rooms
from storage.database import Database
from storage.models import Chat, OutboxRow, Person
from storage.rooms import notices
from storage.rooms.notices import Notice
from tests.projects.town import AMINA, INES, JOAO, joined, opened, settle

_ISOLATES = str.maketrans("", "", "\u2068\u2069")
ZONES = {AMINA: "Europe/Lisbon", JOAO: "Europe/Warsaw", INES: "Africa/Tunis"}


@dataclass
class StaffRoom:
    """A staff room with a door in a group of Telegram; AMINA and JOAO lead the project, INES has joined it."""

    database: Database
    now: datetime
    room: int = 0
    project: int = 0
    relayed: list[Relayed] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database.do(partial(settle, number=4))
        self.project = opened(self.database)
        joined(self.database, self.project, INES)
        self.database.do(self._settle)

    def _settle(self, session: Session) -> None:
        for person, zone in ZONES.items():
            session.get_one(Person, person).timezone = zone
        staff = rooms.of_project(session, self.project)[0]
        chat = Chat(platform="telegram", external_id="-7", kind="group")
        session.add(chat)
        session.flush()
        rooms.add_door(session, staff.id, "telegram", chat.id, self.now)
        self.room, self.chat = staff.id, chat.id

    def writes(self, person: int, text: str) -> bool:
        """Write in the group; whether the bot took it."""
        return self._hears(person, Heard("-7", str(person), "group", text=text, id="1"))

    def presses(self, person: int, option: str, *, on: str) -> None:
        """Press a button under the newest notice that has these words."""
        notice = self.notice(on)
        assert self._hears(person, Heard("-7", str(person), "group", press=payload(notice.token, option)))

    def presses_on_page(self, person: int, option: str, *, on: str) -> None:
        """Press a button of the newest notice that has these words, on the page of the room."""
        notice, chat = self.notice(on), self.database.do(self._web_chat)
        heard = Heard(chat.external_id, str(person), "group", press=payload(notice.token, option))
        assert self.database.do(partial(self._turn, person=person, heard=heard, at=(chat.id, "web")))

    def _web_chat(self, session: Session) -> Chat:
        return session.get_one(Chat, rooms.web_chat(session, self.room).chat)

    def reacts(self, person: int, emoji: str, *, on: int) -> bool:
        """Put an emoji on what an outbox row brought to the group; whether the bot took it."""
        return self._hears(person, Heard("-7", str(person), "group", reaction=emoji, about=f"m{on}"))

    def replies(self, person: int, text: str, *, on: int) -> bool:
        """Reply to what an outbox row brought to the group; whether the bot took it."""
        return self._hears(person, Heard("-7", str(person), "group", text=text, about=f"m{on}"))

    def carried(self) -> tuple[int, dict[str, Any]]:
        """The newest message for the group in the outbox, which has arrived there now: its number and payload."""
        return self.database.do(self._carried)

    def _carried(self, session: Session) -> tuple[int, dict[str, Any]]:
        row = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc()).limit(1)).one()
        row.external_ref = f"m{row.id}"
        return row.id, row.payload

    def _hears(self, person: int, heard: Heard) -> bool:
        return self.database.do(partial(self._turn, person=person, heard=heard))

    def _turn(self, session: Session, person: int, heard: Heard, at: tuple[int, str] | None = None) -> bool:
        reader = Reader("en", session.get_one(Person, person).timezone)
        listening = Listening(session, heard, person, *(at or (self.chat, "telegram")), reader, self.now)
        taken = plan_listener({"help"}).earlier(listening)
        self.relayed += listening.relayed
        relay = Relay(session, f"test.{len(self.relayed)}.", self.now)
        for what in listening.relayed:
            relay.bring(what)
        self.news += listening.news
        self.answers += [plain(message.body, reader) for message in listening.messages]
        return taken

    def goes_on(self, **length: int) -> None:
        """Let time go on, and everything be done that is due."""
        self.now += timedelta(**length)
        for chore in reminder_chores():
            while self.database.do(partial(self._round, chore=chore)):
                pass

    def _round(self, session: Session, chore: Chore) -> bool:
        def tell(what: News | Letter | Do | Relayed) -> None:
            if isinstance(what, News):
                self.news.append(what)
            elif isinstance(what, PassOn | Rewrite | TakeBack):
                self.relayed.append(what)

        return chore.work(session, self.now, tell)

    def notices(self) -> list[Notice]:
        """What the bot has said in the room and not taken back."""
        return self.database.do(lambda s: [n for i in range(1, 60) if (n := notices.find(s, i)) is not None])

    def notice(self, words: str) -> Notice:
        """The newest notice that has these words."""
        return next(notice for notice in reversed(self.notices()) if words in self.text(notice))

    def text(self, notice: Notice) -> str:
        """A notice in words."""
        return plain(decode(notice.body), Reader(notice.language, notice.timezone)).translate(_ISOLATES)

    def said(self) -> list[str]:
        """What the bot has said in the room, as it stands now."""
        return [self.text(notice) for notice in self.notices()]

    def told(self, person: int) -> list[str]:
        """What somebody was told in private."""
        mine = [news for news in self.news if news.person == person]
        return [plain(news.body, Reader("en", ZONES[person])).translate(_ISOLATES) for news in mine]

    def brought(self, kind: type[Any]) -> int:
        """How many things of a kind were brought to the group."""
        return sum(isinstance(what, kind) for what in self.relayed)
