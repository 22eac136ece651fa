"""The archives of /room export: each is made from the database and the files when it is sent, and kept nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import BinaryIO, ClassVar
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy.orm import Session

from bot.platforms.platform import NotCarried
from bot.talk import Attachment
from bot.text import Reader
from handlers.rooms import exporting
from handlers.rooms.exporting import Wanted
from storage import rooms
from storage.database import Database
from storage.rooms import Room, pages
from storage.rooms.pages import Line

#: Writes a file that a room shows, of at most so many bytes. Raises `NotCarried`.
Fetch = Callable[[str, BinaryIO, int], Awaitable[None]]
_AT_ONCE = 500


class RoomArchives:
    """The source of rooms. What is asked for says which room, for whom, and in which language."""

    name: ClassVar[str] = exporting.SOURCE

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        #: The files of rooms; None where no platform shows rooms.
        self.kept: Fetch | None = None

    def resends(self, what: Attachment) -> bool:
        """Never: every archive is new."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Make the archive of a room."""
        await self.make(what, into, most, lambda _percent: None)

    async def make(self, what: Attachment, into: BinaryIO, most: int, report: Callable[[int], None]) -> None:
        """Make it, and say how far it is."""
        wanted = Wanted.of(what.ref)
        room, said = await self._database.read(partial(_read, wanted=wanted))
        if room is None:
            raise NotCarried("gone")
        files = exporting.files_of(said)
        with ZipFile(into, "w", ZIP_STORED) as archive:
            names: dict[int, str] = {}
            for place, (number, file) in enumerate(files):
                if into.tell() > most:
                    raise NotCarried("big", most)
                name = exporting.file_name(number, file)
                if await self._add(archive, name, file, most):
                    names[number] = name
                report(100 * place // len(files))
            reader = Reader(wanted.language, wanted.timezone)
            exporting.write_words(archive, room, said, names, reader, self._now())
        if into.tell() > most:
            raise NotCarried("big", most)

    async def _add(self, archive: ZipFile, name: str, file: Attachment, most: int) -> bool:
        """Put a file into the archive; one that is gone by now is left out."""
        if self.kept is None:
            return False
        with TemporaryFile() as content:
            try:
                await self.kept(file.ref, content, most)
            except NotCarried as trouble:
                if trouble.why == "big":
                    raise
                return False
            content.seek(0)
            with archive.open(name, "w") as into:
                while piece := content.read(1 << 16):
                    into.write(piece)
        return True


def _read(session: Session, wanted: Wanted) -> tuple[Room | None, list[Line]]:
    """A room with all that came out in it and still stands; None if it is not for them any more."""
    room, seat = rooms.find(session, wanted.room), rooms.seat_of(session, wanted.room, wanted.person)
    if room is None or not exporting.may(seat):
        return None, []
    said: list[Line] = []
    while more := pages.in_order(session, wanted.room, said[-1].place if said else 0, _AT_ONCE):
        said += more
    return room, [line for line in said if not line.removed]
