"""Where calendar programs read: a feed at a secret address, which they may keep for a quarter of an hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.platforms.platform import CalendarFeeds
from bot.platforms.web.guard import Limiter, Sources

# So many wrong addresses from one source in so many seconds. Secrets cannot be guessed; this spares the database.
_WRONG, _WHILE = 60, 600
_HEADERS = {"Cache-Control": "private, max-age=900", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


class CalendarDoor:
    """The route of calendar feeds. ``feeds`` is set by whoever has the calendars."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.feeds: CalendarFeeds | None = None
        self._wrong = Limiter(_WRONG, _WHILE, now)
        self._sources = Sources()

    def routes(self) -> list[Route]:
        """Where feeds are found."""
        return [Route("/calendar/{secret}.ics", self.feed)]

    async def feed(self, request: Request) -> Response:
        """The calendar of a secret address; nothing anew for a program that has the newest one."""
        if self.feeds is None:
            return PlainTextResponse("later", 503, {"Retry-After": "2"})
        source = self._sources.of(request)
        if self._wrong.full(source):
            return PlainTextResponse("too many wrong addresses", 429, {"Retry-After": str(_WHILE)})
        found = await self.feeds.calendar(request.path_params["secret"])
        if found is None:
            self._wrong.count(source)
            return PlainTextResponse("there is no such calendar", 404, {"Cache-Control": "no-store"})
        tag = f'"{found.mark}"'
        headers = {**_HEADERS, "ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="twinbot.ics"'
        return Response(found.content, headers=headers, media_type="text/calendar; charset=utf-8")
