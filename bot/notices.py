"""News for people outside of their own turn: each goes to the private chat where its reader was heard last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.outgoing import Outgoing
from bot.talk import Message, News
from storage import dialogues, people
from storage.people import Met
from storage.post import Parcel


class Notices:
    """Collects the parcels of news. ``key`` is unique for the work that tells; the news are counted under it."""

    def __init__(self, session: Session, key: str, now: datetime) -> None:
        self._session, self._key, self._now = session, key, now
        self._told = 0
        #: What may leave as soon as the work is committed; what waits for a later moment is found by the clock.
        self.parcels: list[Parcel] = []

    def tell(self, news: News) -> None:
        """Put news into the outbox; somebody who has no chat any more is told nothing."""
        place = people.reach(self._session, news.person)
        if place is None:
            return
        self._told += 1
        key = f"{self._key}{self._told}"
        out = Outgoing(self._session, place.platform, place.external_id, "private", key=key, now=self._now)
        out.to(Met(news.person, place.chat, place.language, place.timezone, frozenset(), [], None))
        token = out.put(Message(news.body, news.options), later=news.later)
        if token is not None:
            dialogues.show_last(self._session, place.chat, news.person, token, self._now)
        if news.later is None:
            self.parcels += out.parcels
