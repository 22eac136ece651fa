"""What follows from work that is nobody's turn: news, letters, deeds, and what is brought to other chats."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.notices import Notices
from bot.relay import Relay
from bot.talk import Do, Letter, News, Relayed
from storage.post import INTERACTIVE, Parcel


class Telling:
    """Collects the parcels of what is told. ``key`` is unique for the work that tells. Where it ``gathers``, news for
    many are written together, when it finishes."""

    def __init__(
        self, session: Session, key: str, now: datetime, lane: int = INTERACTIVE, *, gathers: bool = False
    ) -> None:
        self._notices = Notices(session, key, now, lane, gathers=gathers)
        self._relay = Relay(session, f"{key}by.", now)

    def tell(self, what: News | Letter | Do | Relayed) -> None:
        """Put it into the outbox."""
        if isinstance(what, News | Letter | Do):
            self._notices.tell(what)
        else:
            self._relay.bring(what)

    def finish(self) -> list[Parcel]:
        """Write what was gathered; gives the parcels."""
        self._notices.flush()
        return self.parcels

    @property
    def parcels(self) -> list[Parcel]:
        """What may leave as soon as the work is committed."""
        return [*self._notices.parcels, *self._relay.parcels]
