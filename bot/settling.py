"""What became of sent messages is noted many at a time: one commit for all that arrived meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.logs import without_ids
from bot.talk import Done
from storage import post
from storage.database import Database, undoing
from storage.post import Parcel

log = logging.getLogger("twinbot.delivery")

_REMEMBERED = 10_000
_LONGEST_WAIT = 10.0

# Row, state, the platform's id, error.
Result = tuple[int, int, str | None, str | None]


#: Told of a row that did not get through, or not whole, in the transaction that notes it; gives what follows.
Troubled = Callable[[Session, int, str], Sequence[Parcel]]


#: Told what became of a deed, in the transaction that notes it; gives what follows.
Did = Callable[[Session, Done], Sequence[Parcel]]


class Settling:
    """Collects results and writes them. ``references`` remembers the platform's ids of the newest messages.

    ``did`` is given what became of deeds. ``troubled`` may tell somebody of what did not get through;
    ``deliver`` gets what the two write.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database, self._now, self._pause = database, now, pause
        #: Rows whose end is known and not written yet: the database still has them as waiting.
        self.unwritten: set[int] = set()
        self.troubled: Troubled | None = None
        self.did: Did | None = None
        self.deliver: Callable[[Sequence[Parcel]], None] = lambda _parcels: None
        self._results: list[Result] = []
        self._parts: dict[int, tuple[str, ...]] = {}
        self._deeds: dict[int, Mapping[str, Any] | None] = {}
        self._waiting = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self.references: OrderedDict[int, tuple[str, ...]] = OrderedDict()

    def note(self, row: int, state: int, reference: str | None, error: str | None) -> None:
        """Note the end of an outbox row. What a platform says of an error may name people; that is not kept."""
        self._results.append((row, state, reference, error and without_ids(error)))
        self.unwritten.add(row)
        self._empty.clear()
        self._waiting.set()
        if reference:
            self._remember(row, (reference,))

    def note_parts(self, row: int, references: Sequence[str]) -> None:
        """Note of which parts the message of an outbox row consists now. Its end, or an edit's, is noted after it."""
        self._parts[row] = tuple(references)
        self._remember(row, tuple(references))

    def note_deed(self, row: int, result: Mapping[str, Any] | None) -> None:
        """Note what came of a deed, None if it was not done. Its end is noted after it."""
        self._deeds[row] = result

    def _remember(self, row: int, references: tuple[str, ...]) -> None:
        if row in self._parts:
            references = self._parts[row]
        self.references[row] = references
        if len(self.references) > _REMEMBERED:
            self.references.popitem(last=False)

    async def settled(self) -> None:
        """Wait until everything that was noted is written."""
        await self._empty.wait()

    async def run(self) -> None:
        """Write what is noted, until cancelled."""
        failures = 0
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            try:
                await self.flush()
                failures = 0
            except Exception as error:
                waiting, kind = len(self._results), type(error).__name__
                log.error("results of %s outbox rows could not be written; trying again (%s)", waiting, kind)
                self._waiting.set()
                await self._pause(min(2.0**failures, _LONGEST_WAIT))
                failures = min(failures + 1, 10)

    async def flush(self) -> None:
        """Write what is noted now. Raises what the database raises; the results are then kept for another try."""
        results, self._results = self._results, []
        parts, self._parts = self._parts, {}
        deeds, self._deeds = self._deeds, {}
        parcels: list[Parcel] = []
        try:
            if results:
                parcels = await self._database.write(partial(self._write, results=results, parts=parts, deeds=deeds))
        except BaseException:
            self._results, self._parts = results + self._results, {**parts, **self._parts}
            self._deeds = {**deeds, **self._deeds}
            raise
        self.unwritten.difference_update(row for row, *_end in results)
        if not self._results:
            self._empty.set()
        self.deliver(parcels)

    def _write(
        self,
        session: Session,
        results: list[Result],
        parts: dict[int, tuple[str, ...]],
        deeds: dict[int, Mapping[str, Any] | None],
    ) -> list[Parcel]:
        post.settle(session, results, self._now())
        for row, references in parts.items():
            post.keep_parts(session, row, references)
        told = [parcel for row, _state, _ref, error in results if error for parcel in self._tell(session, row, error)]
        errors = {row: error for row, _state, _ref, error in results}
        return told + [parcel for row in deeds for parcel in self._hand_back(session, row, deeds[row], errors[row])]

    def _hand_back(
        self, session: Session, row: int, result: Mapping[str, Any] | None, error: str | None
    ) -> Sequence[Parcel]:
        """Give back what became of a deed; what fails there must not keep the results from being written."""
        found = post.deed_of(session, row)
        if self.did is None or found is None:
            return ()
        chat, platform, payload = found
        done = Done(row, chat, platform, payload["deed"], payload.get("args", {}), result, error)
        try:
            with undoing(session):
                return self.did(session, done)
        except Exception:
            log.exception("what became of the deed in outbox row %s could not be taken", row)
            return ()

    def _tell(self, session: Session, row: int, error: str) -> Sequence[Parcel]:
        """Let somebody be told; what fails there must not keep the results from being written."""
        if self.troubled is None:
            return ()
        try:
            with undoing(session):
                return self.troubled(session, row, error)
        except Exception:
            log.exception("nobody could be told of outbox row %s", row)
            return ()
