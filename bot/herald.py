"""What processes on one PostgreSQL tell each other: not what is new, but where to look for it.

Notices go out after the commit, many together and in a transaction of their own: within the commits of turns they would
let only one of these end at a time. One that is lost, because a process died before it could tell, is made good by
looking now and then.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from functools import partial

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.bell import Bell
from storage.database import Database

log = logging.getLogger("twinbot.herald")

CHANNEL = "twinbot_work"
# A notice of PostgreSQL has at most 8000 bytes.
_MOST = 7500
# Seconds between two looks whether the connection that listens is whole.
_LOOK = 1.0
_NOTIFY = text("SELECT pg_notify(:channel, :words)")


class Herald:
    """Tells the other processes, and hears them. ``heard`` is given each thing that others tell: a few words."""

    def __init__(self, database: Database, heard: Callable[[str], None]) -> None:
        self._database, self._heard = database, heard
        self._me = secrets.token_hex(4)
        self._words: dict[str, None] = {}
        self._waiting = asyncio.Event()

    def tell(self, words: str) -> None:
        """Tell something soon; what is told twice before that is told once."""
        self._words[words] = None
        self._waiting.set()

    async def listen(self) -> None:
        """Hear what others tell, until cancelled."""
        bell = Bell(self._database, CHANNEL, self._take, told=_LOOK)
        try:
            while True:
                await bell.wait(_LOOK)
        finally:
            bell.close()

    async def run(self) -> None:
        """Tell what there is to tell, until cancelled."""
        while True:
            await self._waiting.wait()
            try:
                await self.flush()
            except Exception as error:
                log.debug("others could not be told (%s); they look for themselves", type(error).__name__)

    async def flush(self) -> None:
        """Tell now. Raises what the database raises."""
        self._waiting.clear()
        words, self._words = list(self._words), {}
        for bundle in _bundles(words):
            await self._database.write(partial(_notify, words="\n".join([self._me, *bundle])))

    def _take(self, notice: str) -> None:
        sender, *words = notice.split("\n")
        if sender == self._me:
            return
        for word in words:
            try:
                self._heard(word)
            except (ValueError, KeyError):
                log.warning("another process said something that this version does not know")


def _notify(session: Session, words: str) -> None:
    session.execute(_NOTIFY, {"channel": CHANNEL, "words": words})


def _bundles(words: list[str]) -> list[list[str]]:
    """What fits into one notice each."""
    bundles: list[list[str]] = []
    room = 0
    for word in words:
        room -= len(word.encode()) + 1
        if room < 0:
            bundles.append([])
            room = _MOST - len(word.encode()) - 1
        bundles[-1].append(word)
    return bundles
