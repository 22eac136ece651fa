"""Working alone on a database: the one owner of an SQLite file, while others stand by."""

from __future__ import annotations

import asyncio
import logging

from bot.platforms.platform import Setback
from storage.database import Database
from storage.keys import WrongKey
from storage.migrations import upgrade
from storage.owner import Ownership

log = logging.getLogger("twinbot.app")

# How often, in seconds, one that stands by looks whether the owner has gone.
_LOOK = 1.0


class Alone:
    """The ownership of a database, and what it allows: to migrate it and to work on it."""

    def __init__(self, database: Database) -> None:
        self._database, self._owner = database, Ownership(database.engine)

    async def begin(self) -> None:
        """Become the one process that runs on this database; wait for it if another one does. Then migrate: a newer
        version that stands by must not change tables under an older one."""
        waiting = False
        while not await asyncio.to_thread(self._owner.take):
            if not waiting:
                log.info("another twinbot runs on this database; standing by until it ends")
                waiting = True
            await asyncio.sleep(_LOOK)
        await asyncio.to_thread(migrate, self._database)

    async def stay(self) -> None:
        """Nothing takes an SQLite file from its owner; until cancelled."""
        await asyncio.Event().wait()

    async def end(self) -> None:
        """Let another process be the owner."""
        self._owner.release()


def migrate(database: Database) -> None:
    """Bring the database to today's tables. Raises Setback if its key was changed while this process stood by."""
    try:
        upgrade(database.engine)
    except WrongKey as error:
        raise Setback(f"{error} Start again with that key.") from None
