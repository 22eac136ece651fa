"""Tables for a spreadsheet, made from the database when they are sent, and kept nowhere."""

from __future__ import annotations

import json
from functools import partial
from typing import BinaryIO, ClassVar

from bot.platforms.platform import NotCarried
from bot.talk import Attachment
from handlers.announcing import reporting
from storage.database import Database


class Tables:
    """The source of the reports of announcements. What is asked for is the number of one."""

    name: ClassVar[str] = reporting.SOURCE

    def __init__(self, database: Database) -> None:
        self._database = database

    def resends(self, what: Attachment) -> bool:
        """Never: every table is new."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Write the table."""
        await self._database.read(partial(reporting.write, number=json.loads(what.ref), into=into))
        if into.tell() > most:
            raise NotCarried("big", most)
