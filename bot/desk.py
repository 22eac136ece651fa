"""The desk: every stored update takes its turn in the lane of its chat, in one transaction each."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from traceback import format_tb

from sqlalchemy.orm import Session

from bot.conversation import House
from bot.lanes import Lanes
from bot.logs import following
from bot.metrics import Metrics
from bot.mine import Mine, shard
from bot.outgoing import Outgoing
from bot.platforms.platform import Platform, RawUpdate, Unreadable
from bot.talk import FileWanted, FlowError, Given, Heard, Message
from bot.tasks import Tasks
from bot.text import Text, Verbatim, _
from bot.turn import Hearing
from storage import people, post
from storage.database import Database, is_away
from storage.post import Parcel, Stored
from storage.sealing import Digest

log = logging.getLogger("twinbot.desk")

Deliver = Callable[[Sequence[Parcel]], None]


class Desk:
    """Takes stored updates, lane by lane, and hands what is to be said to delivery after the commit.

    ``mine`` are the parts of the work that are this process's; ``elsewhere`` hears of lanes of others in which
    something waits.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        house: House,
        deliver: Deliver,
        tasks: Tasks,
        now: Callable[[], datetime],
        metrics: Metrics | None = None,
        mine: Mine | None = None,
    ) -> None:
        self.metrics = metrics or Metrics()
        self._mine = mine or Mine()
        self.elsewhere: Callable[[str, str], None] = lambda _platform, _lane: None
        self.database, self.platforms, self.house = database, platforms, house
        self.deliver, self.now = deliver, now
        #: Looks into a file for a flow: what is in it, at most so many bytes.
        self.open_file: Callable[[Given, int], Awaitable[Given]] = _unopened
        #: Called when a chat has another id from now on.
        self.moved: Callable[[], None] = lambda: None
        self.lanes: Lanes[tuple[str, str], Stored] = Lanes(tasks, self._handle, self._more, ours=self._ours)

    async def recover(self) -> None:
        """Wake the lanes in which updates wait that nobody told us of: of an earlier run, or of another process."""
        for platform, lane in await self.database.read(post.waiting_lanes):
            self.wake(platform, lane)

    def wake(self, platform: str, lane: Digest) -> None:
        """Look what waits in a lane, if it is ours."""
        if platform in self.platforms and self._ours((platform, lane)):
            self.lanes.wake((platform, lane))

    def _ours(self, key: tuple[str, str]) -> bool:
        return self._mine.everything or shard(key[1]) in self._mine

    async def hear(self, platform: str, updates: Sequence[RawUpdate], marks: Mapping[str, str] | None = None) -> None:
        """Store updates and marks in one commit, then let them take their turns. This is the ear of a platform."""
        rows = [(update.event_id, update.lane, update.body) for update in updates]
        unit = partial(post.store_updates, platform=platform, updates=rows, marks=marks or {}, now=self.now())
        for stored in await self.database.write(unit):
            key = (platform, stored.lane)
            if self._ours(key):
                self.lanes.put(key, stored)
            else:
                self.elsewhere(*key)

    async def _more(self, key: tuple[str, str], after: int, limit: int) -> list[Stored]:
        unit = partial(post.waiting_updates, platform=key[0], lane=key[1], after=after, limit=limit)
        return await self.database.read(unit)

    async def _handle(self, item: Stored) -> None:
        """Handle one update, whatever it is. Raises only while the database is away; then its lane waits."""
        following(f"u{item.id}")
        with self.metrics.turns.labels(item.platform).time():
            outcome = await self._answer(item)
        log.debug("turn on %s: %s", item.platform, outcome)
        self.metrics.updates.labels(item.platform, outcome).inc()

    async def _answer(self, item: Stored) -> str:
        """Have one update answered; what became of it."""
        try:
            heard = self.platforms[item.platform].read(json.loads(item.body))
        except Unreadable as error:
            await self._set_aside(item, f"unreadable: {error}")
            return "unreadable"
        except Exception as error:
            # Any other error's words may quote the update.
            await self._set_aside(item, f"unreadable: {type(error).__name__}")
            return "unreadable"
        try:
            parcels = await self._take(item, heard)
        except Exception as error:
            if is_away(error):
                raise
            await self._apologise(item, heard, error)
            return "failed"
        if heard is not None and heard.moved_to is not None:
            self.moved()
        self.deliver(parcels)
        return "handled"

    async def _take(self, item: Stored, heard: Heard | None) -> list[Parcel]:
        """Take a turn. Where its flow wants to look into a file, that is fetched, and the turn begins again."""
        try:
            return await self.database.write(partial(self._turn, item=item, heard=heard))
        except FileWanted as wanted:
            opened = await self.open_file(wanted.given, wanted.most)
        return await self.database.write(partial(self._turn, item=item, heard=heard, opened=opened))

    def _turn(self, session: Session, item: Stored, heard: Heard | None, opened: Given | None = None) -> list[Parcel]:
        if not post.done(session, item.id) or heard is None:
            return []
        key = f"u{item.id}"
        return Hearing(self.house, session, item.platform, heard, key=key, now=self.now(), opened=opened).run()

    async def _set_aside(self, item: Stored, reason: str) -> None:
        log.warning("update %s of %s set aside: unreadable", item.id, item.platform)
        await self.database.write(partial(post.set_aside, update_id=item.id, reason=reason))

    async def _apologise(self, item: Stored, heard: Heard | None, error: Exception) -> None:
        """A flow failed: its turn is undone; the person hears of it, the log has the trace under the same id."""
        error_id = secrets.token_hex(3)
        log.error("error %s: update %s of %s set aside\n%s", error_id, item.id, item.platform, _trace(error))
        try:
            parcels = await self.database.write(partial(self._apology, item=item, heard=heard, error_id=error_id))
        except Exception as another:
            log.error("error %s: the apology failed too\n%s", error_id, _trace(another))
            unit = partial(post.set_aside, update_id=item.id, reason="a flow failed", error_id=error_id)
            await self.database.write(unit)
        else:
            self.deliver(parcels)

    def _apology(self, session: Session, item: Stored, heard: Heard | None, error_id: str) -> list[Parcel]:
        now = self.now()
        post.set_aside(session, item.id, "a flow failed", error_id)
        if heard is None or heard.kind == "group":
            return []
        out = Outgoing(session, item.platform, heard.chat, heard.kind, key=f"u{item.id}.error", now=now)
        met = people.meet(session, item.platform, heard.sender, heard.chat, heard.kind, now=now, language="en")
        out.to(met)
        out.put(Message(_sorry(error_id)))
        return out.parcels


async def _unopened(given: Given, most: int) -> Given:
    """A program without a carrier opens no files."""
    raise FlowError(f"nobody can open a file of {given.platform}")


def _trace(error: BaseException) -> str:
    """Where an error came from, without its message: that may quote what a person wrote."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    said = f": {error}" if isinstance(error, FlowError) else ""
    parts = [_trace(earlier) + "\n\n" if earlier else "", *format_tb(error.__traceback__), type(error).__name__, said]
    return "".join(parts)


def _sorry(error_id: str) -> Text:
    return _(
        "Sorry, something went wrong on our side. Please try again. If it happens again, tell support this code: {id}",
        id=Verbatim(error_id),
    )
