"""A small platform of the tests' own, and a house with a database behind it whose waits take no time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from sqlalchemy.orm import Session

from bot.delivery import Delivery
from bot.platforms.platform import (
    Ear,
    File,
    NotCarried,
    OnTyping,
    Pace,
    Post,
    Profile,
    RawUpdate,
    SendError,
    Unreadable,
)
from bot.talk import Heard
from bot.talk.messages import Attachment, FileKind
from bot.tasks import Tasks
from bot.text import Node, encode
from storage import people, post
from storage.database import Database
from storage.models import OutboxRow
from storage.post import Parcel
from tests.migrated import migrated
from tests.patience import PATIENCE
from tests.vault import VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Step = BaseException | None
FREE = Pace()


class Bell:
    """Rings at every change; whoever waits looks again."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._rung.clear()
                await self._rung.wait()


class Mailbox:
    """A platform in memory. ``plan`` holds, chat by chat, what happens to the next sends: an error, or None.

    ``shelf`` holds the bytes of the files that were heard, or the errors that fetching one raises.
    """

    name: ClassVar[str] = "mailbox"
    numbered: ClassVar[bool] = False
    limit: ClassVar[int] = 40
    caption: ClassVar[int] = 20
    pace: Pace = FREE

    def __init__(self) -> None:
        self.shelf: dict[str, bytes | deque[SendError]] = {}
        self.most, self.again = 1_000_000, False
        self.brought: list[bytes | None] = []
        self.on_typing: OnTyping | None = None
        self.tried: list[Post] = []
        self.arrived: list[Post] = []
        self.plan: dict[str, deque[Step]] = {}
        self.held: dict[str, asyncio.Event] = {}
        self.ear: Ear | None = None
        self.running = asyncio.Event()
        self.bell = Bell()

    def will(self, chat: str, *steps: Step) -> None:
        self.plan[chat] = deque(steps)

    def texts(self, chat: str) -> list[str]:
        return [one.shown.text for one in self.arrived if one.chat == chat]

    async def run(self, ear: Ear) -> None:
        self.ear = ear
        self.running.set()
        await asyncio.Event().wait()

    def read(self, body: Any) -> Heard | None:
        if not isinstance(body, dict) or "chat" not in body:
            raise Unreadable("no chat")
        if body.get("nothing"):
            return None
        return Heard(chat=body["chat"], sender=body["chat"], **body.get("more", {}), text=body.get("text"))

    async def send(self, post: Post) -> str:
        self.tried.append(post)
        self.bell.ring()
        if post.chat in self.held:
            await self.held[post.chat].wait()
        steps = self.plan.get(post.chat)
        step = steps.popleft() if steps else None
        if step is not None:
            raise step
        self.arrived.append(post)
        if post.shown.file is not None:
            self.brought.append(_content(post.shown.file))
        self.bell.ring()
        return post.edits or post.removes or f"ref {len(self.arrived)}"

    async def largest(self, kind: FileKind) -> int:
        return self.most

    def resends(self, what: Attachment) -> bool:
        return self.again

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        found = self.shelf.get(what.ref, b"")
        if isinstance(found, bytes):
            if len(found) > most:
                raise NotCarried("big", most)
            into.write(found)
        else:
            into.write(b"half of it")
            raise found.popleft()

    async def typing(self, chat: str, on: bool) -> None:
        return None

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        return None

    async def close(self) -> None:
        return None


def _content(file: File) -> bytes | None:
    if file.open is None:
        return None
    with file.open() as content:
        return content.read()


class PostHouse:
    """Delivery over a real database. Waits are noted and take no time, unless ``waiting`` holds them."""

    def __init__(self, database: Database, pace: Pace = FREE) -> None:
        self.database, self.mailbox = database, Mailbox()
        self.mailbox.pace = pace
        self.pauses: list[float] = []
        self.waiting: asyncio.Event | None = None
        self.tasks = Tasks()
        self.delivery = Delivery(
            database, {"mailbox": self.mailbox}, self.tasks, lambda: NOW, self._pause, spread=lambda: 0.0
        )

    async def parcel(self, chat: str, body: Node, *, lane: int = 0, **payload: Any) -> Parcel:
        """A message that is committed, and not yet handed over."""
        return await self.database.write(partial(written, chat=chat, body=body, payload=payload, lane=lane))

    async def says(self, chat: str, body: Node, *, lane: int = 0, **payload: Any) -> int:
        """Commit a message and hand it over; the id of its row."""
        parcel = await self.parcel(chat, body, lane=lane, **payload)
        self.delivery.put([parcel])
        return parcel.id

    async def done(self) -> None:
        await self.delivery.idle()

    async def row(self, row: int) -> tuple[int, str | None, str | None]:
        """State, the platform's id and the error of an outbox row."""

        def look(session: Session) -> tuple[int, str | None, str | None]:
            found = session.get(OutboxRow, row)
            assert found is not None
            return found.state, found.external_ref, found.error

        return await self.database.read(look)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.mailbox.bell.ring()
        if self.waiting is not None:
            await self.waiting.wait()
        await asyncio.sleep(0)


def written(session: Session, chat: str, body: Node, payload: Mapping[str, Any], lane: int = 0) -> Parcel:
    """Write a message to somebody into the outbox."""
    met = people.meet(session, "mailbox", chat, chat, "private", now=NOW, language="en")
    content = {"body": encode(body), **payload}
    key = f"k{session.query(OutboxRow).count()}"
    row = post.put(session, chat=met.chat, kind="message", payload=content, key=key, lane=lane, now=NOW)
    return next(p for p in post.waiting_parcels(session, met.chat, row - 1, 1, NOW, lane) if p.id == row)


def fresh(url: str) -> Database:
    """A migrated database."""
    return Database(migrated(url), VAULT)


@asynccontextmanager
async def post_house(
    folder: Path, *, then: Callable[[PostHouse], None] = lambda _h: None, pace: Pace = FREE
) -> AsyncIterator[PostHouse]:
    database = fresh(f"sqlite:///{folder}/twinbot.db")
    house = PostHouse(database, pace)
    then(house)
    try:
        yield house
    finally:
        await house.tasks.stop()
        database.close()


def raw(number: int, chat: str, body: str) -> RawUpdate:
    return RawUpdate(f"e{number}", chat, body)
