"""The cards of a class, printed from the database when they are sent, and kept nowhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO, ClassVar

from sqlalchemy.orm import Session

from bot.platforms.platform import NotCarried
from bot.talk import Attachment
from bot.text import Reader
from handlers.pupils.printing import SOURCE, Card, Cards, write
from storage import projects, pupils
from storage.database import Database


class CardPrinter:
    """The source of cards. What is asked for says whose they are, which of them, and for which reader. No code stands
    there, so none lies in the outbox. ``address`` is where people reach the web pages."""

    name: ClassVar[str] = SOURCE

    def __init__(self, database: Database, address: str, now: Callable[[], datetime]) -> None:
        self._database, self._address, self._now = database, address, now

    def resends(self, what: Attachment) -> bool:
        """Never: a card may have been replaced meanwhile."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Print the cards. Raises `NotCarried` if none of them is good any more."""
        owner, numbers, language = json.loads(what.ref)
        found = await self._database.read(partial(self._look, owner=owner, numbers=numbers))
        if found is None:
            raise NotCarried("gone")
        await asyncio.to_thread(write, found, Reader(language), into)
        if into.tell() > most:
            raise NotCarried("big", most)

    def _look(self, session: Session, owner: int, numbers: list[int]) -> Cards | None:
        places = pupils.numbered(session, owner, numbers, self._now())
        project = projects.find(session, places[0].project) if places else None
        if project is None:
            return None
        cards = [Card(place.nickname, place.code, place.pictures) for place in places]
        last = (places[0].expires_at - timedelta(days=1)).date()
        elsewhere = any(place.elsewhere for place in places)
        return Cards(project.facts.title, f"{self._address}/join", last, cards, elsewhere)
