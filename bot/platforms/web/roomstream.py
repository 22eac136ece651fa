"""Live updates of a room for one open page, numbered by the room's changes, so that a page can go on from any."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from bot.platforms.web.hub import Hub, Watch
from bot.platforms.web.roombook import PREFIX, Place, RoomBook, Said
from bot.platforms.web.sessions import Visitor

_AT_ONCE = 50
_HEARTBEAT = ": still here\n\n"
_GONE = "event: gone\ndata: {}\n\n"
# The room can be written in now and could not before, or the other way round: the page comes anew.
_OTHERWISE = "event: otherwise\ndata: {}\n\n"


class RoomStream:
    """The events of one room for one open page, beginning after a change that the page has. ``still`` says whether its
    browser still speaks for the same account; that is asked when nothing is new."""

    def __init__(
        self,
        book: RoomBook,
        hub: Hub,
        heartbeat: float,
        html: Callable[[Said, Place], str],
        still: Callable[[], Awaitable[bool]],
    ) -> None:
        self._book, self._hub, self._heartbeat, self._html, self._still = book, hub, heartbeat, html, still

    async def events(self, visitor: Visitor, address: str, after: int) -> AsyncIterator[str]:
        """Give events until the browser is signed out, the person leaves the room, or the server closes."""
        account = visitor.account
        place = None if account is None else await self._book.room(account, address)
        if account is None or place is None:
            yield _GONE
            return
        yield "retry: 1000\n\n"
        with self._hub.watch(f"{PREFIX}{address}", visitor.token_hash) as watch:
            async with aclosing(self._news(account, place, after, watch)) as news:
                async for event in news:
                    yield event
        if not self._hub.closing:
            yield _GONE

    async def _news(self, account: str, place: Place, after: int, watch: Watch) -> AsyncGenerator[str, None]:
        address, read, can_write = place.address, after, place.shut is None
        while not watch.over:
            news = await self._book.since(account, address, after, _AT_ONCE)
            if news is None or not (news.lines or await self._still()):
                return
            for one in news.lines:
                after = one.change
                yield self._event(one, place)
            if news.open != can_write:
                can_write = news.open
                yield _OTHERWISE
            # What came since the look has rung the bell already.
            if len(news.lines) == _AT_ONCE or await watch.wait(self._heartbeat):
                continue
            # Written down at a quiet moment and not with each message: many may be looking.
            if read < after:
                await self._book.read(account, address, after)
                read = after
            yield _HEARTBEAT

    def _event(self, one: Said, place: Place) -> str:
        data = {"ref": f"m{one.id}", "id": one.place, "mine": one.mine, "html": self._html(one, place)}
        return f"id: {one.change}\nevent: line\ndata: {json.dumps(data)}\n\n"
