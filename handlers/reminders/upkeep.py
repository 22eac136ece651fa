"""What is done now and then: alarms follow a new tz database, what ended long ago is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Tell
from handlers.reminders.keeping import set_alarms
from handlers.reminders.zones import fingerprint, is_zone
from storage import alarms, breaks, polls, reminders

_ONCE_A_DAY = timedelta(days=1)
_CHUNK = 500
# What /privacy promises.
_KEEP_ENDED = timedelta(days=90)
_KEEP_DELETED = timedelta(days=7)
_KEEP_TOLD = timedelta(days=90)
_KEEP_BREAKS = timedelta(days=366)


class ZoneWatch:
    """Sees when a newer tz database has other rules for a zone, and computes the alarms in it anew.

    The tz database of a process never changes while it runs, so it looks at its start and once a day.
    """

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        #: The zone that is being recomputed, the digest of its new rules, and the last reminder that is done.
        self._under_way: tuple[str, str, int] | None = None

    def work(self, session: Session, now: datetime, _tell: Tell) -> bool:
        """Recompute a chunk of one zone, or look for one. Returns whether there is more to do."""
        if self._under_way is None and not self._look(session, now):
            return False
        assert self._under_way is not None
        zone, digest, after = self._under_way
        chunk = alarms.in_zone(session, zone, after, _CHUNK)
        for reminder, people in chunk:
            kept = reminders.get(session, reminder)
            if kept is not None and people:
                set_alarms(session, kept, people, now)
        if len(chunk) < _CHUNK:
            alarms.keep_zone(session, zone, digest)
            self._under_way, self._looked_at = None, None
        else:
            self._under_way = (zone, digest, chunk[-1][0])
        return True

    def _look(self, session: Session, now: datetime) -> bool:
        """Find the next zone with other rules than those that its alarms were computed by."""
        if self._looked_at is not None and abs(now - self._looked_at) < _ONCE_A_DAY:
            return False
        for zone, known in alarms.zones(session).items():
            if not is_zone(zone):
                continue
            digest = fingerprint(zone, now.year)
            if known is None:
                alarms.keep_zone(session, zone, digest)
            elif known != digest:
                self._under_way = (zone, digest, 0)
                return True
        self._looked_at = now
        return False


def tidy(session: Session, now: datetime, _tell: Tell) -> bool:
    """Forget what ended or was told long ago."""
    reminders.purge(session, now, keep_ended=_KEEP_ENDED, keep_deleted=_KEEP_DELETED, keep_told=_KEEP_TOLD)
    polls.purge(session, now, _KEEP_ENDED)
    breaks.purge(session, now, _KEEP_BREAKS)
    return False
