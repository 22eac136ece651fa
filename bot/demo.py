"""What only the demo has: one-time addresses for fictional officers, and fictional teachers whom anybody may play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from handlers.signing_in import sign_in_token
from storage import playing
from storage.database import Database
from storage.playing import Player

#: The printed addresses wait for somebody who looks at the demo tomorrow.
_PRINTED = timedelta(days=1)


class Stage:
    """Fictional people, to be played. Everything else about them is as with real people."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def set(self, country: str) -> tuple[str, str, str]:
        """Make everybody ready; the tokens that sign in as support of a country, and as two of central support: what
        goes to many needs a second officer."""
        return self._database.do(partial(_set, country=country, now=self._now()))

    async def newest(self) -> Sequence[Player]:
        """Those who were told something last."""
        return await self._database.read(playing.newest)

    async def find(self, words: str) -> Sequence[Player]:
        """Those whose names are like these words."""
        return await self._database.read(partial(playing.find, words=words))

    async def ticket(self, person: int) -> str | None:
        """A token that signs in as somebody fictional; None for anybody else."""
        return await self._database.write(partial(_ticket, person=person, now=self._now()))


def _set(session: Session, country: str, now: datetime) -> tuple[str, str, str]:
    playing.set_the_stage(session, now)
    national, central = playing.officer(session, country, now), playing.officer(session, None, now)
    second = playing.officer(session, None, now, second=True)
    one, two, three = (sign_in_token(session, person, now, _PRINTED) for person in (national, central, second))
    return one, two, three


def _ticket(session: Session, person: int, now: datetime) -> str | None:
    return sign_in_token(session, person, now) if playing.fictional(session, person) else None
