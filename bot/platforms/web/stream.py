"""Live updates as server-sent events (HTML standard, section 9.2), numbered so that a page can go on from any."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.platforms.web.book import Book, Line, Quotes, quoted
from bot.platforms.web.hub import Hub, Watch
from bot.platforms.web.sessions import Visitor

_AT_ONCE = 50
_HEARTBEAT = ": still here\n\n"
# Tells the page that this browser is signed out, so that it does not try again for ever.
_GONE = "event: gone\ndata: {}\n\n"


class Stream:
    """The events of one chat for one open page, beginning after a change that the page has."""

    def __init__(self, book: Book, hub: Hub, heartbeat: float, html: Callable[[Line, Quotes], str]) -> None:
        self._book, self._hub, self._heartbeat, self._html = book, hub, heartbeat, html

    async def events(self, visitor: Visitor, after: int) -> AsyncIterator[str]:
        """Give events until the browser is signed out or the server closes."""
        if visitor.account is None:
            yield _GONE
            return
        yield "retry: 1000\n\n"
        with self._hub.watch(visitor.account, visitor.token_hash) as watch:
            async with aclosing(self._news(visitor, visitor.account, after, watch)) as news:
                async for event in news:
                    yield event
        if not self._hub.closing:
            yield _GONE

    async def _news(self, visitor: Visitor, chat: str, after: int, watch: Watch) -> AsyncGenerator[str, None]:
        while not watch.over:
            if watch.typing is not None:
                yield f"event: typing\ndata: {json.dumps(watch.typing)}\n\n"
                watch.typing = None
            lines = await self._book.since(chat, after, _AT_ONCE)
            quotes = await quoted(self._book, chat, lines)
            for line in lines:
                after = line.change
                yield self._event(line, quotes)
            if lines or await watch.wait(self._heartbeat):
                continue
            if await self._book.account(visitor.token_hash) != chat:
                return
            yield _HEARTBEAT

    def _event(self, line: Line, quotes: Quotes) -> str:
        data = {
            "ref": line.ref,
            "mine": line.mine,
            "language": line.content.get("language", ""),
            "html": self._html(line, quotes),
        }
        return f"id: {line.change}\nevent: line\ndata: {json.dumps(data)}\n\n"


class EventResponse(Response):
    """Sends events as they come and stops as soon as the browser is gone."""

    def __init__(self, events: AsyncIterator[str]) -> None:
        super().__init__(media_type="text/event-stream")
        del self.headers["content-length"]
        # Proxies such as nginx would otherwise hold events back.
        self.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until they end or the browser hangs up."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        sending = asyncio.ensure_future(self._send_all(send))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not sending.done():
                sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    async def _send_all(self, send: Send) -> None:
        async for event in self._events:
            await send({"type": "http.response.body", "body": event.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
