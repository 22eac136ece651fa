"""The web chat's own tables: which browser speaks for which account, and the lines its page shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from storage.database import Database
from storage.models.base import CHAT
from storage.models.people import Chat, WebSession
from storage.models.post import WebMessage
from storage.sealing import vault_of

Content = dict[str, Any]


class WebBook:
    """What the web chat asks of the database, each call one unit of work; ``now`` stamps what is new."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    async def account(self, token_hash: str) -> str | None:
        """The account that a browser speaks for, if it is signed in."""
        return await self._db.read(lambda session: account_of(session, token_hash))

    async def sign_in(self, token_hash: str, account: str) -> str:
        """Let a browser speak for an account; the one it speaks for already stays, and is given back."""
        return await self._db.write(lambda session: sign_in(session, token_hash, account, self._now()))

    async def sign_out(self, token_hash: str) -> None:
        """Forget a browser."""
        await self._db.write(lambda session: sign_out(session, token_hash))

    async def put(self, chat: str, ref: str, content: Content, *, mine: bool) -> int:
        """Add a line, once for each ``ref``. Gives the number of the change that brought it."""
        return await self._db.write(lambda session: put(session, chat, ref, content, mine, self._now()))

    async def edit(self, chat: str, ref: str, content: Content) -> bool:
        """Change a line; False if there is none."""
        return await self._db.write(lambda session: edit(session, chat, ref, content))

    async def line(self, chat: str, ref: str) -> WebMessage | None:
        """A line by its stable name."""
        return await self._db.read(lambda session: line(session, chat, ref))

    async def numbered(self, chat: str, ids: Collection[int]) -> Sequence[WebMessage]:
        """Those lines of a chat that have one of these ids."""
        return await self._db.read(lambda session: numbered(session, chat, ids)) if ids else []

    async def latest(self, chat: str, before: int | None, limit: int) -> Sequence[WebMessage]:
        """The last ``limit`` lines, oldest first; with ``before``, those that stand before that line's id."""
        return await self._db.read(lambda session: latest(session, chat, before, limit))

    async def since(self, chat: str, change: int, limit: int) -> Sequence[WebMessage]:
        """Up to ``limit`` lines that are new or edited since a change, in the order in which that happened."""
        return await self._db.read(lambda session: since(session, chat, change, limit))

    async def changes(self, chats: Collection[str]) -> Mapping[str, int]:
        """The number of the last change of each of these chats; none for an empty chat."""
        return await self._db.read(lambda session: changes(session, chats))


def account_of(session: Session, token_hash: str) -> str | None:
    """The account of a signed-in browser."""
    return session.scalar(select(WebSession.account).where(WebSession.token_hash == token_hash))


def sign_in(session: Session, token_hash: str, account: str, now: datetime) -> str:
    """Sign a browser in, unless it is; gives the account it speaks for."""
    _hold(session, token_hash)
    known = account_of(session, token_hash)
    if known is not None:
        return known
    session.add(WebSession(token_hash=token_hash, account=account, created_at=now))
    return account


def sign_out(session: Session, token_hash: str) -> None:
    """Forget a browser."""
    session.execute(delete(WebSession).where(WebSession.token_hash == token_hash))


def put(session: Session, chat: str, ref: str, content: Content, mine: bool, now: datetime) -> int:
    """Add a line unless its ``ref`` is there already; gives the number of the change that brought it.

    The first to come stays: a delivery that is repeated must not undo an edit made in between.
    """
    _hold(session, chat)
    known = session.scalar(select(WebMessage.change).where(WebMessage.chat == chat, WebMessage.ref == ref))
    if known is not None:
        return known
    change = _next_change(session, chat)
    line = WebMessage(chat=chat, ref=ref, content=content, mine=mine, version=1, change=change, created_at=now)
    session.add(line)
    return change


def edit(session: Session, chat: str, ref: str, content: Content) -> bool:
    """Change a line, and count it as a change only if it differs; False if there is no such line."""
    _hold(session, chat)
    line = session.scalar(select(WebMessage).where(WebMessage.chat == chat, WebMessage.ref == ref))
    if line is None:
        return False
    if line.content != content:
        line.content, line.version = content, line.version + 1
        line.change = _next_change(session, chat)
    return True


def line(session: Session, chat: str, ref: str) -> WebMessage | None:
    """A line of a chat by its stable name."""
    return session.scalar(select(WebMessage).where(WebMessage.chat == chat, WebMessage.ref == ref))


def numbered(session: Session, chat: str, ids: Collection[int]) -> Sequence[WebMessage]:
    """Those lines of a chat that have one of these ids; ids of other chats give nothing."""
    return session.scalars(select(WebMessage).where(WebMessage.chat == chat, WebMessage.id.in_(ids))).all()


def passed_on(session: Session, chat: int, ref: str) -> None:
    """Note that a message was passed on to others. On other platforms people change what they said without our help."""
    place = session.execute(select(Chat.platform, Chat.external_id).where(Chat.id == chat)).one_or_none()
    if place is not None and place.platform == "web":
        make_changeable(session, place.external_id, ref)


def make_changeable(session: Session, chat: str, ref: str) -> None:
    """Let a person change a line of their own, or take it back."""
    found = line(session, chat, ref)
    if found is not None and found.mine and not found.content.get("gone"):
        edit(session, chat, ref, {**found.content, "changeable": True})


def latest(session: Session, chat: str, before: int | None, limit: int) -> Sequence[WebMessage]:
    """The last lines before a line's id, oldest first."""
    lines = select(WebMessage).where(WebMessage.chat == chat).order_by(WebMessage.id.desc()).limit(limit)
    if before is not None:
        lines = lines.where(WebMessage.id < before)
    return list(reversed(session.scalars(lines).all()))


def since(session: Session, chat: str, change: int, limit: int) -> Sequence[WebMessage]:
    """The lines that changed after ``change``, in the order of their changes."""
    newer = select(WebMessage).where(WebMessage.chat == chat, WebMessage.change > change)
    return session.scalars(newer.order_by(WebMessage.change).limit(limit)).all()


def changes(session: Session, chats: Collection[str]) -> Mapping[str, int]:
    """The number of the last change of each chat."""
    vault = vault_of(session.get_bind().dialect)
    names: dict[str, str] = {vault.digest(chat, CHAT): chat for chat in chats}
    last = select(WebMessage.chat, func.max(WebMessage.change)).where(WebMessage.chat.in_(names))
    return {names[row[0]]: row[1] for row in session.execute(last.group_by(WebMessage.chat))}


def purge(session: Session, now: datetime, keep: timedelta) -> None:
    """Forget lines of the chat page that are older than ``keep``."""
    session.execute(delete(WebMessage).where(WebMessage.created_at < now - keep))


def _next_change(session: Session, chat: str) -> int:
    highest = session.scalar(select(func.max(WebMessage.change)).where(WebMessage.chat == chat))
    return (highest or 0) + 1


def _hold(session: Session, name: str) -> None:
    """Let only one transaction at a time write to a chat, so that changes become visible in their order.

    SQLite has one writer anyway. On PostgreSQL a page that asked between two commits would otherwise miss the
    change with the lower number for good.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"web {name}"})
