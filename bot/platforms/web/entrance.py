"""Where one-time links lead: a page that says what a press does, and does nothing by itself.

Mail programs, chats and virus scanners open links before people do, so looking (GET) never acts; only the button does.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.platform import Browser, Tickets
from bot.platforms.web.guard import Limiter, Refused, Sources, check_origin, read_form
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import Pages, languages, wanted_language
from bot.platforms.web.sessions import Sessions, Visitor
from bot.talk.onetime import Sheet
from bot.text import Reader
from bot.text.catalogs import nearest

# So many wrong addresses from one source in so many seconds. Tokens cannot be guessed; this spares the database.
_WRONG, _WHILE = 20, 600


class Entrance:
    """The routes of one-time links. ``tickets`` is set by whoever knows what they are for."""

    def __init__(
        self, pages: Pages, sessions: Sessions, hub: Hub, *, public_url: str | None, now: Callable[[], datetime]
    ) -> None:
        self.tickets: Tickets | None = None
        self._pages, self._sessions, self._hub, self._public_url = pages, sessions, hub, public_url
        self._wrong = Limiter(_WRONG, _WHILE, now)
        self._sources = Sources()

    def routes(self) -> list[Route]:
        """Where each thing is found."""
        return [
            Route("/in/{token}", self._caring(self.show), methods=["GET"]),
            Route("/in/{token}", self._caring(self.take), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page of a ticket."""
        visitor = await self._sessions.visitor(request)
        self._spare(request)
        browser = Browser(visitor.account, visitor.token_hash)
        return self._page(request, await self._known().show(request.path_params["token"], browser))

    async def take(self, request: Request) -> Response:
        """A press on the page. A browser that is signed in by it gets a new cookie and goes where it leads."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        self._spare(request)
        choice = (await read_form(request)).get("choice", "")
        fresh = Visitor(secrets.token_urlsafe(32), None)
        browser = Browser(visitor.account, visitor.token_hash, fresh.token_hash)
        sheet = await self._known().take(request.path_params["token"], choice, browser)
        if sheet is None or sheet.enters is None:
            return self._page(request, sheet)
        self._hub.end_browser(visitor.token_hash)
        response = RedirectResponse("/#end" if sheet.leads is None else f"/{sheet.leads}", 303)
        self._sessions.keep(response, fresh)
        return response

    def _known(self) -> Tickets:
        if self.tickets is None:
            raise Refused(503, "later", retry_after=2)
        return self.tickets

    def _spare(self, request: Request) -> None:
        """Raises Refused (429) if too many wrong addresses came from there lately."""
        if self._wrong.full(self._sources.of(request)):
            raise Refused(429, "fast", retry_after=_WHILE)

    def _page(self, request: Request, sheet: Sheet | None) -> Response:
        reader = _reader(request, sheet)
        if sheet is None:
            self._wrong.count(self._sources.of(request))
            return self._answer(self._pages.error(reader, "no_link_title", "no_link"), 404)
        return self._answer(self._pages.sheet(reader, sheet), 410 if sheet.gone else 200)

    def _caring(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Say what was refused on a page of its own, not in the chat, which the person may never have seen."""

        async def careful(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Refused as error:
                page = self._pages.error(_reader(request, None), "refused_title", error.word)
                headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
                return self._answer(page, error.status, headers)

        return careful

    def _answer(self, html: str, status: int, headers: dict[str, str] | None = None) -> Response:
        kept = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", **(headers or {})}
        return HTMLResponse(html, status, kept)


def _reader(request: Request, sheet: Sheet | None) -> Reader:
    """The language asked for in the address, then the one that the person is known to read, then the browser's."""
    chosen = request.query_params.get("language", "")
    if chosen in languages():
        return Reader(chosen)
    known = sheet.language if sheet is not None else None
    return Reader(nearest(known) if known else wanted_language(request.headers.get("accept-language", "")))
