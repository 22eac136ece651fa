"""Calendars, made from the database when somebody asks for them: feeds by their secret address, files to be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import BinaryIO, ClassVar

from sqlalchemy.orm import Session

from bot.platforms.platform import CalendarFile, NotCarried
from bot.talk import Attachment
from handlers.reminders.keeping import closed_for
from handlers.reminders.sending import SOURCE
from storage import feeds, reminders, rhythms
from storage.database import Database


class Calendars:
    """What the web serves as feeds, and the source of the files that come with appointments."""

    name: ClassVar[str] = SOURCE

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def calendar(self, secret: str) -> CalendarFile | None:
        """The calendar of a secret address; None if it opens none."""
        return await self._database.read(partial(self._feed, secret=secret))

    def resends(self, what: Attachment) -> bool:
        """Never: an appointment may have changed."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Make the file of a reminder."""
        content = await self._database.read(partial(self._file, reminder=int(json.loads(what.ref))))
        if content is None or len(content) > most:
            raise NotCarried("gone" if content is None else "big", most)
        into.write(content)

    def _feed(self, session: Session, secret: str) -> CalendarFile | None:
        # Imported when the first calendar is asked for: few bots need it at their start.
        from handlers.reminders import ical

        subscriber = rhythms.subscriber(session, secret)
        project = feeds.project_of(session, secret) if subscriber is None else None
        if subscriber is not None:
            content = ical.feed(session, subscriber, self._now())
        elif project is not None:
            content = ical.project_feed(session, *project, self._now())
        else:
            return None
        return CalendarFile(content, hashlib.sha256(content).hexdigest()[:32])

    def _file(self, session: Session, reminder: int) -> bytes | None:
        from handlers.reminders import ical

        kept = reminders.get(session, reminder)
        if kept is None or kept.state == reminders.DELETED:
            return None
        now = self._now()
        return ical.file(kept, now, closed_for(session, kept.owner, now))
