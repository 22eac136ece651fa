"""Rooms as their pages show them: read from the database for whoever looks, and for nobody else."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar

from sqlalchemy.orm import Session

from bot.platforms.web.roombook import News, Place, Said, Sign
from bot.talk import Attachment
from bot.talk.pressing import payload
from bot.text import Reader, decode, plain
from bot.text.spans import from_json
from handlers.partners.cards import flag
from handlers.rights.ending import FORMER
from handlers.rooms.ballots import for_all
from handlers.rooms.rules import shut
from handlers.rooms.screening import may_order, may_remove
from handlers.rooms.words import room_name
from storage import rooms
from storage.database import Database
from storage.models.rooms import HELD, OUT
from storage.rooms import Room, Seat, entering, pages
from storage.rooms.entering import Entered
from storage.rooms.occupants import Occupant
from storage.rooms.pages import Line

T = TypeVar("T")
#: Who speaks where nobody else does.
BOT = "twinbot"
#: What a teacher does with a message that waits for them.
DECIDING = ("free", "return", "drop")
_QUOTED = 80
_REMEMBERED = 64


class RoomPages:
    """The `RoomBook` of the web. Each call looks again whether the account is in the room."""

    base: ClassVar[str] = "room"

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._read: OrderedDict[tuple[int, int, int, int], tuple[Sequence[Line], bool]] = OrderedDict()

    async def rooms(self, account: str) -> Sequence[Place]:
        """The rooms of an account."""
        return await self._database.read(partial(self._rooms, account=account))

    async def room(self, account: str, address: str) -> Place | None:
        """A room, for somebody who is in it."""
        return await self._inside(account, address, self._place)

    async def newest(self, account: str, address: str, before: int | None, limit: int) -> Sequence[Said]:
        """The last messages, oldest first; with ``before``, those before that one."""

        def look(session: Session, here: Entered) -> Sequence[Said]:
            return _shown(pages.newest(session, here.room.id, before, limit, here.seat), here)

        return await self._inside(account, address, look) or ()

    async def since(self, account: str, address: str, change: int, limit: int) -> News | None:
        """What is new after a change, in order; None for somebody who is not in the room any more."""

        def look(session: Session, here: Entered) -> News:
            found = self._recent(session, here, change, limit)
            return News(_shown(found, here), shut(here.room, here.seat, self._now()) is None)

        return await self._inside(account, address, look)

    def _recent(self, session: Session, here: Entered, change: int, limit: int) -> Sequence[Line]:
        """What is new in a room for somebody. All who look at it ask for what is out at the same moment, so that is
        read once; what is not out is read for each, where there is any."""
        room = here.room
        if change >= room.change:
            return ()
        key = room.id, change, limit, room.change
        known = self._read.get(key)
        if known is None:
            found = pages.since(session, room.id, change, limit)
            known = self._read[key] = found, pages.any_kept_back(session, room.id, change)
            while len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        out, more = known
        kept = pages.kept_back(session, room.id, change, limit, here.seat) if more else []
        return sorted((*out, *kept), key=lambda line: line.change)[:limit] if kept else out

    async def one(self, account: str, address: str, message: int) -> Said | None:
        """A message."""

        def look(session: Session, here: Entered) -> Said | None:
            found = pages.one(session, here.room.id, message, here.seat)
            return None if found is None else _shown([found], here)[0]

        return await self._inside(account, address, look)

    async def file(self, account: str, address: str, number: int) -> Attachment | None:
        """A file of a message."""

        def look(session: Session, here: Entered) -> Attachment | None:
            found = pages.file_in(session, here.room.id, number, here.seat)
            return None if found is None else Attachment.from_json(found)

        return await self._inside(account, address, look)

    async def read(self, account: str, address: str, change: int) -> None:
        """Note how far somebody has read."""

        def note(session: Session) -> None:
            here = self._enter(session, account, address)
            if here is not None:
                pages.read(session, here.seat.member, change)

        await self._database.write(note)

    async def changes(self, addresses: Collection[str]) -> Mapping[str, int]:
        """The number of the last change of each of these rooms."""
        return await self._database.read(partial(pages.changes, addresses=addresses))

    async def arrive(self, key: str, what: Attachment | None) -> bool:
        """Note a file that was brought, or that it could not be; False if its message is gone."""
        data = {} if what is None else what.to_json()
        return await self._database.write(partial(pages.arrive, key=key, what=data))

    async def forget(self, key: str) -> Attachment | None:
        """Forget a file that was taken back; gives what it was."""
        found = await self._database.write(partial(pages.forget, key=key))
        return Attachment.from_json(found) if found else None

    async def _inside(self, account: str, address: str, look: Callable[[Session, Entered], T]) -> T | None:
        """Look at a room for somebody who is in it; None for anybody else."""

        def entered(session: Session) -> T | None:
            here = self._enter(session, account, address)
            return None if here is None else look(session, here)

        return await self._database.read(entered)

    def _enter(self, session: Session, account: str, address: str) -> Entered | None:
        return entering.enter(session, account, address)

    def _listed(self, session: Session, account: str) -> Sequence[tuple[Room, int]]:
        """The rooms of an account, with how much is new in each."""
        person = entering.person_of(session, account)
        return [] if person is None else rooms.of_person(session, person)

    def _rooms(self, session: Session, account: str) -> Sequence[Place]:
        found = self._listed(session, account)
        entered = [(self._enter(session, account, room.address), new) for room, new in found]
        return [self._place(session, here, new) for here, new in entered if here is not None]

    def _place(self, _session: Session, here: Entered, new: int = 0) -> Place:
        room, why = here.room, shut(here.room, here.seat, self._now())
        return Place(
            room.address, room.title, room_name(room), room.change, new, why, _reader(here), self.base, here.nickname
        )


def _reader(here: Entered) -> Reader:
    return Reader(here.language, here.timezone)


def _shown(found: Sequence[Line], here: Entered) -> list[Said]:
    return [_said(line, here.seat, _reader(here)) for line in found]


def _said(line: Line, seat: Seat, reader: Reader) -> Said:
    files = {number: Attachment.from_json(what) if what else None for number, what in line.files.items()}
    counted = Counter(sign for sign, _who in line.signs)
    return Said(
        id=line.id,
        change=line.change,
        mine=line.who == seat.who,
        who=_who(line, reader),
        words=line.words,
        said_at=line.said_at,
        edited=line.edited,
        removed=line.removed,
        answers=line.answers,
        quoted=None if line.quoted is None else _beginning(line.quoted),
        signs=tuple(Sign(sign, n, (sign, seat.who) in line.signs) for sign, n in counted.items()),
        files=files,
        coming=max(0, line.sent - len(files)),
        marks=from_json(line.marks),
        choices=() if line.removed else _choices(line, seat),
        chosen=_chosen(line, seat),
        asks=line.notice is not None,
        place=line.place,
        state=line.state,
        note=line.note,
        ousted=line.ousted,
        may=() if line.removed else _may(line, seat),
    )


def _may(line: Line, seat: Seat) -> tuple[str, ...]:
    """What somebody may do about a message of others, as commands: report it, and keep order; decide on it, if it
    waits for them."""
    if line.state != OUT:
        return DECIDING if line.state == HELD and seat.pupil is None else ()
    if line.who == seat.who or (line.notice is not None and line.poll is None):
        return ()
    person, pupil = line.who
    known = person or pupil
    author = Occupant(
        0, seat.room, person or None, pupil, line.owner or None, line.name, "", "", line.leads, None, None
    )
    removes = ("remove",) if may_remove(seat, author if known else None) else ()
    orders = ("mute", "out") if known and may_order(seat, author) else ()
    return "report", *removes, *orders


def _who(line: Line, reader: Reader) -> str:
    """Who is heard: first name, school, flag."""
    if line.notice is not None:
        return BOT
    if not line.name:
        return plain(FORMER, reader)
    parts = [line.name, line.school, flag(line.country) if line.country else ""]
    return " · ".join(part for part in parts if part)


def _choices(line: Line, seat: Seat) -> tuple[tuple[str, str], ...]:
    """What may be chosen under something that the bot said: labels, and what their buttons carry. It is for teachers,
    but for the answers of a poll."""
    said, pupil = line.notice, seat.pupil is not None
    if said is None or (pupil and not said.ballot):
        return ()
    reader = Reader(said.language, said.timezone)
    offered = [pair for pair in said.options if not pupil or for_all(pair[0])]
    return tuple((plain(decode(label), reader), payload(said.token, option)) for option, label in offered)


def _chosen(line: Line, seat: Seat) -> str | None:
    """What the button of the answer carries that somebody has chosen in a poll."""
    answer = next((answer for answer, who in line.votes if who == seat.who), None)
    return None if answer is None or line.notice is None else payload(line.notice.token, f"answer {answer}")


def _beginning(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= _QUOTED else text[:_QUOTED].rstrip() + "…"
