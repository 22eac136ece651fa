"""The archives of /mydata: each is made from the database when it is sent, and kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import BinaryIO, ClassVar

from sqlalchemy.orm import Session

from bot.platforms.platform import NotCarried
from bot.talk import Attachment
from bot.text import Reader
from handlers.rights import archive
from storage.database import Database
from storage.rights.exporting import amount, pieces


class Archives:
    """The source of archives. What is asked for says whose it is, and in which language its page is written."""

    name: ClassVar[str] = archive.SOURCE

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def resends(self, what: Attachment) -> bool:
        """Never: every archive is new."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Make the archive of a person."""
        await self.make(what, into, most, lambda _percent: None)

    async def make(self, what: Attachment, into: BinaryIO, most: int, report: archive.Report) -> None:
        """Make it, and say how far it is."""
        person, language, timezone = json.loads(what.ref)
        reader = Reader(language, timezone)
        await self._database.read(partial(self._make, person=person, reader=reader, into=into, report=report))
        if into.tell() > most:
            raise NotCarried("big", most)

    def _make(self, session: Session, person: int, reader: Reader, into: BinaryIO, report: archive.Report) -> None:
        archive.write(pieces(session, person), amount(session, person), reader, self._now(), into, report)
