"""The pictures and files of announcements, as delivery takes them: each stands in the database once."""

from __future__ import annotations

from functools import partial
from typing import BinaryIO, ClassVar

from bot.platforms.platform import NotCarried
from bot.talk import Attachment
from handlers.announcing.words import FILES
from storage.announcing import enclosed
from storage.database import Database


class Enclosures:
    """The source of what goes with announcements. What is asked for is the number of a file."""

    name: ClassVar[str] = FILES

    def __init__(self, database: Database) -> None:
        self._database = database

    def resends(self, what: Attachment) -> bool:
        """Never: it is on no platform."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Write what is in it. Raises `NotCarried`."""
        number = int(what.ref) if what.ref.isdecimal() else 0
        found = await self._database.read(partial(enclosed.content, number=number))
        if found is None:
            raise NotCarried("gone")
        if len(found) > most:
            raise NotCarried("big", most)
        into.write(found)
